"""The station's keys and the recipients' certificates: made once, checked at each start, refused when weak."""

import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from consent_gate.model import DocumentId, PatientRef
from lexicon.faults import Fault, StationFault, TamperFault
from storage.keys import StationKeys, create_trial_recipient, load_private_key, load_recipient
from storage.recipients import PrivateKey, Recipient, same_key
from storage.signature import sign, verify
from tests.envelope_fixtures import DOCUMENT, NOW, OTHER, certify, holder, new_key

SYMMETRIC = ("columns", "blind", "pseudonym", "object_names", "spool", "release", "backup")
FILES = (*(f"{name}.key" for name in SYMMETRIC), "checkpoint.pem", "signature.pem", "station.crt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    StationKeys.create(tmp_path / "keys", "poste-1", NOW)
    return tmp_path / "keys"


def test_keys_are_made_for_the_stations_account_alone_and_read_back(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in folder.iterdir())
    first, second = StationKeys.load(folder), StationKeys.load(folder)
    assert first.columns == second.columns
    assert len({getattr(first, name) for name in ("columns", "blind", "object_names", "spool", "release")}) == 5
    assert first.certificate.public_key() == first.signature.public_key()


def test_keys_that_are_there_are_never_replaced(folder: Path) -> None:
    before = StationKeys.load(folder).columns
    with pytest.raises(StationFault, match="keys-exist"):
        StationKeys.create(folder, "poste-1", NOW)
    assert StationKeys.load(folder).columns == before


def test_an_interrupted_creation_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "keys.part").mkdir(0o700)
    (tmp_path / "keys.part" / "columns.key").write_bytes(bytes(32))
    assert StationKeys.create(tmp_path / "keys", "poste-1", NOW).columns != bytes(32)
    assert not (tmp_path / "keys.part").exists()


@pytest.mark.parametrize("name", FILES)
def test_a_missing_key_names_itself(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(StationFault, match="key-unavailable") as fault:
        StationKeys.load(folder)
    assert str(fault.value.facts["key"]) in name


@pytest.mark.parametrize("name", FILES)
def test_a_cut_key_is_no_key(folder: Path, name: str) -> None:
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(StationFault, match="key-unavailable"):
        StationKeys.load(folder)


@pytest.mark.parametrize("name", [*FILES, "."])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o710])
def test_a_key_that_others_can_read_stops_the_station(folder: Path, name: str, mode: int) -> None:
    (folder / name).chmod(mode)
    with pytest.raises(StationFault, match="key-permissions"):
        StationKeys.load(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_account_stops_the_station(folder: Path) -> None:
    os.chown(folder / "spool.key", 65534, 65534)
    with pytest.raises(StationFault, match="key-permissions"):
        StationKeys.load(folder)


def test_a_link_in_place_of_a_key_is_no_key(folder: Path, tmp_path: Path) -> None:
    (folder / "spool.key").rename(tmp_path / "elsewhere")
    (folder / "spool.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StationFault, match="key-unavailable"):
        StationKeys.load(folder)


def test_another_stations_certificate_is_not_accepted(folder: Path, tmp_path: Path) -> None:
    StationKeys.create(tmp_path / "other", "poste-2", NOW)
    (tmp_path / "other" / "station.crt").replace(folder / "station.crt")
    with pytest.raises(StationFault, match="key-unavailable"):
        StationKeys.load(folder)


def test_no_key_shows_when_the_keys_are_printed(folder: Path) -> None:
    keys = StationKeys.load(folder)
    for secret in (keys.columns, keys.blind, keys.pseudonym_key, keys.object_names, keys.spool, keys.release):
        assert secret.hex() not in repr(keys)
        assert repr(secret) not in repr(keys)


def test_names_are_the_same_for_a_retry_and_tell_nothing(folder: Path) -> None:
    keys = StationKeys.load(folder)
    name = keys.object_key("poste-1", DOCUMENT, 1)
    assert name == StationKeys.load(folder).object_key("poste-1", DOCUMENT, 1)
    assert name.startswith("poste-1/")
    assert name.endswith(".p7m")
    assert len(name) == len("poste-1/") + 64 + len(".p7m")
    others = {
        keys.object_key("poste-1", DOCUMENT, 2),
        keys.object_key("poste-1", OTHER, 1),
        keys.index_key("poste-1", DOCUMENT, 1),
        keys.object_key("poste-1", DocumentId(f"{DOCUMENT}|1"), 1),
    }
    assert len(others | {name}) == 5
    assert len(keys.pseudonym(PatientRef("P-0001"))) == 64


@pytest.mark.parametrize("station", ["", "-poste", "Poste", "poste/1", "..", "poste 1", "é"])
def test_a_station_has_a_plain_name(tmp_path: Path, station: str) -> None:
    with pytest.raises(StationFault, match="station-name"):
        StationKeys.create(tmp_path / "keys", station, NOW)
    assert not list(tmp_path.iterdir())


def test_a_trial_recipient_says_that_it_is_one(tmp_path: Path) -> None:
    made = create_trial_recipient(tmp_path, "client", NOW)
    loaded = load_recipient(tmp_path / "client.crt")
    loaded.require_valid(NOW)
    assert made.trial
    assert loaded.trial
    assert not holder("p384").recipient.trial
    assert (tmp_path / "client.key").stat().st_mode & 0o777 == 0o600
    assert same_key(load_private_key(tmp_path / "client.key"), loaded.certificate)
    assert loaded.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    with pytest.raises(StationFault, match="keys-exist"):
        create_trial_recipient(tmp_path, "client", NOW)


def unusable(key: PrivateKey | ed25519.Ed25519PrivateKey, usage: x509.KeyUsage | None = None) -> str:
    with pytest.raises(StationFault, match="recipient-unusable") as fault:
        Recipient(certify(key, "weak", usage=usage))  # type: ignore[arg-type] # Ed25519 is one of the refused
    return str(fault.value.facts["reason"])


def test_weak_recipients_are_refused() -> None:
    assert unusable(rsa.generate_private_key(65537, 2048)) == "rsa-too-short"
    assert unusable(ec.generate_private_key(ec.SECP256K1())) == "curve"
    signing = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    assert unusable(new_key("p384"), signing) == "key-usage"
    assert unusable(new_key("rsa"), signing) == "key-usage"


def test_a_recipient_without_a_usable_kind_of_key_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "edwards")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    certificate = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=1)).sign(key, None)
    with pytest.raises(StationFault, match="recipient-unusable"):
        Recipient(certificate)


