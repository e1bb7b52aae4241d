"""The accounts told by the custody ledger alone: its entries read again from the first, as a stranger would.

They are counted apart from the station's rows, so that a row that was lost or altered shows as a difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from consent_gate.model import CustodyClass, Reason, custody_class
from consent_gate.review import MaintainReason
from handover.told import Told, ToldDocument, ToldFile
from pipeline.model import HeldReason
from storage.accounts import COLUMNS, Images, Paper, added
from storage.custody import (
    KEPT_TOO_LONG,
    LIFTED,
    OF_FORMS,
    PAGE_RESTORED,
    RELEASED,
    REOPENED,
    SEPARATOR_BACKS,
    TAKEN_AGAIN,
    EntryType,
)
from storage.stored import LEFT_OUT, LOST

Entry = Mapping[str, Any]
"""An entry's fields, as `storage.custody.read_entry` gives them."""

_HELD: Final = frozenset(reason.value for reason in HeldReason)
_OF_SPLIT: Final = ("separator", "blank", "duplicate", "set-aside")
_AGAIN: Final = frozenset({TAKEN_AGAIN, RELEASED})
_SINCE: Final = (EntryType.RESTRICTION, EntryType.DELETION, EntryType.DESTRUCTION)
"""Types of what is done with a document that has ended."""
_CANCELLED: Final = "cancelled"
"""Outcome of a `deletion`: the patient authorized again, and the object is at the host still."""
_AT_HOST: Final = frozenset({"intended", "locked-until", "executed", _CANCELLED})
_FOR_GOOD: Final = frozenset(reason.value for reason in Reason if custody_class(reason) is CustodyClass.CLOSED)
"""Reasons for which a document is closed."""
_MAINTAINED: Final = frozenset(reason.value for reason in MaintainReason)
_GROUNDS: Final = frozenset({"identified", "agreed", "cleared", "sealed", "intended"})
"""What must have been written before a document's receipt."""


@dataclass(slots=True)
class _File:
    batch: str
    sha256: str
    pages: int | None = None
    columns: Counter[str] = field(default_factory=Counter)
    duplicate: bool = False
    backs: int = 0
    """Separators that are the back of another one, where a sheet has two images."""

    def images(self) -> Images:
        captured = 1 if self.pages is None else self.pages
        columns = {name: self.columns[name] for name in COLUMNS}
        return Images(captured, columns, captured - sum(columns.values()))


@dataclass(slots=True)
class _Grounds:
    """What was written about a document before it ended."""

    met: set[str] = field(default_factory=set)
    decision: str | None = None
    answer: str | None = None
    sealed: tuple[str, ...] = ()


def replay(entries: Iterable[Entry], sides: int) -> Told:
    """Count what the entries tell; `sides` scanned a sheet turn images into sheets."""
    teller = _Teller()
    for entry in entries:
        teller.take(entry)
    return teller.told(sides)


