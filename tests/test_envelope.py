"""Sealing and opening: what goes in comes out, with our reader and with stock openssl, and only with a clearance."""

import hashlib
import io
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lexicon.faults import Fault, SheetFault, StationFault, TamperFault
from storage import cms
from storage.envelope import (
    Header,
    IndexHeader,
    Opened,
    RefusedHeader,
    Sealed,
    open_envelope,
    seal,
    seal_index,
    seal_refused,
)
from storage.recipients import KeyTransport
from tests.envelope_fixtures import (
    DOCUMENT,
    OTHER,
    PDF,
    Holder,
    cleared,
    header_of,
    holder,
    refused,
    refused_header_of,
    sealed_at,
)

KINDS = ("p384", "p256", "p521", "rsa")
SIZES = st.one_of(st.integers(0, 200), st.sampled_from([(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2_500_000]))


def folder_of(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("envelope")


@settings(max_examples=25, deadline=None)
@given(
    size=SIZES, seed=st.binary(min_size=1, max_size=8), kinds=st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS))
)
def test_every_recipient_opens_exactly_what_was_sealed(
    tmp_path_factory: pytest.TempPathFactory, size: int, seed: bytes, kinds: tuple[str, str]
) -> None:
    folder = folder_of(tmp_path_factory)
    plaintext = (seed * (size // len(seed) + 1))[:size]
    client, escrow = holder(kinds[0], "client"), holder(kinds[1], "escrow")
    sealed = sealed_at(folder / "x.p7m", plaintext, client, escrow)
    for each, name in ((client, "a"), (escrow, "b")):
        opened = open_envelope(folder / "x.p7m", each.key, each.certificate, folder / name, sealed)
        assert opened == Opened(
            origin_checked=True,
            plaintext_sha256=sealed.plaintext_sha256,
            plaintext_size=size,
            header_digest=sealed.header_digest,
        )
        assert (folder / name).read_bytes() == plaintext
        assert (folder / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["client", "escrow"])
def test_stock_openssl_opens_it(tmp_path: Path, kind: str, who: str) -> None:
    plaintext = b"%PDF-1.4 invented " * 9000
    client, escrow = holder(kind, "client"), holder("rsa" if kind == "p384" else "p384", "escrow")
    sealed_at(tmp_path / "x.p7m", plaintext, client, escrow)
    key, certificate = (client if who == "client" else escrow).write(tmp_path, who)
    command: list[str | Path] = [
        "openssl",
        "cms",
        "-decrypt",
        "-inform",
        "DER",
        "-in",
        tmp_path / "x.p7m",
        "-inkey",
        key,
    ]
    subprocess.run([*command, "-recip", certificate, "-out", tmp_path / "out"], check=True, capture_output=True)
    assert (tmp_path / "out").read_bytes() == plaintext


def test_openssl_prints_the_structure_and_the_bound_header(tmp_path: Path) -> None:
    sealed = sealed_at(tmp_path / "x.p7m", b"invented", holder("p384"))
    command: list[str | Path] = ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", tmp_path / "x.p7m"]
    shown = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "id-smime-ct-authEnvelopedData" in shown
    assert "aes-256-gcm" in shown
    with (tmp_path / "x.p7m").open("rb") as stream:
        assert cms.inspect(stream).context.hex() == sealed.header_digest


def test_the_envelope_says_nothing_of_what_is_in_it(tmp_path: Path) -> None:
    sealed = sealed_at(tmp_path / "x.p7m", b"DUPONTEL Marguerite", holder("p384"), holder("rsa", "escrow"))
    shown = (tmp_path / "x.p7m").read_bytes()
    for hidden in (b"DUPONTEL", DOCUMENT.encode(), sealed.header.decision.encode(), PDF.encode()):
        assert hidden not in shown


def test_keys_and_nonces_are_fresh_for_each_object(tmp_path: Path) -> None:
    nonces, bodies, wraps = set(), set(), set()
    for number in range(200):
        path = tmp_path / f"{number}.p7m"
        sealed_at(path, bytes(64))
        with path.open("rb") as stream:
            layout = cms.inspect(stream)
        nonces.add(layout.nonce)
        wraps.add(layout.shares[0].wrapped)
        bodies.add(path.read_bytes()[layout.offset :])
    assert len(nonces) == len(bodies) == len(wraps) == 200


def test_without_a_receipt_it_opens_and_says_that_origin_was_not_checked(tmp_path: Path) -> None:
    client = holder("p384")
    sealed = sealed_at(tmp_path / "x.p7m", b"invented", client)
    opened = open_envelope(tmp_path / "x.p7m", client.key, client.certificate, tmp_path / "out", None)
    assert opened == Opened(
        origin_checked=False,
        plaintext_sha256=sealed.plaintext_sha256,
        plaintext_size=8,
        header_digest=sealed.header_digest,
    )


def test_another_key_is_told_so(tmp_path: Path) -> None:
    client, stranger = holder("p384"), holder("p384", "stranger")
    sealed = sealed_at(tmp_path / "x.p7m", b"invented", client)
    for key, certificate in ((stranger.key, stranger.certificate), (stranger.key, client.certificate)):
        with pytest.raises(StationFault, match="key-not-recipient"):
            open_envelope(tmp_path / "x.p7m", key, certificate, tmp_path / "out", sealed)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.p7m"]


def test_a_file_that_is_there_is_never_replaced_by_opening(tmp_path: Path) -> None:
    client = holder("p384")
    sealed = sealed_at(tmp_path / "x.p7m", b"invented", client)
    (tmp_path / "out").write_bytes(b"precious")
    with pytest.raises(StationFault, match="target-exists"):
        open_envelope(tmp_path / "x.p7m", client.key, client.certificate, tmp_path / "out", sealed)
    assert (tmp_path / "out").read_bytes() == b"precious"


def test_another_documents_clearance_seals_nothing(tmp_path: Path) -> None:
    with pytest.raises(TamperFault, match="clearance-mismatch"):
        seal(
            io.BytesIO(b"x"),
            1,
            header_of(b"x"),
            cleared(OTHER),
            recipients=[holder("p384").recipient],
            target=tmp_path / "x.p7m",
        )
    assert not list(tmp_path.iterdir())


def test_another_documents_clearance_and_decision_seal_nothing(tmp_path: Path) -> None:
    plain = header_of(b"x")
    borrowed = Header(plain.document, 1, cleared(OTHER).decision, plain.plaintext_sha256, PDF)
    with pytest.raises(TamperFault, match="clearance-mismatch"):
        seal(
            io.BytesIO(b"x"),
            1,
            borrowed,
            cleared(OTHER),
            recipients=[holder("p384").recipient],
            target=tmp_path / "x.p7m",
        )
    assert not list(tmp_path.iterdir())


def test_a_header_with_another_decision_seals_nothing(tmp_path: Path) -> None:
    plain = header_of(b"x")
    forged = type(plain)(plain.document, 1, "0" * 64, plain.plaintext_sha256, PDF)
    with pytest.raises(TamperFault, match="clearance-mismatch"):
        seal(
            io.BytesIO(b"x"),
            1,
            forged,
            cleared(),
            recipients=[holder("p384").recipient],
            target=tmp_path / "x.p7m",
        )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("announced", [7, 9])
def test_a_source_of_another_size_than_announced_leaves_nothing(tmp_path: Path, announced: int) -> None:
    source = io.BytesIO(b"invented")
    with pytest.raises(StationFault, match="source-changed"):
        seal(
            source,
            announced,
            header_of(b"invented"),
            cleared(),
            recipients=[holder("p384").recipient],
            target=tmp_path / "x.p7m",
        )
    assert not list(tmp_path.iterdir())


def test_a_source_of_another_content_than_the_header_says_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="source-changed"):
        seal(
            io.BytesIO(b"INVENTED"),
            8,
            header_of(b"invented"),
            cleared(),
            recipients=[holder("p384").recipient],
            target=tmp_path / "x.p7m",
        )
    assert not list(tmp_path.iterdir())


def test_what_stock_tools_could_not_load_is_not_sealed(tmp_path: Path) -> None:
    with pytest.raises(SheetFault, match="document-too-large"):
        seal(
            io.BytesIO(),
            cms.MAXIMUM,
            header_of(b""),
            cleared(),
            recipients=[holder("p384").recipient],
            target=tmp_path / "x.p7m",
        )
    assert not list(tmp_path.iterdir())


def test_without_a_recipient_nothing_is_sealed(tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="recipient-missing"):
        seal(io.BytesIO(b"x"), 1, header_of(b"x"), cleared(), recipients=[], target=tmp_path / "x.p7m")
    assert not list(tmp_path.iterdir())


def test_a_refused_documents_originals_are_sealed_for_the_client_alone(tmp_path: Path) -> None:
    client, original = holder("rsa"), b"II*\0 invented"
    sealed = seal_refused(
        io.BytesIO(original),
        len(original),
        refused_header_of(original),
        refused(),
        recipients=[client.recipient],
        target=tmp_path / "x.p7m",
    )
    open_envelope(tmp_path / "x.p7m", client.key, client.certificate, tmp_path / "out", sealed)
    assert (tmp_path / "out").read_bytes() == original


def test_originals_are_not_sealed_under_another_documents_refusal(tmp_path: Path) -> None:
    mine, others = refused_header_of(b"x"), refused_header_of(b"x", OTHER)
    borrowed = RefusedHeader(mine.document, 1, others.decision, mine.plaintext_sha256, mine.media_type)
    for header in (mine, borrowed):
        with pytest.raises(TamperFault, match="clearance-mismatch"):
            seal_refused(
                io.BytesIO(b"x"),
                1,
                header,
                refused(OTHER),
                recipients=[holder("p384").recipient],
                target=tmp_path / "x.p7m",
            )
    assert not list(tmp_path.iterdir())


def test_a_header_that_lies_about_the_content_opens_nothing(tmp_path: Path) -> None:
    client, header = holder("p384"), header_of(b"something else")
    with (tmp_path / "x.p7m").open("wb") as target:
        context = bytes.fromhex(header.digest())
        written = cms.write(io.BytesIO(b"invented"), 8, target, [client.recipient], context)
    stated = Sealed(header, written.object_sha256, written.size, 8)
    with pytest.raises(TamperFault, match="envelope-forged"):
        open_envelope(tmp_path / "x.p7m", client.key, client.certificate, tmp_path / "out", stated)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.p7m"]


def test_an_index_opens_too(tmp_path: Path) -> None:
    client, rows = holder("p384"), b'{"documents":[]}'
    header = IndexHeader("batch-1", 1, hashlib.sha256(rows).hexdigest(), "application/json")
    sealed = seal_index(
        io.BytesIO(rows), len(rows), header, recipients=[client.recipient], target=tmp_path / "index.p7m"
    )
    open_envelope(tmp_path / "index.p7m", client.key, client.certificate, tmp_path / "out", sealed)
    assert (tmp_path / "out").read_bytes() == rows


def test_the_kinds_of_envelope_never_share_a_digest() -> None:
    digests = {header_of(b"x").digest(), refused_header_of(b"x").digest()}
    document = header_of(b"x")
    same_fields = refused_header_of(b"x")
    same_fields = type(same_fields)(
        document.document, document.version, document.decision, document.plaintext_sha256, document.media_type
    )
    assert len(digests | {same_fields.digest()}) == 3


def test_the_headers_bytes_are_what_the_documentation_shows() -> None:
    shown = header_of(b"").canonical().decode()
    assert shown.startswith('{"decision":"')
    assert '"document":"01JHN0Q8V5Z6Q2W3E4R5T6Y7U8","kind":"document","media_type":"application/pdf"' in shown
    assert shown.endswith(f'"plaintext_sha256":"{hashlib.sha256(b"").hexdigest()}","v":1,"version":1}}')


def everything_wrong(small: bytes, head: int) -> list[bytes]:
    """Every single-bit flip before the ciphertext and in the trailer, every truncation, some extensions."""
    flipped = []
    for place in (*range(head), *range(len(small) - 18, len(small))):
        for bit in range(8):
            forged = bytearray(small)
            forged[place] ^= 1 << bit
            flipped.append(bytes(forged))
    cut = [small[:length] for length in range(len(small))]
    return [*flipped, *cut, small + b"\0", small + small, b"\0" + small]


@pytest.mark.parametrize("kinds", [("p384", "p384"), ("rsa", "p384")])
def test_with_the_receipt_every_flip_truncation_and_extension_is_refused_and_leaves_nothing(
    tmp_path: Path, kinds: tuple[str, str]
) -> None:
    client, escrow = holder(kinds[0], "client"), holder(kinds[1], "escrow")
    sealed = sealed_at(tmp_path / "x.p7m", b"invented", client, escrow)
    small = (tmp_path / "x.p7m").read_bytes()
    with (tmp_path / "x.p7m").open("rb") as stream:
        head = cms.inspect(stream).offset
    forgeries = everything_wrong(small, head)
    assert len(forgeries) > 6000
    forged, target = tmp_path / "forged.p7m", tmp_path / "out"
    for content in forgeries:
        forged.write_bytes(content)
        with pytest.raises(TamperFault, match="envelope-forged"):
            open_envelope(forged, client.key, client.certificate, target, sealed)
        assert not target.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["forged.p7m", "x.p7m"]


@pytest.mark.parametrize("kind", ["p384", "rsa"])
def test_without_a_receipt_every_flip_truncation_and_extension_is_refused_too(kind: str) -> None:
    """The only recipient's share is all the header there is: whatever is changed in it, the reader says so."""
    client = holder(kind)
    sealed = io.BytesIO()
    cms.write(io.BytesIO(b"invented"), 8, sealed, [client.recipient], bytes(32))
    small = sealed.getvalue()
    for forged in everything_wrong(small, cms.inspect(sealed).offset)[:: 1 if kind == "p384" else 5]:
        assert_refused(forged, client)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_bytes_it_is_fed_the_reader_has_one_answer(data: st.DataObject) -> None:
    client = holder("p384")
    forged = bytearray(_EXAMPLE)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(forged)))
        stop = data.draw(st.integers(start, min(len(forged), start + 40)))
        forged[start:stop] = data.draw(st.binary(max_size=40))
    if bytes(forged) != _EXAMPLE:
        assert_refused(bytes(forged), client)


