"""The package names nobody: no name, INS or birth date of roster, file names, batch labels or separators is in it."""

import base64
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handover.build import build
from handover.opaque import WITHHELD, shown_reference, shown_type
from pipeline.identity.traits import key
from tests.handover_fixtures import ABSALON, LEONIE, REFERENCE, Sheets, Workshop, a_days_work

INS = str(LEONIE.ins)
SECRETS = (
    "Lœuillet",
    "Loeuillet",
    "Lœuillet-Rémy",
    "Ferrère",
    "Léonie",
    "Cunégonde",
    "Quinquempoix",
    "Absalon",
    INS,
    INS[:13],
    " ".join((INS[0], INS[1:3], INS[3:5], INS[5:7], INS[7:10], INS[10:13])),
    "1962-03-04",
    "04/03/1962",
    "04-03-1962",
    "19620304",
    "04031962",
    "1971-11-23",
    "23/11/1971",
    "illisible.pdf",
)

CERTAIN = 6
"""Bytes from which a trace does not stand in hashes and identifiers by chance."""


def writings(secret: str) -> Iterator[str]:
    bare = "".join(c for c in unicodedata.normalize("NFKD", secret) if not unicodedata.combining(c))
    for text in (secret, bare, unicodedata.normalize("NFD", secret)):
        yield from (text, text.upper(), text.lower())


def traces(secret: str) -> Iterator[bytes]:
    """The secret's bytes in each encoding, as they are, in hex, and within base64 wherever it begins."""
    for text in set(writings(secret)):
        for encoding in ("utf-8", "utf-16-le", "utf-16-be", "cp1252"):
            raw = text.encode(encoding, "ignore")
            yield from (raw, raw.hex().encode(), raw.hex().upper().encode())
            for shift in range(3):
                encoded = base64.b64encode(bytes(shift) + raw)
                yield encoded[4 if shift else 0 : 4 * ((shift + len(raw)) // 3)]


def found_in(folder: Path) -> set[tuple[str, str]]:
    """Which secrets are in which files, or in their names."""
    hunted = {secret: [trace for trace in set(traces(secret)) if len(trace) >= CERTAIN] for secret in SECRETS}
    found = set()
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes() + str(path.relative_to(folder)).encode()
        found |= {(secret, path.name) for secret, marks in hunted.items() if any(mark in content for mark in marks)}
    return found


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("secrecy")
    workshop = Workshop.open(folder / "poste")
    a_days_work(workshop)
    file = workshop.takes("Léonie FERRÈRE.tif", f"{INS} Quinquempoix")
    layout = [
        Sheets(1, INS),
        Sheets(1, "QUINQUEMPOIX Absalon"),
        Sheets(1, "Quinquempoix"),
        Sheets(1, REFERENCE, "Léonie 04/03/1962", "2 62 03 75 115 042"),
    ]
    workshop.opens(file, layout)
    workshop.works(file)
    built = build(workshop.station, folder / "restitution")
    workshop.station.close()
    return built.path


def test_nobody_is_named_anywhere_in_the_package(package: Path) -> None:
    assert found_in(package) == set()
    assert REFERENCE.encode() in (package / "documents.csv").read_bytes()


@pytest.mark.parametrize("secret", ["Cunégonde", "Quinquempoix", INS])
def test_the_hunt_finds_what_is_planted(tmp_path: Path, secret: str) -> None:
    plants = {
        "utf8": f"x {secret.upper()} y".encode(),
        "utf16": f"x {secret}".encode("utf-16"),
        "cp1252": f"x {secret} y".encode("cp1252"),
        "base64": base64.b64encode(f"ab {secret} cd".encode()),
        "hex": secret.encode().hex().encode(),
    }
    for name, content in plants.items():
        (tmp_path / name).write_bytes(content)
    assert {name for found, name in found_in(tmp_path) if found == secret} == plants.keys()


def test_what_was_withheld_is_said(package: Path) -> None:
    assert b"references-withheld" in (package / "handover.json").read_bytes()
    assert "5 référence(s) d'intercalaire sont remplacées" in (package / "LISEZMOI.txt").read_text(encoding="utf-8")
    assert "5 reference(s) of separators are replaced" in (package / "README.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("reference", ["P-9999", "A1999", "2024/17.b", "000123", "0b1c2d3e"])
def test_an_unknown_reference_that_looks_like_one_is_shown(reference: str) -> None:
    assert shown_reference(reference, known=False) == reference


@pytest.mark.parametrize(
    "reference", ["DUPONT", "Le Goff 12", "Léonie1962", INS, INS[:13], f"P{INS}", "2.62.03.75.115.042", "P\n1", "=1+1"]
)
def test_what_may_name_somebody_is_withheld(reference: str) -> None:
    assert shown_reference(reference, known=False) == WITHHELD


def test_the_clients_own_reference_is_shown_unless_it_is_a_number_of_the_state() -> None:
    assert shown_reference(ABSALON.ref, known=True) == ABSALON.ref
    assert shown_reference("dossier n° 7", known=True) == "dossier n° 7"
    assert shown_reference("1000000000001", known=True) == "1000000000001"
    assert shown_reference(INS, known=True) == WITHHELD


@given(
    st.from_regex(r"[12][0-9]{2}(0[1-9]|1[0-2])(2A|2B|[0-8][0-9])[0-9]{6}", fullmatch=True),
    st.text("P-/. ", max_size=5),
)
def test_no_number_of_the_state_is_ever_shown(number: str, around: str) -> None:
    whole = f"{around}{number}{key(number)}{around}"
    assert shown_reference(whole, known=True) == WITHHELD
    assert shown_reference(whole, known=False) == WITHHELD
    assert shown_type(whole) == WITHHELD
