"""Ways around the gate that must not type-check: opening a closed document without a clearance."""

from cryptography import x509

from consent_gate.model import Clearance, Decision, Refused
from pipeline.office.releasing import open_closed
from pipeline.station import Station
from storage.keys import PrivateKey
from storage.stored import StoredDocument


def refusal(station: Station, stored: StoredDocument, refused: Refused, key: PrivateKey, of: x509.Certificate) -> None:
    open_closed(station, stored, refused, key, of)  # expect: arg-type


def undecided(station: Station, stored: StoredDocument, said: Decision, key: PrivateKey, of: x509.Certificate) -> None:
    open_closed(station, stored, said, key, of)  # expect: arg-type


def omitted(station: Station, stored: StoredDocument, key: PrivateKey, of: x509.Certificate) -> None:
    open_closed(station, stored, key, of)  # expect: call-arg


def cleared(
    station: Station, stored: StoredDocument, clearance: Clearance, key: PrivateKey, of: x509.Certificate
) -> None:
    open_closed(station, stored, clearance, key, of)
