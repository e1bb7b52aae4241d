"""What must hold of any station, judged afterwards: by its ledger's entries, its host's objects, and what it was told.

The gate's answer is computed here from the sentences of `docs/adr/0023-gate-in-sentences.md`, for the facts that these
tests bring in; nothing here imports the gate.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

Entry = Mapping[str, Any]

GRANTED, REFUSED, WITHDRAWN, OPPOSED, LIFTED = "granted", "refused", "withdrawn", "opposed", "lifted"
_NOES: Final = frozenset({REFUSED, WITHDRAWN})
_ACTS: Final = frozenset(
    {("recognition", "recognised"), ("sealing", "sealed"), ("deposit", "intended"), ("receipt", "deposited")}
)
ANNOUNCED: Final = ("deposit", "intended")
"""Written under the decision that it was sealed by, before the gate is asked anew: nothing was put by then."""
_FINAL: Final = "destroyed"


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a register, or a reviewer's authorization."""

    patient: str
    kind: str
    on: date
    until: date | None = None
    types: frozenset[str] | None = None
    matter: str = ""
    """Of an opposition or its lifting: which one."""

    @property
    def limited(self) -> bool:
        return self.until is not None or self.types is not None

    def allows(self, day: date, doc_type: str | None) -> bool:
        return (self.until is None or day <= self.until) and (self.types is None or doc_type in self.types)


def is_open(said: Iterable[Said], day: date, doc_type: str | None) -> bool:
    """Whether these facts of one known patient let a document of that type be digitized on that day."""
    now = [one for one in said if one.on <= day]
    for matter in {one.matter for one in now if one.kind == OPPOSED}:
        opposed = max(one.on for one in now if (one.kind, one.matter) == (OPPOSED, matter))
        if not any(one.on > opposed for one in now if (one.kind, one.matter) == (LIFTED, matter)):
            return False
    last_no = max((one.on for one in now if one.kind in _NOES), default=date.min)
    permissions = [one for one in now if one.kind == GRANTED]
    limits = [one for one in permissions if one.limited]
    return any(
        one.on > last_no
        and one.allows(day, doc_type)
        and all(limit.allows(day, doc_type) for limit in limits if _ends(limit, one))
        for one in permissions
    )


def _ends(limit: Said, permission: Said) -> bool:
    """What was allowed before, and what is allowed without limits that day."""
    return limit.on > permission.on or (limit.on == permission.on and not permission.limited)


