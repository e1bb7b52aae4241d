"""Text of an archival copy in browsers: marked on its ink by Chromium's own viewer, found by pdf.js.

Needs Chromium and Playwright (`pip install playwright`, `apt-get install chromium`); for pdf.js its built files too
(`npm install pdfjs-dist`), their folder in PDFJS_DIST. Skipped, and said so, where they are not.
"""

import io
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from pipeline.model import Word
from tests.compose_fixtures import jpeg, page_of, sheet, tilted
from tests.text_layer_fixtures import CUT, DPI, FOUND, copy_of, drawn, written

playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright (pip install playwright)")
CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PDFJS: Final = Path(os.environ.get("PDFJS_DIST", "node_modules/pdfjs-dist")).resolve()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (apt-get install chromium)"),
]
pdfjs = pytest.mark.skipif(
    not (PDFJS / "build" / "pdf.mjs").is_file(), reason="needs pdf.js (npm install pdfjs-dist; PDFJS_DIST)"
)

LINES: Final = ("Certificat médical initial", "établi à la demande du patient", "et remis en main propre")

VIEWER: Final = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/pdfjs/web/pdf_viewer.css">
<div id="around" style="position:absolute;inset:0;overflow:auto"><div class="pdfViewer"></div></div>
<script type="module">
import * as pdfjs from "/pdfjs/build/pdf.mjs"; globalThis.pdfjsLib = pdfjs;
const {EventBus, PDFFindController, PDFLinkService, PDFViewer} = await import("/pdfjs/web/pdf_viewer.mjs");
pdfjs.GlobalWorkerOptions.workerSrc = "/pdfjs/build/pdf.worker.mjs";
const eventBus = new EventBus(), linkService = new PDFLinkService({eventBus});
const findController = new PDFFindController({linkService, eventBus});
const container = document.getElementById("around");
const viewer = new PDFViewer({container, eventBus, linkService, findController});
linkService.setViewer(viewer);
eventBus.on("textlayerrendered", () => { window.ready = true; });
const document_ = await pdfjs.getDocument("/copy.pdf").promise;
viewer.setDocument(document_); linkService.setDocument(document_);
window.find_ = (query) => new Promise((found) => {
  eventBus.dispatch("find", {type: "", query, highlightAll: true, matchDiacritics: true});
  const wait = () => findController.pageMatches?.length && findController.state.query === query
    ? found(findController.pageMatches[0].length) : setTimeout(wait, 50);
  setTimeout(wait, 400);
});
</script>"""


class Served(SimpleHTTPRequestHandler):
    """The viewer, pdf.js and one copy."""

    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def translate_path(self, path: str) -> str:
        folder = PDFJS if path.startswith("/pdfjs/") else Path(self.directory)
        return str(folder / path.split("?", maxsplit=1)[0].removeprefix("/pdfjs/").lstrip("/"))

    def log_message(self, *_: object) -> None:
        """Nothing: a test's output is its own."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium as people have it: only its whole self has the viewer."""
    with playwright.sync_playwright() as started:
        running = started.chromium.launch(
            executable_path=CHROMIUM, headless=False, args=["--headless=new", "--no-sandbox"]
        )
        yield running
        running.close()


def seen(page: Any) -> NDArray[np.int16]:
    with Image.open(io.BytesIO(page.screenshot())) as shot:
        return np.asarray(shot.convert("RGB")).astype(np.int16)


def selected(browser: Any, path: Path) -> tuple[float, float]:
    """Share of the page's ink that is marked when all is selected, and share of the marked that has ink near it."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.goto(f"{path.as_uri()}#toolbar=0&navpanes=0&zoom=100")
    page.wait_for_timeout(2500)
    page.mouse.click(650, 20)
    before = seen(page)
    page.keyboard.press("Control+a")
    page.wait_for_timeout(1000)
    after = seen(page)
    page.close()
    paper = before.min(axis=2) > 250
    ys, xs = np.nonzero(paper)
    sheet = np.zeros_like(paper)
    sheet[ys.min() : ys.max(), xs.min() : xs.max()] = True
    ink = (before.max(axis=2) < 128) & sheet
    mark = (np.abs(after - before).max(axis=2) > 10) & sheet
    beside = _around(ink, 3) & ~ink  # marked ink stays as dark as it was, the paper at its side does not
    blank = mark & paper
    return float((mark & beside).sum() / beside.sum()), float((blank & _around(ink, 13)).sum() / max(1, blank.sum()))


def _around(ink: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    """All that is in a square with ink: 13 pixels are a line's height."""
    return np.asarray(Image.fromarray(ink.astype(np.uint8) * 255).filter(ImageFilter.MaxFilter(size))) > 0


