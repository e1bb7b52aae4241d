"""Ways around the gate that must not type-check: sealing without a clearance."""

from pathlib import Path
from typing import BinaryIO

from consent_gate.model import Clearance, Decision, Refused
from storage.envelope import Header, RefusedHeader, Sealed, SealedIndex, SealedOriginal, seal, seal_index, seal_refused
from storage.recipients import Recipient


def omitted(source: BinaryIO, header: Header, to: list[Recipient], target: Path) -> Sealed:
    return seal(source, 1, header, recipients=to, target=target)  # expect: call-arg


def none(source: BinaryIO, header: Header, to: list[Recipient], target: Path) -> Sealed:
    return seal(source, 1, header, None, recipients=to, target=target)  # expect: arg-type


def refusal(source: BinaryIO, header: Header, refused: Refused, to: list[Recipient], target: Path) -> Sealed:
    return seal(source, 1, header, refused, recipients=to, target=target)  # expect: arg-type


def undecided(source: BinaryIO, header: Header, decision: Decision, to: list[Recipient], target: Path) -> Sealed:
    return seal(source, 1, header, decision, recipients=to, target=target)  # expect: arg-type


def a_string(source: BinaryIO, header: Header, clearance: Clearance, to: list[Recipient], target: Path) -> Sealed:
    return seal(source, 1, header, clearance.decision, recipients=to, target=target)  # expect: arg-type


def as_an_index(source: BinaryIO, header: Header, to: list[Recipient], target: Path) -> SealedIndex:
    return seal_index(source, 1, header, recipients=to, target=target)  # expect: arg-type


def refused_with_a_clearance(
    source: BinaryIO, header: RefusedHeader, clearance: Clearance, to: list[Recipient], target: Path
) -> SealedOriginal:
    return seal_refused(source, 1, header, clearance, recipients=to, target=target)  # expect: arg-type


def with_its_clearance(
    source: BinaryIO, header: Header, clearance: Clearance, to: list[Recipient], target: Path
) -> Sealed:
    return seal(source, 1, header, clearance, recipients=to, target=target)
