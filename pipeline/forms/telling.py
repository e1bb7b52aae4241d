"""What the ledger says of what a person did with a return."""

from pipeline.office.people import Authenticated
from storage.custody import Draft, EntryType
from storage.forms import StoredReturn


def told_by(
    who: Authenticated,
    returned: StoredReturn,
    kind: EntryType,
    outcome: str,
    subject: str | None = None,
    parent: str | None = None,
) -> Draft:
    """`subject` is the patient's pseudonym; `parent` the person's authentication, where nothing else is given."""
    return Draft(
        kind,
        f"form:{returned.id}",
        outcome,
        within={"file": returned.file},
        counts={"pages": len(returned.positions)},
        subject=subject,
        hashes_in=(returned.pdf_sha256,) if returned.pdf_sha256 else (),
        parent=parent or who.entry,
        person=who.id,
    )
