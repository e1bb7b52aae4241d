"""A deposit is what was read back and compared; a host that lies never gets a receipt, nor does a missing clearance."""

import hashlib
import io
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexicon.faults import Fault, HostFault, TamperFault
from storage.deposit import deposit, deposit_index
from storage.envelope import Header, IndexHeader, Sealed, SealedIndex, open_envelope, seal_index, seal_refused
from storage.hosts.folder import FolderHost
from storage.receipt import IndexReceipt, Receipt
from tests.envelope_fixtures import (
    DOCUMENT,
    NOW,
    OTHER,
    PDF,
    cleared,
    holder,
    refused,
    refused_header_of,
    sealed_at,
)
from tests.host_fixtures import Lie, MemoryHost

KEY = "poste-1/0a1b.p7m"
PLAINTEXT = b"%PDF-1.4 invented"


def sealed_index(target: Path, rows: bytes = b"[]") -> SealedIndex:
    header = IndexHeader("batch-1", 1, hashlib.sha256(rows).hexdigest(), "application/json")
    return seal_index(io.BytesIO(rows), len(rows), header, recipients=[holder("p384").recipient], target=target)


def test_a_receipt_says_what_was_read_back(tmp_path: Path) -> None:
    sealed, host = sealed_at(tmp_path / "x.p7m", PLAINTEXT), MemoryHost()
    receipt = deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    assert receipt == Receipt(
        header=sealed.header,
        host="memory",
        object_key=KEY,
        object_version="v1",
        sha256=hashlib.sha256(host.objects[KEY]).hexdigest(),
        size=len(host.objects[KEY]),
        plaintext_size=len(PLAINTEXT),
        deposited_at=NOW,
    )
    assert (receipt.document, receipt.version, receipt.decision) == (DOCUMENT, 1, cleared().decision)


def test_the_receipt_opens_what_lies_at_the_host(tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    host, client = FolderHost(tmp_path / "host"), holder("p384")
    sealed = sealed_at(tmp_path / "x.p7m", PLAINTEXT)
    receipt = deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    opened = open_envelope(tmp_path / "host" / KEY, client.key, client.certificate, tmp_path / "out", receipt)
    assert opened.origin_checked
    assert (tmp_path / "out").read_bytes() == PLAINTEXT


def test_a_retry_finds_its_own_object(tmp_path: Path) -> None:
    sealed, host = sealed_at(tmp_path / "x.p7m", PLAINTEXT), MemoryHost()
    first = deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    assert deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW) == first


def test_another_object_under_the_key_is_a_conflict_and_stays(tmp_path: Path) -> None:
    host = MemoryHost()
    sealed = sealed_at(tmp_path / "x.p7m", PLAINTEXT)
    for other in (b"", b"other", bytes(sealed.size), bytes(sealed.size + 1)):
        host.objects[KEY] = other
        with pytest.raises(HostFault, match="host-conflict"):
            deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
        assert host.objects == {KEY: other}


@pytest.mark.parametrize("lie", [lie for lie in Lie if lie is not Lie.NONE])
def test_a_lying_host_gets_no_receipt(tmp_path: Path, lie: Lie) -> None:
    host = MemoryHost(lie)
    sealed = sealed_at(tmp_path / "x.p7m", PLAINTEXT)
    index = sealed_index(tmp_path / "index.p7m")
    with pytest.raises(HostFault):
        deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(), at=NOW)
    with pytest.raises(HostFault):
        deposit_index(tmp_path / "index.p7m", index, "poste-1/i.p7m", host, at=NOW)


@pytest.mark.parametrize("lie", [Lie.TRUNCATES, Lie.CORRUPTS, Lie.EXTENDS, Lie.GIVES_ANOTHER, Lie.NEVER_ENDS])
def test_a_host_that_gives_back_something_else_is_told_so(tmp_path: Path, lie: Lie) -> None:
    sealed = sealed_at(tmp_path / "x.p7m", PLAINTEXT)
    with pytest.raises(HostFault, match="receipt-mismatch"):
        deposit(tmp_path / "x.p7m", sealed, KEY, MemoryHost(lie), cleared(), at=NOW)


def test_another_documents_clearance_deposits_nothing(tmp_path: Path) -> None:
    sealed, host = sealed_at(tmp_path / "x.p7m", PLAINTEXT), MemoryHost()
    with pytest.raises(TamperFault, match="clearance-mismatch"):
        deposit(tmp_path / "x.p7m", sealed, KEY, host, cleared(OTHER), at=NOW)
    assert not host.objects


def test_a_refusal_in_place_of_a_clearance_deposits_nothing(tmp_path: Path) -> None:
    sealed, host = sealed_at(tmp_path / "x.p7m", PLAINTEXT), MemoryHost()
    with pytest.raises(AttributeError):
        deposit(tmp_path / "x.p7m", sealed, KEY, host, refused(), at=NOW)  # type: ignore[arg-type] # what is tested
    assert not host.objects


def test_a_refused_documents_originals_cannot_be_deposited_as_the_document(tmp_path: Path) -> None:
    host = MemoryHost()
    original = seal_refused(
        io.BytesIO(PLAINTEXT),
        len(PLAINTEXT),
        refused_header_of(PLAINTEXT),
        refused(),
        recipients=[holder("p384").recipient],
        target=tmp_path / "x.p7m",
    )
    plain = original.header
    disguise = Header(plain.document, plain.version, plain.decision, plain.plaintext_sha256, PDF)
    disguised = Sealed(disguise, original.sha256, original.size, original.plaintext_size)
    with pytest.raises(TamperFault, match="sealed-changed"):
        deposit(tmp_path / "x.p7m", disguised, KEY, host, cleared(), at=NOW)
    assert not host.objects


