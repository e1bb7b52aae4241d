"""The shared corpora: separators, blanks and doubles of the sample; pages or faults from the hostile files."""

import json
import os
import tarfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from pipeline.formats.limits import Limits
from pipeline.pages import open_pages
from pipeline.separation import OURS_AND_PATCHES, Separation
from pipeline.separator import payload
from pipeline.split import Look, Sighting, examine, split

CORPUS = Path(os.environ.get("LIASSE_CORPUS", Path(__file__).parents[1] / "../shared/corpus"))

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "sample").is_dir(), reason="the shared corpus is not there (LIASSE_CORPUS)"),
]


@pytest.fixture(scope="module")
def looked_at() -> list[tuple[dict[str, Any], list[Sighting]]]:
    truth = json.loads((CORPUS / "sample" / "truth.json").read_text(encoding="utf-8"))
    files = [(batch, CORPUS / "sample" / batch["file"]) for batch in truth["batches"]]
    return [(batch, [examine(page) for page in open_pages(path, Limits())]) for batch, path in files]


def test_of_the_sample_all_readable_separators_are_read_and_no_page_is_taken_for_what_it_is_not(
    looked_at: list[tuple[dict[str, Any], list[Sighting]]],
) -> None:
    table: Counter[tuple[str, Look]] = Counter()
    for batch, seen in looked_at:
        for role, sighting in zip(batch["pages"], seen, strict=True):
            table[role["role"], sighting.look] += 1
            if sighting.separator is not None:
                assert payload(sighting.separator) == role["payload"]
    assert table["separator", Look.SEPARATOR] == 26
    assert table["separator", Look.SUSPECT] == 1
    assert table["content", Look.CONTENT] == 41
    assert table["blank_verso", Look.BLANK] >= 34
    assert table["blank_verso", Look.BLANK] + table["blank_verso", Look.CONTENT] == 39


def test_the_sample_splits_as_its_truth_says(looked_at: list[tuple[dict[str, Any], list[Sighting]]]) -> None:
    for batch, seen in looked_at:
        laid = split(seen)
        roles = [page["role"] for page in batch["pages"]]
        assert laid.duplicates == tuple(n for n, role in enumerate(roles, 1) if role == "duplicate")
        for section in laid.sections:
            documents = {batch["pages"][n - 1].get("doc_id") for n in section.pages} - {None}
            if section.separator is not None:
                assert section.separator.client_document in documents


HOSTILE = {
    "paperless_barcode-fax-image.pdf": [Look.CONTENT, Look.PLAIN, Look.CONTENT],
    "paperless_many-qr-codes.pdf": [Look.CONTENT, Look.CONTENT, Look.CONTENT],
    "paperless_patch-code-t-middle-unreadable.pdf": [Look.CONTENT, Look.SUSPECT, Look.CONTENT],
}
"""A faxed patch sheet opens a document; codes of others are content, as many as there are; a bar code that nobody can
read, on a sheet with nothing else, holds what follows."""


def hostile(name: str, folder: Path, separation: Separation = OURS_AND_PATCHES) -> list[Look]:
    with tarfile.open(CORPUS / "hostile.tar.gz") as archive:
        blob = archive.extractfile(f"hostile/{name}")
        assert blob is not None
        (folder / "file.pdf").write_bytes(blob.read())
    return [examine(page, separation).look for page in open_pages(folder / "file.pdf", Limits())]


@pytest.mark.parametrize("name", HOSTILE)
def test_separators_of_others_meet_their_treatment(tmp_path: Path, name: str) -> None:
    assert hostile(name, tmp_path) == HOSTILE[name]


def test_the_sheet_of_many_codes_separates_where_they_are_configured(tmp_path: Path) -> None:
    configured = Separation(barcode=r"ADAR-NEXT(?P<patient>[A-Z]+)")
    looks = hostile("paperless_many-qr-codes.pdf", tmp_path, configured)
    assert looks == [Look.CONTENT, Look.SEPARATOR, Look.CONTENT]
