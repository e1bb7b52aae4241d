"""Pages as an operator asks for them: those left out, those flagged; ready for JSON, and as lines on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sqlmodel import Session

from consent_gate.model import CustodyClass
from lexicon.faults import StationFault
from lexicon.flags import FLAGS, LOOKS_LIKE, LOW_CONFIDENCE, NOT_READ, slug_of
from lexicon.reviews import said
from lexicon.screens import say
from lexicon.sentences import Language
from lexicon.words import OUTCOMES
from pipeline.office.answers import Answer
from pipeline.office.tabling import ranges, shown
from pipeline.station import Station
from storage.deposits import find_sealed
from storage.pages import StoredPage, select_pages
from storage.stored import KEPT

_NUMBERED: Final = {LOOKS_LIKE: "page-other", LOW_CONFIDENCE: "page-confidence", NOT_READ: "page-places"}
"""Flags with a number behind them -> the screen that says it."""


def pages(
    station: Station, roles: Sequence[str] = (), *, flagged: bool = False, batch: str | None = None
) -> list[Answer]:
    """Pages of these roles, and those that are flagged where `flagged`; of all batches, or of one (number or label).

    Raises `StationFault("batch-unknown")`.
    """
    with station.database.read() as session:
        names = {file.id: file.name for file in station.captured.files(session)}
        return [
            _page(station, session, page, names[page.file])
            for one in ([None] if batch is None else _batches(station, session, batch))
            for page in select_pages(session, batch=one, roles=tuple(roles), flagged=flagged)
        ]


def _batches(station: Station, session: Session, name: str) -> list[str]:
    found = [one.id for one in station.batches.every(session) if name in (one.id, one.label)]
    if not found:
        raise StationFault("batch-unknown")
    return found


def _page(station: Station, session: Session, page: StoredPage, name: str) -> Answer:
    return {
        "file": page.file,
        "name": name,
        "batch": page.batch,
        "page": page.position,
        "role": page.role,
        "document": page.document,
        "outcome": page.outcome,
        "flags": list(page.flags),
        "restorable": page.left_out and _is_restorable(station, session, page),
    }


def _is_restorable(station: Station, session: Session, page: StoredPage) -> bool:
    """Whether its document is such that the station still has its image; only putting it back looks for that."""
    document = station.documents.document(session, page.document) if page.document else None
    if document is None:
        return False
    if document.state == "in-progress":
        return find_sealed(session, document.id, document.version) is None
    return document.state in KEPT and document.custody == CustodyClass.CURABLE


def pages_text(answers: Sequence[Answer], language: Language) -> Iterator[str]:
    """Two lines a finding: which page, what was seen, and what to do."""
    for answer in answers:
        place = {"name": shown(answer["name"]), "page": answer["page"], "file": answer["file"]}
        place["outcome"] = said(OUTCOMES, answer["outcome"], language) if answer["outcome"] else "-"
        if answer["role"] in ("blank", "duplicate"):
            yield say(f"page-{answer['role']}", language, **place)
            yield say("page-restorable" if answer["restorable"] else "page-rescan", language, **place)
        for flag in answer["flags"]:
            yield from _flag_text(flag, place, language)
    if not answers:
        yield say("no-pages", language)


def flags_text(flags: Mapping[int, Sequence[str]], language: Language) -> str:
    """Which pages to look at, by what was seen on them."""
    pages: dict[str, list[int]] = {}
    for page, several in flags.items():
        for flag in several:
            pages.setdefault(slug_of(flag), []).append(page)
    return ", ".join(say("file-flag", language, pages=ranges(where), flag=slug) for slug, where in pages.items())


def _flag_text(flag: str, place: dict[str, str], language: Language) -> Iterator[str]:
    slug, _, number = flag.partition(":")
    more = say(_NUMBERED[slug], language, number=number) if number else ""
    yield say("page-flagged", language, **place, what=FLAGS[slug].what(language) + more, flag=slug)
    yield f"             {FLAGS[slug].hint(language)}"
