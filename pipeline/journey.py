"""One document's journey, from its pages to its receipt, in the order an operator would tell it."""

from dataclasses import dataclass
from typing import Protocol

from consent_gate.model import Clearance, DocumentId, Refused
from pipeline.model import Agreed, Archival, Held, HeldReason, Identified, Recognised, Scan
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
    def identified(self, scan: Scan) -> Identified | Held: ...
    def is_enough(self, identified: Identified) -> bool: ...
    def ask(self, identified: Identified) -> Clearance | Refused: ...
    def recognise(self, scan: Scan, clearance: Clearance) -> Recognised | Refused: ...
    def check_identity(self, recognised: Recognised, identified: Identified) -> Agreed | Held: ...
    def compose(self, scan: Scan, recognised: Recognised) -> Archival | Held: ...
    def index(self, archival: Archival, scan: Scan, recognised: Recognised, identified: Identified) -> Archival: ...
    def seal(self, archival: Archival, clearance: Clearance) -> Sealed | Refused | Held: ...
    def sealed(self, document: DocumentId) -> Sealed | None: ...
    def announce(self, sealed: Sealed) -> None: ...
    def deposit(self, sealed: Sealed, clearance: Clearance) -> Receipt | Refused: ...


def journey(scan: Scan, tools: Tools) -> Outcome:
    """Prepare a document, and deliver it: two steps, between which a machine may stop and another go on.

    Each finds what it did before when it runs again. Raises a `Fault` only when something is broken; `Refused` and
    `Held` are outcomes.
    """
    prepared = prepare(scan, tools)
    return deliver(scan, tools) if isinstance(prepared, Sealed) else prepared


def prepare(scan: Scan, tools: Tools) -> Sealed | Refused | Held:
    """Identify, ask, recognise, look for other patients, compose, propose type and day, seal.

    Whoever says no between the question and the sealing is heard: what was made by then is thrown away.
    """
    identified = tools.identify(scan)
    if isinstance(identified, Held):
        return identified
    clearance = tools.ask(identified)
    if isinstance(clearance, Refused):
        return clearance
    if not tools.is_enough(identified):
        return Held(scan.document, HeldReason.ONE_SOURCE)
    return tools.sealed(scan.document) or _seal(scan, identified, clearance, tools)


def deliver(scan: Scan, tools: Tools) -> Outcome:
    """Announce what was sealed, ask again, for a withdrawal may have come meanwhile, and deposit it.

    One that comes while it is put, read back or written down is seen there: no receipt then, and it goes again.
    """
    identified = tools.identified(scan)
    if isinstance(identified, Held):
        return identified
    sealed = tools.sealed(scan.document)
    if sealed is None:  # it was taken back meanwhile, and its key given up
        prepared = prepare(scan, tools)
        if not isinstance(prepared, Sealed):
            return prepared
        sealed = prepared
    tools.announce(sealed)
    clearance = tools.ask(identified)
    if isinstance(clearance, Refused):
        return clearance
    received = tools.deposit(sealed, clearance)
    return received if isinstance(received, Refused) else Deposited(scan.document, received)


def _seal(scan: Scan, identified: Identified, clearance: Clearance, tools: Tools) -> Sealed | Refused | Held:
    recognised = tools.recognise(scan, clearance)
    if isinstance(recognised, Refused):
        return recognised
    agreed = tools.check_identity(recognised, identified)
    if isinstance(agreed, Held):
        return agreed
    archival = tools.compose(scan, recognised)
    if isinstance(archival, Held):
        return archival
    return tools.seal(tools.index(archival, scan, recognised, identified), clearance)
