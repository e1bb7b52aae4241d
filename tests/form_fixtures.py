"""Authorization forms printed by a trial station, signed by hand, and scanned."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw

from demo.scanner import Mode, scan
from pipeline.forms import depositing, returning
from pipeline.forms.printing import print_forms
from pipeline.intake import Source, take
from pipeline.office.people import Presented
from pipeline.station import Station
from storage.forms import STATES, Forms, StoredReturn
from tests.trial_fixtures import Trial

DPI = 150
NOTICE = """
[notice]
version = "2026-1"
address = "12, rue des Tilleuls, 99120 Port-Fictif"
purpose = "Votre dossier papier est numérisé, puis conservé à la place du papier"
legal_reference = "articles L.4624-8 et R.4624-45-4 du code du travail"
categories = "Identité, coordonnées, poste de travail, antécédents, résultats d'examens"
source = "Elles viennent de vous et des professionnels qui vous ont suivi"
recipients = "Les professionnels de santé du service, tenus au secret"
host = "Hébergeur Exemple SAS (Nantes)"
transfers = "Aucune donnée ne quitte l'Union européenne"
retention = "40 ans après votre dernière visite"
rights_contact = "dpo@exemple.invalid, ou par courrier à l'adresse ci-dessus"
if_refused = "Votre dossier reste sur papier, et votre suivi ne change pas"
occupational_health = true
doc_types = { resultats_labo = "résultats de laboratoire", certificat = "certificats médicaux" }
"""
CONTROLLER = 'dpo = "dpo@exemple.invalid"'


def told(trial: Trial, notice: str = NOTICE, more: str = "") -> None:
    """The station's configuration says what a notice needs, and has an inbox of authorizations."""
    (trial.folder / "formulaires").mkdir(exist_ok=True)
    text = trial.config.read_text(encoding="utf-8")
    text = text.replace("[client]\n", f"[client]\n{CONTROLLER}\n" if "dpo" not in text else "[client]\n")
    if "subcontractor" not in text:
        text = text.replace("[contract]\n", '[contract]\nsubcontractor = "Atelier Exemple"\n')
    inbox = '\n[[inbox]]\nfolder = "formulaires"\nkind = "authorizations"\nsettle = 0.0\nsweep = 0.2\n'
    trial.config.write_text(f"{text}\n{notice}\n{inbox}\n{more}\n", encoding="utf-8")


def inbox_of(trial: Trial) -> Path:
    return trial.folder / "formulaires"


@dataclass(frozen=True, slots=True)
class Printed:
    """Forms as they came out of the printer: `pages[form]` are its printed sides, grey; the last is the signed one."""

    numbers: tuple[str, ...]
    pages: dict[str, tuple[Image.Image, ...]]
    pdf: Path

    def sides(self, patient: int) -> tuple[Image.Image, ...]:
        return self.pages[self.numbers[patient]]


def printed(station: Station, folder: Path, *refs: str, names: bool = False) -> Printed:
    target = folder / f"forms-{station.identifiers.new()}.pdf"
    numbers = print_forms(station, refs, target, names=names)
    drawn = drawings(target)
    each = len(drawn) // len(numbers)
    of_each = {number: drawn[at * each : (at + 1) * each] for at, number in enumerate(numbers)}
    pages = {
        number: tuple(side for side in sides if side.getextrema() != (255, 255)) for number, sides in of_each.items()
    }
    return Printed(numbers, pages, target)


def drawings(pdf: Path, dpi: int = DPI) -> list[Image.Image]:
    """A PDF's pages in grey."""
    with opened(pdf) as document:
        return [document[page].render(scale=dpi / 72).to_pil().convert("L") for page in range(len(document))]


@contextmanager
def opened(pdf: Path) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)  # type: ignore[no-untyped-call]  # pypdfium2 has no types
    try:
        yield document
    finally:
        document.close()  # type: ignore[no-untyped-call]  # the same


def text_of(pdf: Path) -> str:
    with opened(pdf) as document:
        return "\n".join(document[page].get_textpage().get_text_range() for page in range(len(document)))


def signed(side: Image.Image, mark: str = "X") -> Image.Image:
    """Ticked, and signed in the box, so that no two sides are alike."""
    side = side.copy()
    pen = ImageDraw.Draw(side)
    width, height = side.size
    pen.line([(width * 0.088, height * 0.253), (width * 0.105, height * 0.265)], fill=40, width=4)
    pen.text((width * 0.6, height * 0.5), f"{mark} lu et approuvé", fill=60)
    return side


def scanned(path: Path, *sides: Image.Image, seed: int = 1) -> Path:
    """Fed through a scanner, and written as one TIFF of grey pages; written elsewhere and renamed."""
    rng = np.random.default_rng(seed)
    pages = [scan(side, DPI, Mode.GREY, rng).image for side in sides]
    blob = io.BytesIO()
    pages[0].save(blob, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate", dpi=(DPI, DPI))
    path.write_bytes(blob.getvalue())
    return path


def blank() -> Image.Image:
    return Image.new("L", (round(210 / 25.4 * DPI), round(297 / 25.4 * DPI)), 252)


def returns(station: Station, states: Sequence[str] = STATES) -> tuple[StoredReturn, ...]:
    with station.database.read() as session:
        return Forms(station.columns).returns(session, states=states)


def spoilt(side: Image.Image) -> Image.Image:
    """Something was spilt over the middle of both codes: there is a code, and it cannot be read."""
    side = side.copy()
    pen, millimetre = ImageDraw.Draw(side), DPI / 25.4
    for top in (18, 272):
        pen.rectangle([millimetre * place for place in (185, top, 197, top + 9)], fill=128)
    return side


def letter() -> Image.Image:
    side = blank()
    pen = ImageDraw.Draw(side)
    for line in range(30):
        pen.text((200, 200 + 45 * line), "Je soussigne, docteur en medecine, certifie avoir examine ce jour", fill=30)
    return side


def fed(station: Station, path: Path) -> str:
    """The file taken and laid out, as the engine's steps do it, and nothing of it delivered yet."""
    with path.open("rb") as stream:
        source = Source(station.identifiers.new(), path.name, "lot", stream, lambda: None, "authorizations")
        file = take(station, source)
    returning.unfold_returns(station, file)
    return file.id


def one_to_check(station: Station, folder: Path, patient: str) -> StoredReturn:
    """A form of this patient, printed, signed and come back: its evidence is sealed, and it waits for a person."""
    forms = printed(station, folder, patient)
    depositing.deliver_returns(station, fed(station, scanned(folder / "f.tif", signed(forms.sides(0)[-1]))))
    (one,) = returns(station)
    return one


def never() -> Presented:
    raise AssertionError("nobody is asked")