def test_a_certificate_serves_within_its_validity_only() -> None:
    recipient = Recipient(certify(new_key("p384"), "old", until=NOW))
    recipient.require_valid(NOW)
    for moment, reason in ((timedelta(seconds=1), "expired"), (timedelta(days=-4000), "not-yet-valid")):
        with pytest.raises(StationFault, match="recipient-unusable") as fault:
            recipient.require_valid(NOW + moment)
        assert fault.value.facts["reason"] == reason


@pytest.mark.parametrize(
    "content", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"\x30\x00"]
)
def test_what_is_no_certificate_or_key_is_told_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(StationFault, match="recipient-unusable"):
        load_recipient(tmp_path / "x")
    with pytest.raises(StationFault, match="private-key-unreadable"):
        load_private_key(tmp_path / "x")


def test_absent_files_are_told_so(tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="recipient-unusable"):
        load_recipient(tmp_path / "absent")
    with pytest.raises(StationFault, match="private-key-unreadable"):
        load_private_key(tmp_path / "absent")


def test_der_and_pass_phrases_are_read_too(tmp_path: Path) -> None:
    key = new_key("p384")
    certificate = certify(key, "der")
    (tmp_path / "crt").write_bytes(certificate.public_bytes(serialization.Encoding.DER))
    encryption = serialization.BestAvailableEncryption(b"phrase")
    (tmp_path / "key").write_bytes(
        key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, encryption)
    )
    assert load_recipient(tmp_path / "crt").fingerprint == certificate.fingerprint(hashes.SHA256()).hex()
    assert same_key(load_private_key(tmp_path / "key", b"phrase"), certificate)
    for password in (None, b"other"):
        with pytest.raises(StationFault, match="private-key-unreadable"):
            load_private_key(tmp_path / "key", password)


def test_stock_openssl_verifies_the_stations_signature(folder: Path, tmp_path: Path) -> None:
    manifest = b'{"invented":1}'
    (tmp_path / "manifest").write_bytes(manifest)
    (tmp_path / "x.p7s").write_bytes(sign(StationKeys.load(folder), manifest))
    command: list[str | Path] = [
        "openssl",
        "cms",
        "-verify",
        "-binary",
        "-inform",
        "DER",
        "-in",
        tmp_path / "x.p7s",
        "-CAfile",
    ]
    command += [folder / "station.crt", "-purpose", "any", "-out", "/dev/null", "-content"]
    subprocess.run([*command, tmp_path / "manifest"], check=True, capture_output=True)
    (tmp_path / "forged").write_bytes(b'{"invented":2}')
    assert subprocess.run([*command, tmp_path / "forged"], check=False, capture_output=True).returncode != 0


def test_a_signature_is_for_its_bytes_and_its_station_alone(folder: Path, tmp_path: Path) -> None:
    keys, other = StationKeys.load(folder), StationKeys.create(tmp_path / "other", "poste-2", NOW)
    signature = sign(keys, b"manifest")
    verify(signature, b"manifest", keys.certificate)
    for forged, content, certificate in (
        (signature, b"Manifest", keys.certificate),
        (signature, b"manifest", other.certificate),
        (sign(other, b"manifest"), b"manifest", keys.certificate),
        (signature + b"\0", b"manifest", keys.certificate),
        (b"", b"manifest", keys.certificate),
    ):
        with pytest.raises(TamperFault, match="signature-forged"):
            verify(forged, content, certificate)


def test_a_changed_signature_is_never_an_unexpected_error(folder: Path) -> None:
    keys = StationKeys.load(folder)
    signature = sign(keys, b"manifest")
    for place in range(0, len(signature), 3):
        forged = bytearray(signature)
        forged[place] ^= 0x40
        try:
            verify(bytes(forged), b"manifest", keys.certificate)
        except Fault as fault:
            assert fault.code == "signature-forged"  # noqa: PT017 - a change in the copied certificate alone is harmless