def turned(words: tuple[Word, ...], width: int) -> list[Word]:
    """On the same sheet after a quarter turn counter-clockwise."""
    return [
        Word(word.text, word.y0, width - word.x0, word.y1, width - word.x1, word.height, 95.0, word.line)
        for word in words
    ]


def test_chromium_marks_the_ink_and_little_else(tmp_path: Path, browser: Any) -> None:
    ink, mark = selected(browser, copy_of(tmp_path / "copy.pdf", LINES))
    assert ink > 0.97
    assert mark > 0.9


def test_chromium_marks_the_ink_of_a_turned_page(tmp_path: Path, browser: Any) -> None:
    picture, words, _ = drawn(LINES)
    image = jpeg(picture.rotate(90, expand=True), (DPI, DPI))
    ink, mark = selected(
        browser, written(tmp_path / "copy.pdf", (image, turned(words, picture.width)), quarter_turns=1)
    )
    assert ink > 0.97
    assert mark > 0.9


def test_chromium_marks_the_ink_of_a_page_fed_askew(tmp_path: Path, browser: Any) -> None:
    flat = sheet()
    picture, forth = tilted(flat, 2.5)
    words = [
        replace(word, x0=x0, y0=y0, x1=x1, y1=y1)
        for word in page_of(flat).words
        for (x0, y0), (x1, y1) in [(forth @ (word.x0, word.y0, 1), forth @ (word.x1, word.y1, 1))]
    ]
    ink, mark = selected(browser, written(tmp_path / "copy.pdf", (jpeg(picture, (DPI, DPI)), words)))
    assert ink > 0.97
    assert mark > 0.85


@pytest.fixture
def shown(tmp_path: Path, browser: Any) -> Iterator[Any]:
    """A page of pdf.js with a copy that has words cut at the ends of lines."""
    copy_of(tmp_path / "copy.pdf", CUT)
    (tmp_path / "viewer.html").write_text(VIEWER)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Served, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    page.goto(f"http://127.0.0.1:{server.server_port}/viewer.html")
    page.wait_for_function("window.ready")
    yield page
    page.close()
    server.shutdown()
    server.server_close()


@pdfjs
def test_pdfjs_finds_cut_words_and_phrases(shown: Any) -> None:
    for query in (*FOUND, "puis une RÉÉDUCATION du genou", "surveillance médicamentale quotidienne"):
        assert shown.evaluate("find_", query) == 1, query
    assert shown.evaluate("find_", "introuvable") == 0


@pdfjs
def test_pdfjs_lays_each_line_on_its_ink(shown: Any) -> None:
    _, words, ink = drawn(CUT)
    sheet = shown.locator(".page canvas").bounding_box()
    pieces: list[tuple[float, list[tuple[str, float, float, float]]]] = []
    for span in shown.locator(".textLayer span[role=presentation]").all():
        box = span.bounding_box()
        x, y = box["x"] - sheet["x"], box["y"] - sheet["y"]
        if not pieces or abs(pieces[-1][0] - y) > box["height"] / 2:
            pieces.append((y, []))
        pieces[-1][1].append((span.inner_text(), x, x + box["width"], y + box["height"]))
    scale = sheet["width"] / 1165
    assert ["".join(text for text, *_ in line).replace(" ", "") for _, line in pieces] == [
        line.replace(" ", "") for line in CUT
    ]
    for number, (y, line) in enumerate(pieces):
        own = [place for word, place in zip(words, ink, strict=True) if word.line == number]
        assert min(left for _, left, _, _ in line) / scale == pytest.approx(min(place[0] for place in own), abs=4)
        assert max(right for _, _, right, _ in line) / scale == pytest.approx(max(place[2] for place in own), abs=8)
        assert y / scale <= min(place[1] for place in own) + 3
        assert max(bottom for *_, bottom in line) / scale >= max(place[3] for place in own) - 3
