"""Scenarios: custody that ends. What was curable for too long, a closed document released, paper to be given back."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlmodel import update

from consent_gate.model import PatientRef
from storage.tables import DocumentRow, FileRow
from storage.times import write_time
from tests.crash_fixtures import Command, grow_old, process
from tests.crash_nursery import Nursery
from tests.crash_scenario import WAITING, Scenario, opening, processed
from tests.custody_fixtures import make_final
from tests.trial_fixtures import TODAY, Trial, people

_CLOSED: Final = "A1007"
_PERSON: Final = "01K00000000000000000000000"


def _overdue(trial: Trial, _nursery: Nursery) -> Command:
    """All that is curable was settled two months ago; and somebody was killed while sealing."""
    before = write_time(datetime.now(UTC) - timedelta(days=60))
    with trial.opened() as station:
        with station.database.write("test.age") as session:
            for row in (DocumentRow, FileRow):
                session.execute(update(row).where(row.custody == "curable").values(settled_at=before))  # type: ignore[arg-type]  # a column
        left = station.sealed_folder / f"{_PERSON}-closing-{_PERSON}.p7m"
    left.write_bytes(b"left")
    grow_old(trial)
    os.utime(left, (0, 0))
    return process(trial)


def _released(trial: Trial, _nursery: Nursery) -> Command:
    """The patient has authorized meanwhile."""
    (who,) = [patient for patient in people() if patient.ref == _CLOSED]
    head = "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note"
    line = (
        f"{_CLOSED};{who.birth_name};{who.given_names[0]};{who.birth_date};{who.ins};accordee;{TODAY};;tous_documents;"
    )
    with trial.opened() as station:
        station.import_sheet("register", f"{head}\n{line}\n".encode())
    return lambda _: ("--as-of", TODAY.isoformat(), "release", "--patient", _CLOSED, *opening(trial))


def _slip(trial: Trial, _nursery: Nursery) -> Command:
    with trial.opened() as station:
        with station.database.read() as session:
            (closed,) = station.documents.documents(session, patient=PatientRef(_CLOSED))
        make_final(station, closed.id)
    return lambda start: ("refusal", "slip", "--out", trial.folder / f"slip {start}.pdf")


CUSTODY: Mapping[str, Scenario] = {
    "kept too long": Scenario(_overdue, ("closing.[!l]*", "file.forget:*", "file.forgotten:*"), WAITING),
    "release": Scenario(
        _released,
        ("gate.ask-again:*", "release.open:*", "release.pack:*", "release.spool:*", "release.record:*"),
        WAITING,
        ends=processed,
    ),
    "refusal slip": Scenario(_slip, ("slip.print:*",)),
}
