"""A station with refused and held documents and people who may decide, made once and copied for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from consent_gate.model import DocumentId
from consent_gate.people import Role
from demo import records
from demo.people import everybody
from demo.records import Invented
from demo.scanner import Mode
from pipeline.station import Station
from storage.stored import StoredDocument
from tests.people_fixtures import Somebody, Staff, Ticking, copied, staffed
from tests.trial_fixtures import SEED, TODAY, Trial, _rng, work

UNHEARD, UNKNOWN, WITHDRAWN = "A1009", "A1999", "A1007"
NAME = "Zéphyrine Plantagenêt"
"""Of the reviewer: hunted for wherever it must not be."""


@dataclass(frozen=True, slots=True)
class Office:
    """An opened station and its people, under a clock that the test sets."""

    trial: Trial
    station: Station
    clock: Ticking
    administrator: Somebody
    reviewer: Somebody
    second: Somebody
    controller: Somebody
    operator: Somebody

    def document(self, patient: str, *, number: int = 0) -> StoredDocument:
        """The patient's documents in order of arrival: one of them."""
        with self.station.database.read() as session:
            found = [d for d in self.station.documents.documents(session) if d.claim and d.claim.patient == patient]
        return found[number]

    def stored(self, document: DocumentId) -> StoredDocument:
        with self.station.database.read() as session:
            found = self.station.documents.document(session, document)
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Template:
    """A station that is closed: `opened` opens a copy."""

    folder: Path
    people: tuple[Somebody, ...]

    @contextmanager
    def opened(self, target: Path, four_eyes: tuple[str, ...] = ()) -> Iterator[Office]:
        trial = self.copy(target, four_eyes)
        with trial.opened() as station:
            clock = Ticking(station)
            station.clock = replace(station.clock, wall=clock)
            people = [replace(one, clock=clock) for one in self.people]
            yield Office(trial, station, clock, *people)

    def copy(self, target: Path, four_eyes: tuple[str, ...] = ()) -> Trial:
        trial = copied(self.folder, target)
        said = trial.config.read_text(encoding="utf-8")
        wanted = ", ".join(f'"{kind}"' for kind in four_eyes)
        trial.config.write_text(f"{said}\n[review]\nfour_eyes = [{wanted}]\n", encoding="utf-8")
        return trial


def make_template(folder: Path, invented: Invented) -> Template:
    """Refused: two of a patient who said nothing, one of whom no roster knows (curable), one withdrawn (closed)."""
    cases = (
        records._Case("certificat", UNHEARD, "refused"),
        records._Case("questionnaire", UNKNOWN, "refused"),
        records._Case("certificat", WITHDRAWN, "refused"),
        records._Case("ordonnance", UNHEARD, "refused"),
    )
    batch = records._Batch("WAIT_0001.tif", Mode.GREY, 200, "qr", duplex=False, cases=cases)
    scans = folder / "scans"
    scans.mkdir(parents=True)
    records._Maker(batch, everybody(_rng()), TODAY, f"{SEED}/reviews").make(scans)
    trial = Trial.found(folder / "station", verapdf="never")
    trial.know(invented)
    with trial.opened() as station:
        work(station, scans)
        people = _staff(staffed(station))
    return Template(trial.folder, people)


def _staff(staff: Staff) -> tuple[Somebody, ...]:
    roles: tuple[tuple[str, Role], ...] = (
        (NAME, Role.REVIEWER),
        ("Dr Basile Second", Role.REVIEWER),
        ("Mme Odile Dépéo", Role.CONTROLLER),
        ("M. Firmin Opérateur", Role.OPERATOR),
    )
    return (staff.administrator, *(staff.enrol(name, role) for name, role in roles))
