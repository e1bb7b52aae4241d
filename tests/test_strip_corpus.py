"""On the shared corpus: nothing of a page can be read on its strip but its patient's identity, and most of that can."""

from pathlib import Path

import pytest

from bench.sample import CORPUS
from bench.strips import Row, judged

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "truth.json").exists(), reason=f"no corpus in {CORPUS} (set LIASSE_CORPUS)"),
]

FEW = ("D0001_p1", "D0003_p1", "D0005_p1", "D0008_p1", "D0020_p1", "D0028_p1")
"""Each kind of paper, a fax, sheets upside down, a physician of the patient's name; all 41 in `make soak`."""


def seen_outside(rows: list[Row]) -> dict[str, set[str]]:
    return {row.page: set(row.outside) for row in rows if row.outside}


def test_no_word_of_a_page_is_read_on_its_strip_outside_the_identity_fields(tmp_path: Path) -> None:
    rows = list(judged(CORPUS, tmp_path, announced=True, only=FEW, scales=(1.0,), modes=(6, 11)))
    assert len(rows) == len(FEW)
    assert seen_outside(rows) == {}
    assert all(len(row.kinds) >= 2 for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize("announced", [True, False])
def test_nor_on_any_strip_of_the_corpus_at_any_size(tmp_path: Path, announced: bool) -> None:  # noqa: FBT001  a case
    rows = list(judged(CORPUS, tmp_path, announced=announced))
    assert len(rows) == 41
    assert seen_outside(rows) == {}
    assert sum(bool(row.legible) for row in rows) >= 0.8 * len(rows) or not announced
