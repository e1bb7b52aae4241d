"""A host tried out and written down: what it really does, saved beside the station and bound by a custody entry."""

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import rfc8785

from lexicon.faults import HostFault
from lexicon.probes import ANSWERS, PROBES
from lexicon.sentences import Language
from pipeline.software import SOFTWARE
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.files import replacing
from storage.hosts import Host
from storage.hosts.opening import open_host
from storage.hosts.probe import Answer, Place, Probed, clear, found, probe
from storage.hosts.settings import S3Settings
from storage.times import write_time

FILE: Final = "host-check.json"
FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class HostReport:
    """What was found; `fails` where something that a deposit needs is missing."""

    host: str
    at: str
    findings: tuple[Probed, ...]
    certification: dict[str, Any]
    """The HDS facts as configured: dates in ISO 8601, empty where not stated."""

    @property
    def fails(self) -> bool:
        return any(finding.fails for finding in self.findings)

    def answer(self) -> dict[str, Any]:
        """JSON, as saved and as `--json` prints it."""
        findings = [{**asdict(finding), "answer": finding.answer.value} for finding in self.findings]
        return {
            "at": self.at,
            "certification": self.certification,
            "fails": self.fails,
            "findings": findings,
            "format": FORMAT,
            "host": self.host,
            "software": SOFTWARE,
        }


def check_host(station: Station) -> HostReport:
    """Try the host, save what was found in the station's folder, and append the entry that binds it.

    Raises `HostFault` where the host cannot be opened at all; a host that is not certified is tried all the same.
    """
    section = station.config.host
    host = open_host(section.settings(station.config.path), station.config.base, station.id)
    try:
        with station.workplace() as folder:
            findings = tuple(_findings(station, host, Place(f"{station.id}/probe/", folder)))
        report = HostReport(host.name, write_time(station.clock.now()), findings, facts(station))
    finally:
        host.close()
    _record(station, report)
    return report


def told(report: HostReport, language: Language) -> str:
    """The findings as a table: what was tried, the answer, how much; what a deposit cannot do without has a mark."""
    place = 0 if language == "fr" else 1
    lines = []
    for finding in report.findings:
        mark = "✗" if finding.fails else "✓" if finding.answer in {Answer.YES, Answer.MEASURED} else "·"
        value = f" ({finding.value})" if finding.value != "" else ""
        colon = " :" if language == "fr" else ":"
        lines.append(f"  {mark} {PROBES[finding.name][place]}{colon} {ANSWERS[finding.answer.value][place]}{value}")
    return "\n".join(lines)


def facts(station: Station) -> dict[str, Any]:
    """The HDS facts of the host as configured, for JSON."""
    stated = asdict(station.config.host.hds.certification)
    return {name: _written(value) for name, value in stated.items()}


def _written(value: Any) -> Any:
    match value:
        case None:
            return ""
        case date():
            return value.isoformat()
        case tuple():
            return list(value)
        case _:
            return value


def _findings(station: Station, host: Host, place: Place) -> Iterator[Probed]:
    clear(host, place)
    yield from probe(host, place)
    settings = station.config.host.settings(station.config.path)
    if isinstance(settings, S3Settings):
        yield from _bucket(host, station.config.base, place)
    production = station.config.station.mode == "production"
    yield found("hds", lambda: _certified(station), essential=production)


def _bucket(host: Host, base: Path, place: Place) -> Iterator[Probed]:
    """Imported where it is used: boto3 is an extra."""
    from storage.hosts.s3 import S3Host  # noqa: PLC0415
    from storage.hosts.s3_probe import probe_bucket  # noqa: PLC0415

    if isinstance(host, S3Host):
        yield from probe_bucket(host, base, place)


def _certified(station: Station) -> Answer | tuple[Answer, str]:
    try:
        station.config.host.hds.certification.require(station.clock.moment().day)
    except HostFault as fault:
        return Answer.NO, fault.code
    return Answer.YES


def _record(station: Station, report: HostReport) -> None:
    """The file's SHA-256 is in the entry: what was found that day can be shown later."""
    content = rfc8785.dumps(report.answer())
    with replacing(station.config.folder / FILE) as stream:
        stream.write(content)
    counts = {"findings": len(report.findings), "failing": sum(finding.fails for finding in report.findings)}
    draft = Draft(
        EntryType.VALIDATION,
        f"station:{station.identifiers.new()}",
        "host-unfit" if report.fails else "host-fit",
        counts=counts,
        hashes_out=(hashlib.sha256(content).hexdigest(),),
        sizes_out=(len(content),),
    )
    with station.database.write("host.check") as session:
        station.ledger.append(session, draft, at=station.clock.now())
