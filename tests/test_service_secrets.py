"""A secret is named, not written: where it lies is checked, and what it is stands in no fault."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexicon.faults import StationFault
from storage.secrets import LARGEST, resolve

SECRET = "Mot-de-passe-très-long:avec=signes"


def laid(path: Path, content: bytes = SECRET.encode() + b"\n", mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def refused(reference: str, base: Path) -> tuple[str, dict[str, int | str]]:
    with pytest.raises(StationFault) as raised:
        resolve(reference, base)
    assert SECRET not in repr(raised.value)
    return raised.value.code, raised.value.facts


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_is_read_from_the_configurations_folder_without_its_line_end(tmp_path: Path, mode: int) -> None:
    laid(tmp_path / "s3", mode=mode)
    assert resolve("file:s3", tmp_path) == SECRET
    assert resolve(f"file:{tmp_path / 's3'}", Path("/nowhere")) == SECRET


def test_blanks_belong_to_a_secret_and_one_line_end_does_not(tmp_path: Path) -> None:
    for content, secret in ((b" a \r\n", " a "), (b"a\n\n", "a\n"), (b"a", "a")):
        assert resolve(f"file:{laid(tmp_path / 's', content)}", tmp_path) == secret


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610, 0o644])
def test_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    laid(tmp_path / "s", mode=mode)
    assert refused("file:s", tmp_path) == ("secret-exposed", {"reference": "file:s"})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_somebody_elses_file_is_refused(tmp_path: Path) -> None:
    os.chown(laid(tmp_path / "s"), 65534, 65534)
    assert refused("file:s", tmp_path)[0] == "secret-exposed"


def test_what_is_no_file_holds_no_secret(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name in ("pipe", "folder", "absent", "nul\0byte"):
        assert refused(f"file:{name}", tmp_path)[0] == "secret-missing"


def test_a_credential_is_what_systemd_laid_out_for_this_unit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert refused("credential:s3", tmp_path) == ("secret-missing", {"reference": "credential:s3"})
    laid(tmp_path / "s3", mode=0o440)  # as it looks where an access list lets the unit's user in
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert resolve("credential:s3", Path("/nowhere")) == SECRET
    assert refused("credential:../s3", tmp_path)[0] == "secret-invalid"


def test_a_variable_is_read_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIASSE_TEST_SECRET", SECRET)
    assert resolve("env:LIASSE_TEST_SECRET", tmp_path) == SECRET
    monkeypatch.setenv("LIASSE_TEST_SECRET", "")
    assert refused("env:LIASSE_TEST_SECRET", tmp_path) == ("secret-missing", {"reference": "env:LIASSE_TEST_SECRET"})


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"a\0b", b"x" * (LARGEST + 1)])
def test_what_cannot_be_a_secret_is_refused(tmp_path: Path, content: bytes) -> None:
    laid(tmp_path / "s", content)
    assert refused("file:s", tmp_path)[0] in ("secret-missing", "secret-invalid")


@given(st.text())
def test_a_secret_written_in_the_place_of_its_reference_is_not_repeated(written: str) -> None:
    reference = f"{SECRET}{written}"
    assert refused(reference, Path("/nowhere")) == ("secret-invalid", {"reference": "…"})
