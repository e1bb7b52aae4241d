"""What a swept station is fed: small pages that name their invented patient in large print, and who must not be found.

Everything that is printed here is hunted afterwards, in whatever is left of the stations: see `hunter`.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from consent_gate.model import DocType, PatientRef
from demo.people import UNKNOWN, Person, everybody
from demo.scanner import Mode, Scanned, scan, write_tiff
from pipeline.model import Separator
from pipeline.sheets.image import sheet_image
from tests import hunter as hunting
from tests.trial_fixtures import _rng

DPI: Final = 150
WORD: Final = "Drépanocytose"
"""A diagnosis that stands on every page, and nowhere else on the machine."""
_SIZE: Final = 38


def lay_records(folder: Path) -> None:
    """Few and small pages that come to every kind of end."""
    folder.mkdir(parents=True)
    grain = np.random.default_rng(20)
    pages = [
        *document_pages("A1001", "D-1", grain),  # deposited
        *document_pages("A1007", "D-2", grain),  # refused for good: withdrawn
        scan(paper(""), DPI, Mode.GREY, grain),  # a blank side
        *document_pages("A1009", "D-3", grain),  # refused, curable: no authorization
        *document_pages("A1005", "D-1", grain),  # held: this document is there already
    ]
    write_tiff(pages, folder / "MIXED.tif")
    write_tiff([scan(paper(printed("A1001")), DPI, Mode.GREY, grain)], folder / "LOOSE.tif")  # held: no separator
    shutil.copyfile(folder / "MIXED.tif", folder / "MIXED again.tif")
    (folder / "BROKEN.tif").write_bytes(b"II*\0" + bytes(100))
    os.utime(folder / "BROKEN.tif", (1, 1))  # so old that nobody waits for its end


def lay_large(folder: Path) -> None:
    """One document of more than five mebibytes, which a host takes in parts: colour, with grain that nothing packs."""
    folder.mkdir(parents=True)
    grain = np.random.default_rng(21)
    cover = sheet_image(Separator(PatientRef("A1001"), DocType("resultats_labo"), "D-9"), dpi=DPI)
    clean = np.asarray(paper(printed("A1001")).resize((3600, 1350)), np.int16) - 24
    noise = grain.integers(-24, 25, clean.shape, np.int16)
    levels = np.clip(clean + noise, 0, 255).astype(np.uint8)
    first, *rest = [scan(cover, DPI, Mode.GREY, grain).image, Image.fromarray(levels)]
    first.save(folder / "LARGE.tif", save_all=True, append_images=rest, compression="jpeg", quality=97)


def document_pages(patient: str, identifier: str, grain: np.random.Generator) -> Iterator[Scanned]:
    cover = sheet_image(Separator(PatientRef(patient), DocType("resultats_labo"), identifier), dpi=DPI)
    yield scan(cover, DPI, Mode.GREY, grain)
    yield scan(paper(printed(patient)), DPI, Mode.GREY, grain)


def printed(ref: str) -> str:
    """The lines of a page of this patient."""
    person = known()[PatientRef(ref)]
    who = person.patient
    return "\n".join(
        (
            f"Nom de naissance : {who.birth_name}",
            f"Prénom : {who.given_names[0]}",
            f"{person.born.capitalize()} le {who.birth_date:%d/%m/%Y}",
            f"Matricule INS : {person.number}",
            f"Diagnostic : {WORD}",
        )
    )


def paper(words: str) -> Image.Image:
    """A slip as wide as a page."""
    blank = Image.new("RGB", (8 * DPI, 3 * DPI), "white")
    ImageDraw.Draw(blank).multiline_text(
        (80, 60), words, fill="black", font=ImageFont.truetype("DejaVuSans.ttf", _SIZE), spacing=16
    )
    return blank


def known() -> Mapping[PatientRef, Person]:
    """Everybody of these tests."""
    return everybody(_rng())


def hunted() -> Iterator[hunting.Person]:
    """Whoever may not be named: all invented people with their birth dates, and the diagnosis."""
    yield hunting.Person((WORD,), ())
    for person in known().values():
        yield hunting.Person.of(person.patient, born=True)


def roster() -> list[Person]:
    """Those whom the station knows."""
    return [person for ref, person in known().items() if ref != UNKNOWN]
