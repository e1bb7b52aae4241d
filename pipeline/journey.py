"""One document's journey, from its pages to its receipt, in the order an operator would tell it."""

from dataclasses import dataclass
from typing import Protocol

from consent_gate.model import Clearance, DocumentId, Refused
from pipeline.model import Agreed, Archival, Held, Identified, Recognised, Scan
from storage.deposit import Receipt
from storage.envelope import Sealed


@dataclass(frozen=True, slots=True)
class Deposited:
    """The host has it: what was read back is what was sealed."""

    document: DocumentId
    receipt: Receipt


Outcome = Deposited | Refused | Held


class Tools(Protocol):
    """The outside world, as one document's journey sees it."""

    def identify(self, scan: Scan) -> Identified | Held: ...
    def ask(self, identified: Identified) -> Clearance | Refused: ...
    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised: ...
    def check_identity(self, recognised: Recognised, identified: Identified) -> Agreed | Held: ...
    def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held: ...
    def seal(self, archival: Archival, clearance: Clearance) -> Sealed: ...
    def sealed(self, document: DocumentId) -> Sealed | None: ...
    def deposit(self, sealed: Sealed, clearance: Clearance) -> Receipt: ...


def journey(scan: Scan, tools: Tools) -> Outcome:
    """Identify, ask, recognise, look for other patients, compose, seal; ask again, and deposit.

    Run again after a crash, it finds what was sealed already and goes on from there. Raises a `Fault` only
    when something is broken; `Refused` and `Held` are outcomes.
    """
    identified = tools.identify(scan)
    if isinstance(identified, Held):
        return identified
    clearance = tools.ask(identified)
    if isinstance(clearance, Refused):
        return clearance
    sealed = tools.sealed(scan.document) or _prepare(scan, identified, clearance, tools)
    if isinstance(sealed, Held):
        return sealed
    latest = tools.ask(identified)  # just before the deposit: a withdrawal may have come meanwhile
    if isinstance(latest, Refused):
        return latest
    return Deposited(scan.document, tools.deposit(sealed, latest))


def _prepare(scan: Scan, identified: Identified, clearance: Clearance, tools: Tools) -> Sealed | Held:
    recognised = tools.recognise(scan, clearance)
    agreed = tools.check_identity(recognised, identified)
    if isinstance(agreed, Held):
        return agreed
    archival = tools.compose(scan, recognised)
    if isinstance(archival, Held):
        return archival
    return tools.seal(archival, clearance)
