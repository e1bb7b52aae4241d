"""Verdicts: what validators say is what is recorded, and a copy that looks different from its scan goes nowhere."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw

from lexicon.faults import StationFault
from pipeline.compose import Composed, compose
from pipeline.model import PageImage, Recognised, Scan
from pipeline.pdfa.verapdf import VeraPdf, VeraPdfError, verapdf_facts
from pipeline.validate import Validator, in_sample, require_pdfa, require_same_look
from tests.compose_fixtures import (
    CONTEXT,
    everything_in,
    flate,
    g4,
    jpeg,
    page_of,
    recognised,
    scan,
    sheet,
    unread,
)
from tests.trial_fixtures import Trial

SHEET = sheet()
OTHER = sheet(("Ordonnance", "Paracétamol un gramme"))
MISSING = verapdf_facts().missing
PIKEPDF, VERAPDF = f"pikepdf {pikepdf.__version__}", f"verapdf {verapdf_facts().version}"
verapdf = pytest.mark.skipif(bool(MISSING), reason=f"veraPDF cannot run here; missing: {', '.join(MISSING)}")

Change = Callable[[pikepdf.Pdf], None]


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Validator]:
    work = tmp_path_factory.mktemp("work")
    with Validator("auto", work) as opened:
        yield opened
    assert everything_in(work) == []


@pytest.fixture
def document() -> tuple[Scan, Recognised]:
    images = (jpeg(SHEET.picture), g4(SHEET.picture), flate(SHEET.picture.convert("RGB")))
    return scan(*images), recognised(page_of(SHEET), unread(), page_of(SHEET))


def written(tmp_path: Path, document: tuple[Scan, Recognised]) -> Composed:
    return compose(*document, CONTEXT, tmp_path / "copy.pdf")


def changed(copy: Composed, change: Change) -> Composed:
    """The same copy after somebody's hand."""
    with pikepdf.open(copy.path, allow_overwriting_input=True) as pdf:
        change(pdf)
        pdf.save(copy.path, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return copy


@verapdf
def test_a_copy_conforms_by_both_validators(
    tmp_path: Path, validator: Validator, document: tuple[Scan, Recognised]
) -> None:
    verdict = require_pdfa(validator, written(tmp_path, document), *document)
    assert verdict.conforms is True
    assert verdict.validators == (PIKEPDF, VERAPDF)
    assert verdict.findings == ()


def test_without_verapdf_the_verdict_is_pikepdfs(tmp_path: Path, document: tuple[Scan, Recognised]) -> None:
    with Validator("never", tmp_path) as alone:
        verdict = require_pdfa(alone, written(tmp_path, document), *document)
    assert (verdict.conforms, verdict.validators) == (True, (PIKEPDF,))


def no_intent(pdf: pikepdf.Pdf) -> None:
    del pdf.Root.OutputIntents


@pytest.mark.parametrize("use", ["auto", "never"])
def test_a_copy_that_does_not_conform_goes_nowhere(
    tmp_path: Path, validator: Validator, document: tuple[Scan, Recognised], use: str
) -> None:
    broken = changed(written(tmp_path, document), no_intent)
    with Validator("never", tmp_path) as alone, pytest.raises(StationFault, match="not-pdfa") as caught:
        require_pdfa(validator if use == "auto" else alone, broken, *document)
    assert "6.2.3.3" in str(caught.value.facts["findings"])
    assert "santé" not in str(caught.value.facts)


def foreign_namespace(pdf: pikepdf.Pdf) -> None:
    said = pdf.Root.Metadata.read_bytes().replace(b"<rdf:RDF ", b'<rdf:RDF xmlns:ex="http://example.org/" ', 1)
    pdf.Root.Metadata.write(said)


@verapdf
def test_verapdf_decides_where_pikepdf_raises_a_false_alarm(
    tmp_path: Path, validator: Validator, document: tuple[Scan, Recognised]
) -> None:
    copy = changed(written(tmp_path, document), foreign_namespace)
    with Validator("never", tmp_path) as alone:
        assert alone.validate(copy.path, "1b").conforms is not True
    verdict = validator.validate(copy.path, "1b")
    assert verdict.conforms is True
    assert verdict.validators == (VERAPDF,)
    assert verdict.findings[0].startswith("pikepdf: ")


@verapdf
def test_a_file_that_verapdf_refuses_is_refused_though_pikepdf_passes_it(
    tmp_path: Path, validator: Validator, document: tuple[Scan, Recognised]
) -> None:
    copy = written(tmp_path, document)
    with copy.path.open("ab") as end:
        end.write(b"after the end\n")
    with Validator("never", tmp_path) as alone:
        assert require_pdfa(alone, copy, *document).conforms is True
    with pytest.raises(StationFault, match="not-pdfa") as caught:
        require_pdfa(validator, copy, *document)
    assert caught.value.facts == {"level": "1b", "findings": "verapdf: 6.1.3-3"}
    assert validator.validate(copy.path, "1b").validators == (VERAPDF,)


def declared(part: int, conformance: str) -> Change:
    """The same file, saying that it is of another level."""

    def change(pdf: pikepdf.Pdf) -> None:
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as xmp:
            xmp["pdfaid:part"], xmp["pdfaid:conformance"] = str(part), conformance

    return change


@verapdf
@pytest.mark.parametrize(
    ("level", "validators"), [("1b", (PIKEPDF, VERAPDF)), ("2u", (VERAPDF,)), ("3b", (PIKEPDF, VERAPDF))]
)
def test_a_file_is_judged_by_the_level_that_is_asked_for(
    tmp_path: Path, validator: Validator, document: tuple[Scan, Recognised], level: str, validators: tuple[str, ...]
) -> None:
    """pikepdf knows 2b, and says nothing of what 2u asks beyond it."""
    copy = changed(written(tmp_path, document), declared(int(level[0]), level[1].upper()))
    verdict = validator.validate(copy.path, level)
    assert (verdict.conforms, verdict.validators, verdict.findings) == (True, validators, ())
    for other in {"1b", "2u", "3b"} - {level}:
        assert validator.validate(copy.path, other).conforms is False, other


def test_pikepdf_alone_denies_2u_and_never_grants_it(tmp_path: Path, document: tuple[Scan, Recognised]) -> None:
    copy = changed(written(tmp_path, document), declared(2, "U"))
    with Validator("never", tmp_path) as alone:
        assert (alone.validate(copy.path, "2u").conforms, alone.validate(copy.path, "2u").validators) == (None, ())
        broken = alone.validate(changed(copy, no_intent).path, "2u")
    assert (broken.conforms, broken.validators) == (False, (PIKEPDF,))


DRAWN, PASSED_OVER = (next(name for name in map(str, range(99)) if in_sample(name) is drawn) for drawn in (True, False))


def test_one_document_in_twenty_is_drawn_and_always_the_same_ones() -> None:
    drawn = [number for number in range(2_000) if in_sample(f"01JHZ{number}")]
    assert 60 < len(drawn) < 140
    assert drawn == [number for number in range(2_000) if in_sample(f"01JHZ{number}")]


@verapdf
def test_of_a_sample_verapdf_judges_each_new_kind_what_is_drawn_and_what_pikepdf_does_not_pass(tmp_path: Path) -> None:
    def judges(number: int, image: PageImage, name: str, change: Change | None = None) -> tuple[str, ...]:
        copy = compose(scan(image), recognised(unread()), CONTEXT, tmp_path / f"{number}.pdf")
        verdict = sampling.validate((changed(copy, change) if change else copy).path, "1b", name)
        assert verdict.conforms is True
        return verdict.validators

    grey, bilevel = jpeg(SHEET.picture), g4(SHEET.picture)
    with Validator("sample", tmp_path) as sampling:
        assert judges(1, grey, PASSED_OVER) == (PIKEPDF, VERAPDF)
        assert judges(2, grey, PASSED_OVER) == (PIKEPDF,)
        assert judges(3, grey, DRAWN) == (PIKEPDF, VERAPDF)
        assert judges(4, bilevel, PASSED_OVER) == (PIKEPDF, VERAPDF)
        assert judges(5, bilevel, PASSED_OVER) == (PIKEPDF,)
        assert judges(6, grey, PASSED_OVER, foreign_namespace) == (VERAPDF,)


@verapdf
def test_a_station_has_a_sample_judged_where_it_is_set_so(tmp_path: Path, trial: Trial) -> None:
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(text.replace('verapdf = "never"', 'verapdf = "sample"'), encoding="utf-8")
    copy = compose(scan(jpeg(SHEET.picture)), recognised(unread()), CONTEXT, tmp_path / "copy.pdf")
    with trial.opened() as station:
        judges = [station.validator.validate(copy.path, "1b", PASSED_OVER).validators for _ in range(2)]
    assert judges == [(PIKEPDF, VERAPDF), (PIKEPDF,)]


def test_a_sample_is_no_way_around_a_denial(
    tmp_path: Path, document: tuple[Scan, Recognised], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where veraPDF is not installed, a sample is judged by pikepdf alone."""
    broken = changed(written(tmp_path, document), no_intent)
    monkeypatch.setenv("PATH", str(tmp_path))
    with Validator("sample", tmp_path) as alone:
        verdict = alone.validate(broken.path, "1b", PASSED_OVER)
    assert (verdict.conforms, verdict.validators) == (False, (PIKEPDF,))


def peak_bytes(process: int) -> int:
    told = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in told if line.startswith("VmHWM")).split()[1]) << 10


@verapdf
@pytest.mark.slow
def test_verapdfs_process_stays_under_512_mib(tmp_path: Path) -> None:
    """All of it: heap, classes, code, threads; 400 pages with as many words as a page has."""
    image, read = g4(SHEET.picture), page_of(SHEET)
    words = tuple(word for _ in range(15) for word in read.words)
    pair = scan(*[image] * 400), recognised(*[replace(read, words=words)] * 400)
    copy = written(tmp_path, pair)
    with VeraPdf(tmp_path) as asked:
        assert asked.judge(copy.path, "1b").conforms
        assert asked._process is not None
        assert peak_bytes(asked._process._java.pid) < 512 << 20


def test_a_file_that_is_no_pdf_never_conforms(tmp_path: Path, validator: Validator) -> None:
    path = tmp_path / "no.pdf"
    path.write_bytes(b"Jean DUPONT")
    verdict = validator.validate(path, "1b")
    assert verdict.conforms is not True
    assert "DUPONT" not in str(verdict)


def test_a_station_that_must_have_verapdf_is_told_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(StationFault, match="program-missing") as caught:
        Validator("always", tmp_path)
    assert "default-jdk-headless" in str(caught.value.facts["install"])
    assert "java" in verapdf_facts().missing


@verapdf
def test_verapdf_is_started_again_after_it_died_and_stopped_when_it_hangs(
    tmp_path: Path, document: tuple[Scan, Recognised], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = written(tmp_path, document)
    work, programs = tmp_path / "work", tmp_path / "bin"
    work.mkdir()
    programs.mkdir()
    java = programs / "java"
    # Dies at the first question of its first life, answers in its second, and then hangs.
    java.write_text(
        "#!/bin/sh\necho '{\"ready\": true}'\nread question\n"
        f"test -e '{tmp_path}/died' || {{ touch '{tmp_path}/died'; exit 1; }}\n"
        'echo \'{"conforms": false, "rules": ["6.1.2-1"]}\'\nread question\nexec sleep 60\n'
    )
    java.chmod(0o755)
    (programs / "javac").touch()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    with VeraPdf(work, seconds=0.5) as asked:
        assert asked.judge(copy.path, "1b").rules == ("6.1.2-1",)
        with pytest.raises(VeraPdfError, match="timeout"):
            asked.judge(copy.path, "1b")
        assert asked._process is None
    assert everything_in(work) == []


@verapdf
def test_verapdf_may_be_started_before_there_is_anything_to_judge(
    tmp_path: Path, document: tuple[Scan, Recognised]
) -> None:
    copy = written(tmp_path, document)
    work = tmp_path / "work"
    work.mkdir()
    with VeraPdf(work) as asked:
        asked.warm()
        asked.warm()
        assert asked.judge(copy.path, "1b").conforms
    with VeraPdf(work) as asked:
        asked.warm()  # and is ended where nothing came
    with Validator("never", work) as alone:
        alone.warm()
    assert everything_in(work) == []


@verapdf
def test_a_verdict_that_verapdf_must_give_and_cannot_stops_the_station(
    tmp_path: Path, document: tuple[Scan, Recognised]
) -> None:
    copy = written(tmp_path, document)
    copy.path.write_bytes(copy.path.read_bytes()[:1000])
    with Validator("always", tmp_path) as must, pytest.raises(StationFault, match="validator-failed") as caught:
        must.validate(copy.path, "1b")
    assert caught.value.facts["validator"] == "veraPDF"


def inverted(pdf: pikepdf.Pdf) -> None:
    (image,) = pdf.pages[1].get_images().values()
    image.DecodeParms.BlackIs1 = not image.DecodeParms.BlackIs1


def upside_down(pdf: pikepdf.Pdf) -> None:
    pdf.pages[2].Rotate = 180


def on_its_side(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].Rotate = 90


def larger(pdf: pikepdf.Pdf) -> None:
    pdf.pages[1].MediaBox[3] = 700


def blank(pdf: pikepdf.Pdf) -> None:
    pdf.pages[2].Contents = pdf.make_stream(b"")


def one_less(pdf: pikepdf.Pdf) -> None:
    del pdf.pages[2]


@pytest.mark.parametrize(
    ("change", "page"),
    [(inverted, 2), (upside_down, 3), (on_its_side, 1), (larger, 2), (blank, 3), (one_less, 3)],
)
def test_a_page_that_shows_something_else_than_its_scan_is_caught(
    tmp_path: Path, document: tuple[Scan, Recognised], change: Change, page: int
) -> None:
    copy = written(tmp_path, document)
    require_same_look(copy.path, *document)
    with pytest.raises(StationFault, match="render-differs") as caught:
        require_same_look(changed(copy, change).path, *document)
    assert caught.value.facts == {"page": page}


@pytest.mark.parametrize("page", [50, 51, 101])
def test_each_page_of_a_long_document_is_looked_at(tmp_path: Path, page: int) -> None:
    small = g4(SHEET.picture.resize((200, 280)), (50, 50))
    pair = scan(*[small] * 101), recognised(*[unread()] * 101)
    copy = written(tmp_path, pair)
    require_same_look(copy.path, *pair)

    def turned(pdf: pikepdf.Pdf) -> None:
        pdf.pages[page - 1].Rotate = 180

    with pytest.raises(StationFault, match="render-differs") as caught:
        require_same_look(changed(copy, turned).path, *pair)
    assert caught.value.facts == {"page": page}


def test_pages_in_another_order_are_caught(tmp_path: Path) -> None:
    pair = scan(jpeg(SHEET.picture), jpeg(OTHER.picture))
    copy = written(tmp_path, (pair, recognised(unread(), unread())))
    swapped = scan(jpeg(OTHER.picture), jpeg(SHEET.picture))
    with pytest.raises(StationFault, match="render-differs"):
        require_same_look(copy.path, swapped, recognised(unread(), unread()))


def test_a_file_that_cannot_be_drawn_differs(tmp_path: Path, document: tuple[Scan, Recognised]) -> None:
    path = tmp_path / "no.pdf"
    path.write_bytes(b"no pdf")
    with pytest.raises(StationFault, match="render-differs"):
        require_same_look(path, *document)


def speckled() -> Image.Image:
    picture = Image.new("L", (4961, 7016), 255)
    pen = ImageDraw.Draw(picture)
    for place in range(60):
        pen.point((place * 80 + 7, place * 113 + 11), 0)
    pen.line((100, 300, 4800, 300), 0, 1)
    return picture


@pytest.mark.parametrize(
    ("picture", "dpi"),
    [
        (Image.new("L", (1165, 1654), 255), 200.0),
        (Image.new("L", (1165, 1654), 0), 200.0),
        (Image.linear_gradient("L").resize((1165, 1654)).point(lambda level: 235 + level // 16), 200.0),
        (speckled(), 600.0),
        (sheet(("seul",)).picture, 200.0),
        (Image.new("L", (1, 1), 255), 300.0),
        (Image.new("L", (40, 1000), 255), 200.0),
    ],
    ids=["white", "black", "unevenly lit", "specks and a hairline at 600 dpi", "one word", "one pixel", "a strip"],
)
@pytest.mark.parametrize("code", [jpeg, flate, g4])
def test_pages_with_next_to_nothing_on_them_raise_no_false_alarm(
    tmp_path: Path, picture: Image.Image, dpi: float, code: Callable[[Image.Image], PageImage]
) -> None:
    image = replace(code(picture), dpi_x=dpi, dpi_y=dpi)
    pair = (scan(image), recognised(unread(1)))
    require_same_look(written(tmp_path, pair).path, *pair)