def test_a_document_cannot_be_deposited_as_an_index(tmp_path: Path) -> None:
    sealed, host = sealed_at(tmp_path / "x.p7m", PLAINTEXT), MemoryHost()
    header = IndexHeader("batch-1", 1, sealed.plaintext_sha256, PDF)
    disguised = SealedIndex(header, sealed.sha256, sealed.size, sealed.plaintext_size)
    with pytest.raises(TamperFault, match="sealed-changed"):
        deposit_index(tmp_path / "x.p7m", disguised, KEY, host, at=NOW)
    assert not host.objects


@pytest.mark.parametrize("change", ["flip", "cut", "grow", "other"])
def test_sealed_bytes_that_changed_while_they_waited_are_not_deposited(tmp_path: Path, change: str) -> None:
    sealed, host, path = sealed_at(tmp_path / "x.p7m", PLAINTEXT), MemoryHost(), tmp_path / "x.p7m"
    whole = path.read_bytes()
    changes = {
        "flip": whole[:-1] + bytes([whole[-1] ^ 1]),
        "cut": whole[:-1],
        "grow": whole + b"\0",
        "other": PLAINTEXT,
    }
    path.write_bytes(changes[change])
    with pytest.raises(TamperFault, match="sealed-changed"):
        deposit(path, sealed, KEY, host, cleared(), at=NOW)
    assert not host.objects


def test_plaintext_never_reaches_the_host_even_when_it_is_announced_as_sealed(tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(PLAINTEXT)
    header = Header(DOCUMENT, 1, cleared().decision, hashlib.sha256(PLAINTEXT).hexdigest(), PDF)
    announced = Sealed(header, header.plaintext_sha256, len(PLAINTEXT), len(PLAINTEXT))
    host = MemoryHost()
    with pytest.raises(TamperFault):
        deposit(tmp_path / "x.pdf", announced, KEY, host, cleared(), at=NOW)
    assert not host.objects


def test_an_index_has_its_own_receipt(tmp_path: Path) -> None:
    host, client = MemoryHost(), holder("p384")
    sealed = sealed_index(tmp_path / "index.p7m", b'[{"document":1}]')
    receipt = deposit_index(tmp_path / "index.p7m", sealed, KEY, host, at=NOW)
    assert isinstance(receipt, IndexReceipt)
    assert json.loads(receipt.manifest())["kind"] == "index-receipt"
    opened = open_envelope(tmp_path / "index.p7m", client.key, client.certificate, tmp_path / "out", receipt)
    assert opened.origin_checked


def receipt_of(**changes: str | int | None) -> Receipt:
    header = Header(DOCUMENT, 1, "d" * 64, "a" * 64, PDF)
    return replace(Receipt(header, "folder", KEY, None, "b" * 64, 900, 700, NOW), **changes)  # type: ignore[arg-type] # drawn


def test_the_manifest_is_golden() -> None:
    digest = Header(DOCUMENT, 1, "d" * 64, "a" * 64, PDF).digest()
    assert receipt_of().manifest().decode() == (
        '{"deposited_at":"2026-01-15T09:30:00.000000+00:00","header":{"decision":"' + "d" * 64 + '",'
        '"document":"01JHN0Q8V5Z6Q2W3E4R5T6Y7U8","kind":"document","media_type":"application/pdf",'
        '"plaintext_sha256":"' + "a" * 64 + '","v":1,"version":1},"header_digest":"' + digest + '",'
        '"host":"folder","kind":"receipt","object_key":"poste-1/0a1b.p7m","object_version":"",'
        '"plaintext_size":700,"sha256":"' + "b" * 64 + '","size":900,"v":1}'
    )


SLUGS = st.lists(st.sampled_from(["separator", "nir", "person"]), unique=True).map(tuple)


@given(version=st.none() | st.text("abc123", min_size=1), size=st.integers(0, 2**40), known=SLUGS)
def test_a_manifest_is_read_back_as_the_receipt_it_was(version: str | None, size: int, known: tuple[str, ...]) -> None:
    receipt = replace(receipt_of(object_version=version, size=size), identified_by=known, inherited=len(known))
    assert Receipt.parse(receipt.manifest()) == (receipt if known else replace(receipt, inherited=0))


def test_a_receipt_says_by_what_its_patient_was_known_in_a_format_of_its_own() -> None:
    told = json.loads(replace(receipt_of(), identified_by=("separator", "nir"), inherited=2).manifest())
    assert (told["v"], told["identified_by"], told["pages_inheriting"]) == (2, ["separator", "nir"], 2)
    said = json.loads(receipt_of().manifest())
    assert told.keys() - said.keys() == {"identified_by", "pages_inheriting"}
    assert {name: one for name, one in told.items() if name in said and name != "v"} == {
        name: one for name, one in said.items() if name != "v"
    }


@given(st.binary(max_size=60) | st.integers(0, 600).map(lambda place: _changed(receipt_of().manifest(), place)))
def test_a_manifest_of_other_bytes_is_refused_or_says_something_else(manifest: bytes) -> None:
    try:
        assert Receipt.parse(manifest) != receipt_of() or manifest == receipt_of().manifest()
    except Fault as fault:
        assert fault.code == "receipt-forged"  # noqa: PT017 - a changed digit is another receipt, whose signature fails


def _changed(manifest: bytes, place: int) -> bytes:
    place %= len(manifest)
    return manifest[:place] + bytes([manifest[place] ^ 1]) + manifest[place + 1 :]


def test_a_time_without_its_zone_is_no_time_of_deposit() -> None:
    with pytest.raises(ValueError, match="zone"):
        replace(receipt_of(), deposited_at=datetime(2026, 1, 15))  # noqa: DTZ001 - what is tested
