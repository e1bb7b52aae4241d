"""Ways around the gate that must not type-check: depositing without a clearance."""

from datetime import datetime
from pathlib import Path

from consent_gate.model import Clearance, Decision, Refused
from storage.deposit import IndexReceipt, Receipt, deposit, deposit_index
from storage.envelope import Sealed, SealedIndex, SealedOriginal
from storage.hosts import Host


def omitted(path: Path, sealed: Sealed, host: Host, at: datetime) -> Receipt:
    return deposit(path, sealed, "a", host, at=at)  # expect: call-arg


def none(path: Path, sealed: Sealed, host: Host, at: datetime) -> Receipt:
    return deposit(path, sealed, "a", host, None, at=at)  # expect: arg-type


def refusal(path: Path, sealed: Sealed, host: Host, refused: Refused, at: datetime) -> Receipt:
    return deposit(path, sealed, "a", host, refused, at=at)  # expect: arg-type


def undecided(path: Path, sealed: Sealed, host: Host, decision: Decision, at: datetime) -> Receipt:
    return deposit(path, sealed, "a", host, decision, at=at)  # expect: arg-type


def an_original(path: Path, sealed: SealedOriginal, host: Host, clearance: Clearance, at: datetime) -> Receipt:
    return deposit(path, sealed, "a", host, clearance, at=at)  # expect: arg-type


def as_an_index(path: Path, sealed: Sealed, host: Host, at: datetime) -> IndexReceipt:
    return deposit_index(path, sealed, "a", host, at=at)  # expect: arg-type


def an_original_as_an_index(path: Path, sealed: SealedOriginal, host: Host, at: datetime) -> IndexReceipt:
    return deposit_index(path, sealed, "a", host, at=at)  # expect: arg-type


def with_its_clearance(path: Path, sealed: Sealed, host: Host, clearance: Clearance, at: datetime) -> Receipt:
    return deposit(path, sealed, "a", host, clearance, at=at)


def an_index(path: Path, sealed: SealedIndex, host: Host, at: datetime) -> IndexReceipt:
    return deposit_index(path, sealed, "a", host, at=at)
