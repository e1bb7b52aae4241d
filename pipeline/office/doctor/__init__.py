"""What is wrong with a machine or a station, before the first file is taken: each finding with its remedy."""

from lexicon.faults import Fault
from pipeline.config import Config
from pipeline.office.doctor.findings import Check, Outcome
from pipeline.office.doctor.inside import of_folders, of_station
from pipeline.office.doctor.machine import of_machine
from pipeline.station import open_station

__all__ = ["Check", "Outcome", "examine"]


def examine(config: Config) -> list[Check]:
    """Look at the machine, at what the station has on it, and at the station itself, as far as it opens; never raises.

    In production, what a trial is only warned of is a fault: root, swap or a volume in clear, a clock left to itself.
    """
    checks = [*of_machine(config), *of_folders(config)]
    try:
        station = open_station(config)
    except Fault as fault:
        return [*checks, Check("station", Outcome.FAULT, fault)]
    try:
        return [*checks, Check("station", Outcome.OK, None), *of_station(station)]
    finally:
        station.close()