def test_only_the_receipt_shows_that_another_recipients_share_was_changed(tmp_path: Path) -> None:
    client, escrow = holder("p384"), holder("rsa", "escrow")
    sealed = sealed_at(tmp_path / "x.p7m", b"invented", client, escrow)
    forged = (tmp_path / "x.p7m").read_bytes()
    with (tmp_path / "x.p7m").open("rb") as stream:
        escrows = next(share for share in cms.inspect(stream).shares if isinstance(share, KeyTransport))
    (tmp_path / "x.p7m").write_bytes(forged.replace(escrows.wrapped, bytes(len(escrows.wrapped))))
    with pytest.raises(TamperFault, match="envelope-forged"):
        open_envelope(tmp_path / "x.p7m", client.key, client.certificate, tmp_path / "out", sealed)
    opened = open_envelope(tmp_path / "x.p7m", client.key, client.certificate, tmp_path / "out", None)
    assert not opened.origin_checked


@given(st.binary(max_size=300))
def test_noise_is_refused_as_everything_else(noise: bytes) -> None:
    assert_refused(noise, holder("p384"))


def assert_refused(forged: bytes, client: Holder) -> None:
    """Refused by the one fault for the envelope, or because the bytes no longer name the client."""
    with pytest.raises(Fault) as refusal:
        cms.read(io.BytesIO(forged), io.BytesIO(), client.key, client.certificate, None)
    assert refusal.value.code in {"envelope-forged", "key-not-recipient"}
    assert refusal.value.__cause__ is None


def _example() -> bytes:
    sealed = io.BytesIO()
    cms.write(io.BytesIO(b"invented" * 20), 160, sealed, [holder("p384").recipient], bytes(32))
    return sealed.getvalue()


_EXAMPLE = _example()