class _Teller:
    def __init__(self) -> None:
        self._entries = 0
        self._files: dict[str, _File] = {}
        self._documents: dict[str, ToldDocument] = {}
        self._grounds: defaultdict[str, _Grounds] = defaultdict(_Grounds)
        self._sheets: Counter[str] = Counter()
        self._software: set[str] = set()
        self._contradictions: dict[str, None] = {}
        self._forms: dict[str, int] = {}

    def take(self, entry: Entry) -> None:
        self._entries += 1
        self._software.add(entry["agents"]["software"])
        kind, _, identifier = entry["object"].partition(":")
        if kind == "box":
            self._sheets[entry["outcome"]] += entry.get("counts", {}).get("sheets", 0)
        elif kind == "file" and not self._is_of_forms(identifier, entry):
            self._take_file(identifier, entry)
        elif kind == "document" and entry["type"] in _SINCE:
            self._take_since(identifier, entry)
        elif kind == "document" and (entry["type"], entry["outcome"]) == (EntryType.SPLIT, PAGE_RESTORED):
            self._restore_page(identifier, entry)
        elif kind == "document":
            self._take_document(identifier, entry)

    def told(self, sides: int) -> Told:
        files = {name: ToldFile(file.batch, file.sha256, file.images()) for name, file in self._files.items()}
        for name, file in files.items():
            if file.images.in_progress < 0:
                self._contradict(f"file:{name}")
        return Told(
            entries=self._entries,
            files=files,
            documents=self._documents,
            images=added(file.images for file in files.values()),
            paper=self._paper(sides),
            form_pages=sum(self._forms.values()),
            software=tuple(sorted(self._software)),
            contradictions=tuple(self._contradictions),
        )

    # Files

    def _is_of_forms(self, identifier: str, entry: Entry) -> bool:
        """Whether it came into an inbox of authorizations: it holds no record, and no image of these accounts."""
        if entry["type"] == EntryType.CAPTURE and OF_FORMS in entry.get("counts", {}):
            self._forms[identifier] = 1
        if identifier not in self._forms:
            return False
        if entry["type"] == EntryType.REVIEW and entry["outcome"] == REOPENED:
            self._forms[identifier] = 1
        elif entry["type"] in (EntryType.CAPTURE, EntryType.SPLIT):
            self._forms[identifier] = entry.get("counts", {}).get("pages", self._forms[identifier])
        return True

    def _take_file(self, identifier: str, entry: Entry) -> None:
        match entry["type"]:
            case EntryType.CAPTURE:
                self._capture(identifier, entry)
            case EntryType.SPLIT:
                self._split(identifier, entry)
            case EntryType.REVIEW if entry["outcome"] == REOPENED:
                self._reopen(identifier, entry)
            case _:  # what is done with a file besides moves no image
                pass

    def _capture(self, identifier: str, entry: Entry) -> None:
        if identifier in self._files:
            self._contradict(entry["object"])
            return
        (sha256,) = entry.get("hashes_out", [""])
        file = _File(entry.get("within", {}).get("batch", ""), sha256)
        if entry["outcome"] == "duplicate":
            file.duplicate, file.pages = True, entry.get("counts", {}).get("pages", 0)
            file.columns["duplicate"] = file.pages or 0
        self._files[identifier] = file

    def _split(self, identifier: str, entry: Entry) -> None:
        file = self._files.get(identifier)
        counts = entry.get("counts", {})
        if file is None or file.pages is not None or "pages" not in counts:
            self._contradict(entry["object"])
            return
        file.pages, file.duplicate = counts["pages"], entry["outcome"] == "duplicate"
        for column in _OF_SPLIT:
            file.columns[column] += counts.get(column, 0)
        file.backs = counts.get(SEPARATOR_BACKS, 0)

    def _reopen(self, identifier: str, entry: Entry) -> None:
        """A file that was set aside whole, and nothing else, is to be opened again."""
        file = self._files.get(identifier)
        pages = entry.get("counts", {}).get("pages")
        if file is None or file.pages is None or file.pages != pages or file.columns["set-aside"] != pages:
            self._contradict(entry["object"])
            return
        file.pages, file.columns = None, Counter()

    # Documents

    def _take_document(self, identifier: str, entry: Entry) -> None:
        outcome = entry["outcome"]
        grounds = self._grounds[identifier]
        match entry["type"]:
            case EntryType.IDENTIFICATION | EntryType.DEPOSIT:
                grounds.met.add(outcome)
            case EntryType.CONSENT_CHECK:
                grounds.met.add(outcome)
                grounds.decision, grounds.answer = entry.get("decision"), outcome
            case EntryType.SEALING if outcome == "sealed":
                grounds.met.add(outcome)
                grounds.sealed = tuple(entry.get("hashes_out", ()))
            case EntryType.SEALING if identifier in self._documents:
                self._close(identifier, entry)
            case EntryType.SEALING:
                self._end(identifier, entry, "refused")
            case EntryType.REVIEW if outcome in _AGAIN:
                self._put_back(identifier, entry)
            case EntryType.REVIEW if identifier in self._documents:
                self._lose(identifier, entry) if outcome == LOST else self._judge_again(identifier, entry)
            case EntryType.REVIEW:
                kept = "held" if outcome in _HELD else "set-aside"
                self._end(identifier, entry, "refused" if entry.get("decision") else kept)
            case EntryType.RECEIPT:
                self._end(identifier, entry, "deposited")
            case _:
                pass

    def _end(self, identifier: str, entry: Entry, outcome: str) -> None:
        within = entry.get("within", {}).get("file", "")
        file = self._files.get(within)
        pages = entry.get("counts", {}).get("pages")
        if file is None or file.pages is None or pages is None or identifier in self._documents:
            self._contradict(entry["object"])
            return
        if not _grounded(self._grounds.pop(identifier), entry, outcome):
            self._contradict(entry["object"])
        file.columns[outcome] += pages
        self._documents[identifier] = ToldDocument(
            file=within,
            outcome=outcome,
            reason=None if outcome == "deposited" else entry["outcome"],
            pages=pages,
            decision=entry.get("decision"),
            sha256=entry["hashes_out"][0] if outcome == "deposited" and "hashes_out" in entry else None,
            custody=_custody(entry, outcome),
        )

    def _close(self, identifier: str, entry: Entry) -> None:
        """What was kept under the station's key is sealed for the client: its time is over, or the gate says no."""
        known = self._documents[identifier]
        if known.outcome == "deposited" or known.pages != entry.get("counts", {}).get("pages"):
            self._contradict(entry["object"])
            return
        if entry["outcome"] == KEPT_TOO_LONG:
            self._documents[identifier] = replace(known, custody=CustodyClass.CLOSED.value)
            return
        if not _grounded(self._grounds.pop(identifier), entry, "refused"):
            self._contradict(entry["object"])
        self._files[known.file].columns[known.outcome] -= known.pages
        self._files[known.file].columns["refused"] += known.pages
        self._documents[identifier] = replace(
            known,
            outcome="refused",
            reason=entry["outcome"],
            decision=entry.get("decision"),
            custody=CustodyClass.CLOSED.value,
        )

    def _take_since(self, identifier: str, entry: Entry) -> None:
        """What is said of a document after its end: at the host of what was deposited, here of what is kept."""
        kind, outcome = entry["type"], entry["outcome"]
        if kind != EntryType.RESTRICTION and outcome not in (_AT_HOST if kind == EntryType.DELETION else _MAINTAINED):
            return
        known = self._documents.get(identifier)
        if known is None or (known.outcome == "deposited") == (kind == EntryType.DESTRUCTION):
            self._contradict(entry["object"])
            return
        match kind:
            case EntryType.RESTRICTION:
                known = replace(known, restricted=None if outcome == LIFTED else outcome)
            case EntryType.DELETION:
                statement = next(iter(entry.get("hashes_out", ())), None)
                known = replace(known, deletion=None if outcome == _CANCELLED else outcome, statement=statement)
            case _:
                final = CustodyClass.FINAL.value
                known = replace(known, custody=final, maintained=outcome, maintained_at=entry["time"])
        self._documents[identifier] = known

    def _judge_again(self, identifier: str, entry: Entry) -> None:
        """What was refused stays so, for another reason; for good, and not sealed: nothing of it was left to seal."""
        known = self._documents[identifier]
        same = known.pages == entry.get("counts", {}).get("pages") and known.outcome == "refused"
        if not same or not _grounded(self._grounds.pop(identifier, _Grounds()), entry, "refused"):
            self._contradict(entry["object"])
            return
        custody = None if entry["outcome"] in _FOR_GOOD else known.custody
        self._documents[identifier] = replace(
            known, reason=entry["outcome"], decision=entry.get("decision"), custody=custody
        )

    def _lose(self, identifier: str, entry: Entry) -> None:
        """What was kept was lost with its machine: it is to be scanned again."""
        known = self._documents[identifier]
        if known.custody != CustodyClass.CURABLE or known.pages != entry.get("counts", {}).get("pages"):
            self._contradict(entry["object"])
            return
        self._files[known.file].columns[known.outcome] -= known.pages
        self._files[known.file].columns["set-aside"] += known.pages
        self._documents[identifier] = replace(known, outcome="set-aside", reason=LOST, decision=None, custody=None)

    def _put_back(self, identifier: str, entry: Entry) -> None:
        """What was kept leaves its column: it is on its way again."""
        known = self._documents.get(identifier)
        if known is None or known.outcome == "deposited" or known.pages != entry.get("counts", {}).get("pages"):
            self._contradict(entry["object"])
            return
        self._files[known.file].columns[known.outcome] -= known.pages
        del self._documents[identifier]

    def _restore_page(self, identifier: str, entry: Entry) -> None:
        """A page that was left out leaves its column for its document's, which counts it at its end, or has."""
        file, counts = self._files.get(entry.get("within", {}).get("file", "")), entry.get("counts", {})
        column = next((column for column in LEFT_OUT if counts.get(column) == 1), None)
        if file is None or column is None or file.columns[column] < 1:
            self._contradict(entry["object"])
            return
        file.columns[column] -= 1
        known = self._documents.get(identifier)
        if known is None:
            return
        if known.outcome == "deposited" or known.pages + 1 != counts.get("pages"):
            self._contradict(entry["object"])
            return
        file.columns[known.outcome] += 1
        self._documents[identifier] = replace(known, pages=known.pages + 1)

    def _paper(self, sides: int) -> Paper:
        several = [file for file in self._files.values() if not file.duplicate]
        opened = (file.pages for file in several if file.pages is not None)
        separators = sum(file.columns["separator"] - (file.backs if sides > 1 else 0) for file in several)
        scanned = max(0, sum(-(-pages // sides) for pages in opened) - separators)
        declared = self._sheets["received"] > 0
        return Paper(
            declared=declared,
            received=self._sheets["received"] if declared else scanned + self._sheets["unscanned"],
            scanned=scanned,
            unscanned=self._sheets["unscanned"],
            returned=self._sheets["returned"],
            destroyed=self._sheets["destroyed"],
        )

    def _contradict(self, subject: str) -> None:
        self._contradictions[subject] = None


def _grounded(grounds: _Grounds, entry: Entry, outcome: str) -> bool:
    """Whether a document's end follows from what was written before it: no receipt without the gate's last word."""
    match outcome:
        case "deposited":
            decided = grounds.answer == "cleared" and grounds.decision == entry.get("decision")
            return decided and grounds.met >= _GROUNDS and grounds.sealed == tuple(entry.get("hashes_out", ()))
        case "refused":
            return grounds.answer == entry["outcome"] and grounds.decision == entry.get("decision")
        case _:
            return True


def _custody(entry: Entry, outcome: str) -> str | None:
    """What the station has of a document that ends so."""
    if outcome == "deposited" or entry["outcome"] == LOST:
        return None
    sealed = entry["type"] == EntryType.SEALING
    return (CustodyClass.CLOSED if sealed else CustodyClass.CURABLE).value
