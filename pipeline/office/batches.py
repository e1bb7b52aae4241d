"""Questions about batches and boxes: what was announced, what came, whose paper was not seen, what looks wrong."""

from collections import Counter
from typing import Any

from sqlmodel import Session

from lexicon.faults import StationFault
from lexicon.flags import slug_of
from pipeline.announced import gaps, waiting
from pipeline.office import answers
from pipeline.office.answers import images_answer, paper_answer
from pipeline.office.batches_opening import found
from pipeline.station import Station
from storage.accounts import Seen, added, box_paper, seen
from storage.announced import StoredBatch
from storage.movements import sheets_of
from storage.neighbours import alike
from storage.pages import select_pages

Answer = dict[str, Any]


def listed(station: Station) -> list[Answer]:
    """Every batch, with the images' equation, its box, and what was counted otherwise than announced."""
    with station.database.read() as session:
        several = list(station.batches.every(session))
    return [
        {**told, "box": one.announcement.box, "announced": one.announcement.counts, "unlike": list(one.unlike)}
        for told, one in zip(answers.batches(station), several, strict=True)
    ]


def shown(station: Station, name: str) -> Answer:
    """One batch, by its number or its label: what was announced against what was seen, files, documents, and signs of
    a missed separator.

    Raises `StationFault("batch-unknown")`.
    """
    batch = found(station, name)
    told = answers.batch(station, batch)
    with station.database.read() as session:
        stored = station.batches.batch(session, batch)
        came = seen(session, station.sides, batch)
        pairs = alike(session, batch)
        return {
            **told,
            "announced": _announced(stored) if stored.announced_at else None,
            "seen": came.counts,
            "gaps": {name: list(counts) for name, counts in gaps(station, session, batch).items()},
            "unlike": list(stored.unlike),
            "confirmed_at": stored.confirmed_at,
            "waiting": len(waiting(station, session, batch)),
            "flags": _flags(session, batch),
            "patients": _patients(stored, told["documents"]),
            "neighbours": [[pair.first, pair.second] for pair in pairs],
        }


def _flags(session: Session, batch: str) -> dict[str, int]:
    """What was seen on its pages, by flag -> how many pages; those seen most often first."""
    flagged = select_pages(session, batch=batch, flagged=True)
    counted = Counter(slug for page in flagged for slug in {slug_of(flag) for flag in page.flags})
    return dict(sorted(counted.items(), key=lambda one: (-one[1], one[0])))


def _announced(stored: StoredBatch) -> Answer:
    said = stored.announcement
    patients = None if said.patients is None else len(said.references)
    return {
        "at": stored.announced_at,
        "box": said.box,
        "seal": said.seal,
        "sheets": said.sheets,
        "documents": said.documents,
        "pages": said.pages,
        "patients": patients,
    }


def _patients(stored: StoredBatch, documents: list[Answer]) -> Answer | None:
    """Of whom paper was announced and came, did not come, came though it was to be left out, or came unannounced.

    None where no list came with the batch.
    """
    said = stored.announcement
    if said.patients is None:
        return None
    came = {one["patient"] for one in documents if one["patient"]}
    places = {one.patient: one.position for one in said.patients}
    return {
        "seen": sorted(came & said.references),
        "not_seen": [{"patient": ref, "position": places[ref]} for ref in sorted(said.expected - came)],
        "fed_though_apart": sorted(came & (said.references - said.expected)),
        "not_announced": sorted(came - said.references),
    }


# A box


def box(station: Station, name: str) -> Answer:
    """A box: both equations, and the batches that came from it, down to their receipts.

    Raises `StationFault("box-unknown")` for one that neither came nor was announced.
    """
    with station.database.read() as session:
        moved = sheets_of(session, station.columns, name)
        several = [one for one in station.batches.every(session) if one.is_from(name)]
        if not moved and not several:
            raise StationFault("box-unknown")
        counted = [seen(session, station.sides, one.id) for one in several]
        lines = [_of_box(station, session, *one) for one in zip(several, counted, strict=True)]
    announced = sum(one.announcement.sheets or 0 for one in several)
    paper = paper_answer(box_paper(moved, counted)) | {"scanned": sum(one.sheets for one in counted)}
    return {
        "box": name,
        "seals": sorted({one.announcement.seal for one in several if one.announcement.seal}),
        "paper": paper | {"unscanned": moved["unscanned"], "announced": announced},
        "images": images_answer(added(one.images for one in counted)),
        "batches": lines,
    }


def _of_box(station: Station, session: Session, stored: StoredBatch, came: Seen) -> Answer:
    documents = station.documents.documents(session, batch=stored.id)
    files = station.captured.files(session, batch=stored.id)
    states = Counter(one.state for one in documents)
    return {
        "batch": stored.id,
        "label": stored.label,
        "closed": stored.closed_at,
        "files": len(files),
        "images": images_answer(came.images),
        "seen": came.counts,
        "announced": stored.announcement.counts,
        "unlike": list(stored.unlike),
        "documents": dict(states),
        "receipts": states["deposited"],
    }