@dataclass
class Told:
    """What the test knows by itself: what each sheet said, whose each scan is, from which entry on it was which day."""

    sheets: dict[str, tuple[Said, ...]] = field(default_factory=dict)
    """SHA-256 of the sheet, as its `import` entry has it."""
    scans: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """SHA-256 of the file, as its `capture` entry has it -> patient, document type."""
    days: list[tuple[int, date]] = field(default_factory=list)
    """From which number of an entry on it was which day."""
    pseudonyms: dict[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    """References that the roster has."""

    def day(self, seq: int) -> date:
        return max((first, day) for first, day in self.days if first <= seq)[1]


@dataclass
class Seen:
    """An object at the host, and how many entries there were when it was first seen there."""

    sha256: str
    entries: int


@dataclass
class Judge:
    """Reads a ledger once, from its first entry, and writes down whatever does not hold."""

    told: Told
    wrong: list[str] = field(default_factory=list)
    envelopes: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Document -> hashes of what was sealed of it for the host."""
    received: set[str] = field(default_factory=set)
    taken_back: set[str] = field(default_factory=set)
    final: set[str] = field(default_factory=set)
    file_of: dict[str, str] = field(default_factory=dict)
    _facts: dict[str, set[Said]] = field(default_factory=lambda: defaultdict(set))
    _files: dict[str, str] = field(default_factory=dict)
    _cleared: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    """Document -> decisions, and where the latest entry of each is."""
    _announced: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _checked: dict[str, list[tuple[int, bool]]] = field(default_factory=lambda: defaultdict(list))

    def read(self, entries: Sequence[Entry]) -> "Judge":
        for entry in entries:
            self._entry(entry)
        return self

    def _entry(self, entry: Entry) -> None:
        kind, outcome, (about, _, identifier) = entry["type"], entry["outcome"], entry["object"].partition(":")
        if kind == "import" and outcome == "register-imported":
            for said in self.told.sheets[entry["hashes_in"][0]]:
                self._facts[said.patient].add(said)
        elif kind == "review" and outcome == "authorization-supplied":
            patient = self.told.pseudonyms[entry["subject"]]
            self._facts[patient].add(Said(patient, GRANTED, self.told.day(entry["seq"])))
        elif kind == "capture":
            self._files[identifier] = entry["hashes_out"][0]
        elif about == "document":
            self._document(entry, identifier, kind, outcome)

    def _document(self, entry: Entry, document: str, kind: str, outcome: str) -> None:
        self.file_of[document] = entry.get("within", {}).get("file", "")
        if kind == "consent-check":
            self._check(entry, document, cleared=outcome == "cleared")
        if (kind, outcome) in _ACTS:
            self._act(entry, document, (kind, outcome))
        if kind == "destruction" and outcome == _FINAL:
            self.final.add(document)
        if kind == "destruction" and outcome == "taken-back":
            self.taken_back.update(entry["hashes_in"])

    def _check(self, entry: Entry, document: str, *, cleared: bool) -> None:
        patient, _ = self.told.scans[self._files[self.file_of[document]]]
        if self.told.pseudonyms.get(entry["subject"]) != patient:
            self._tell(entry, "asked of another patient than the separator's")
        if cleared != self._is_open(entry, document):
            self._tell(entry, f"the gate said {entry['outcome']}, the sentences say otherwise")
        self._checked[document].append((entry["seq"], cleared))
        if cleared:
            self._cleared[document][entry["decision"]] = entry["seq"]

    def _act(self, entry: Entry, document: str, what: tuple[str, str]) -> None:
        if entry.get("decision") not in self._cleared[document]:
            self._tell(entry, "by no clearance of this document")
        if what == ANNOUNCED:
            self._announced[entry["hashes_out"][0]].append(entry["seq"])
        elif not self._is_open(entry, document):
            self._tell(entry, "the gate was closed by then")
        if what[0] == "sealing":
            self.envelopes[document].update(entry["hashes_out"])
        if what[0] == "receipt":
            self.received.update(entry["hashes_out"])
            if not self._put_cleared(document, entry["hashes_out"][0], entry["seq"]):
                self._tell(entry, "the gate was not asked between the announcement and the receipt")

    def objects(self, seen: Mapping[str, Seen], there: Mapping[str, str], *, ended: bool) -> None:
        """What was seen at the host when, and what lies there now, key -> SHA-256."""
        documents = {sha256: document for document, hashes in self.envelopes.items() for sha256 in hashes}
        for key, one in seen.items():
            document = documents.get(one.sha256)
            if document is None or not self._put_cleared(document, one.sha256, one.entries):
                self.wrong.append(f"{key} was put without a clearance")
        for key, sha256 in there.items():
            if ended and sha256 not in self.received:
                self.wrong.append(f"{key} is at the host and has no receipt")
            if documents.get(sha256) in self.final:
                self.wrong.append(f"{key} is of a document that was made final")
        if ended:
            missing = self.received - set(there.values())
            self.wrong += [f"{sha256} was received and is not at the host" for sha256 in missing]
            self.wrong += [f"{one} was received and taken back" for one in self.received & self.taken_back]

    def left(self, names: Iterable[str]) -> None:
        """Files that the station has, by name: none of a document that is final."""
        gone = self.final | {self.file_of[document] for document in self.final}
        self.wrong += [f"{name} is left of a document that is final" for name in names if any(g in name for g in gone)]

    def _put_cleared(self, document: str, sha256: str, before: int) -> bool:
        """Whether the gate's last answer before was a clearance, given after the envelope was announced."""
        announced = [seq for seq in self._announced[sha256] if seq < before]
        checks = [one for one in self._checked[document] if one[0] < before]
        return bool(announced) and any(seq > announced[-1] and cleared for seq, cleared in checks)

    def _is_open(self, entry: Entry, document: str) -> bool:
        patient, doc_type = self.told.scans[self._files[self.file_of[document]]]
        return patient in self.told.known and is_open(self._facts[patient], self.told.day(entry["seq"]), doc_type)

    def _tell(self, entry: Entry, what: str) -> None:
        self.wrong.append(f"entry {entry['seq']}, {entry['type']} {entry['outcome']} of {entry['object']}: {what}")


def outcomes(entries: Iterable[Entry]) -> Iterator[str]:
    """What happened to documents, told by type and outcome."""
    for entry in entries:
        if entry["object"].startswith("document:"):
            yield f"{entry['type']} {entry['outcome']}"
