"""The compact profile on a station: one document from the scanner to the host, and what an auditor finds of it."""

import re
import zlib
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from lexicon.faults import StationFault
from pipeline.compose import compose
from pipeline.model import Archival, Colour, Held, HeldReason
from pipeline.pdfa.compact import compacted
from pipeline.tools import DocumentTools
from pipeline.validate import Validator, require_same_look
from storage.custody import EntryType, read_entry
from tests.compact_fixtures import page, screened
from tests.compose_fixtures import CONTEXT, everything_in, g4, jpeg, recognised, scan, sheet, stored, unread
from tests.conftest import Processed
from tests.trial_fixtures import Few, Trial

LIMITS = {"similarity": 9_500, "ink": 9_950, "place": 9_000, "colour": 9_800}


@pytest.fixture
def compact_trial(trial: Trial) -> Trial:
    text = trial.config.read_text(encoding="utf-8")
    trial.config.write_text(text.replace("[pdfa]\n", '[pdfa]\nimages = "compact"\n'), encoding="utf-8")
    return trial


def counts_of(trial: Trial, document: str) -> dict[str, int]:
    """What the ledger has of the composition of a document's copy."""
    with trial.opened() as station, station.database.read() as session:
        entries = [read_entry(encoded) for encoded in station.ledger.entries(session)]
    (entry,) = [
        one for one in entries if one["type"] == EntryType.COMPOSITION and one["object"] == f"document:{document}"
    ]
    counts = entry["counts"]
    assert isinstance(counts, dict)
    return counts


def test_a_document_goes_to_the_host_in_layers_and_the_ledger_says_how_alike(
    compact_trial: Trial, few: Few, tmp_path: Path
) -> None:
    ran = compact_trial.process(few.path.parent, "--json")
    (line,) = [line for line in ran.of_kind("document") if line["outcome"] == "deposited"]
    copy = compact_trial.open_with_openssl(compact_trial.host / line["object"], tmp_path / "copy.pdf")
    counts = counts_of(compact_trial, line["document"])
    assert counts["drawn-compact"] >= 1
    assert counts["drawn-compact"] + sum(n for kind, n in counts.items() if kind.startswith("left-")) == counts["pages"]
    told = {kind: n for kind, n in counts.items() if re.fullmatch(r"page-\d+-[a-z]+", kind) and "left" not in kind}
    assert len(told) == len(LIMITS) * counts["drawn-compact"]
    assert all(n >= LIMITS[kind.rpartition("-")[2]] for kind, n in told.items())
    with pikepdf.open(copy) as pdf, pdf.open_metadata() as xmp:
        assert "en couches, avec perte" in xmp["dc:description"]
        layered = [len(shown.get_images()) > 1 for shown in pdf.pages]
    assert layered == [f"page-{number}-ink" in counts for number in range(1, counts["pages"] + 1)]


def test_the_faithful_profile_says_how_its_pages_are_coded_and_nothing_more(processed: Processed) -> None:
    deposited = [line for line in processed.first.of_kind("document") if line["outcome"] == "deposited"]
    assert deposited
    for line in deposited:
        counts = counts_of(processed.trial, line["document"])
        assert counts.pop("pages") == sum(counts.values())
        assert set(counts) <= {"drawn-jpeg", "drawn-g4", "drawn-flate"}


def test_whatever_goes_wrong_with_a_page_in_layers_it_stays_as_it_was_scanned(tmp_path: Path) -> None:
    whole = page("blue").image
    cut = replace(whole, payload=whole.payload[:200])
    copy = compose(scan(cut, whole), recognised(unread(), unread()), CONTEXT, tmp_path / "copy.pdf", draw=compacted)
    assert {kind: n for kind, n in copy.figures.items() if not kind.startswith("page-2-")} == {
        "drawn-jpeg": 1,
        "left-failed": 1,
        "page-1-left": 1,
        "drawn-compact": 1,
    }
    with pikepdf.open(copy.path) as pdf:
        (shown,) = pdf.pages[0].get_images().values()
        assert zlib.decompress(shown.read_raw_bytes()) == cut.payload


def test_a_page_that_would_lose_too_much_is_named(tmp_path: Path) -> None:
    """A printer's screen; beside it a bilevel page, and one too small to gain anything."""
    pages = (page("screen").image, g4(sheet().picture), jpeg(sheet().picture.resize((40, 60))))
    copy = compose(scan(*pages), recognised(*[unread()] * 3), CONTEXT, tmp_path / "copy.pdf", draw=compacted)
    assert copy.figures == {
        "drawn-jpeg": 2, "drawn-g4": 1, "left-unlike": 1, "page-1-left": 1, "left-bilevel": 1, "left-no-smaller": 1,
    }  # fmt: skip


def test_a_copy_in_layers_that_looks_otherwise_than_its_scan_is_made_again_as_scanned(
    compact_trial: Trial, tmp_path: Path
) -> None:
    document = scan(screened(), page("blue").image), recognised(unread(), unread())
    layered = compose(*document, CONTEXT, tmp_path / "layered.pdf", draw=compacted)
    assert layered.figures["drawn-compact"] == 2
    with pytest.raises(StationFault, match="render-differs") as caught:
        require_same_look(layered.path, *document)
    assert caught.value.facts == {"page": 1}
    with compact_trial.opened() as station:
        made = DocumentTools(station, *stored(), (1, 2), tmp_path).compose(*document)
    assert isinstance(made, Archival)
    assert made.figures == {"drawn-jpeg": 2}
    require_same_look(made.path, *document)


def test_a_copy_that_may_not_go_on_either_way_is_held_and_gone(compact_trial: Trial, tmp_path: Path) -> None:
    """A label in colours, too small for layers, that passed for grey: no copy shows it."""
    (tmp_path / "work").mkdir()
    colours = jpeg(Image.new("RGB", (60, 200), (200, 60, 60)))
    document = scan(replace(colours, colour=Colour.GREY)), recognised(unread())
    with compact_trial.opened() as station:
        made = DocumentTools(station, *stored(), (1,), tmp_path / "work").compose(*document)
    assert made == Held(document[0].document, HeldReason.NOT_PDFA)
    assert everything_in(tmp_path / "work") == []


def test_the_validators_that_are_there_pass_a_copy_in_layers(tmp_path: Path) -> None:
    pages = (page("blue").image, page("rules").image, g4(sheet().picture))
    copy = compose(scan(*pages), recognised(*[unread()] * 3), CONTEXT, tmp_path / "copy.pdf", draw=compacted)
    with Validator("auto", tmp_path) as validator:
        verdict = validator.validate(copy.path, "1b")
    assert (verdict.conforms, verdict.findings) == (True, ())
