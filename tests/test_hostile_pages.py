"""Each odd page of the hostile corpus is what docs/reference/pages.md says, with the reason where that differs."""

import csv
import os
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from lexicon.faults import SheetFault
from lexicon.flags import slug_of
from pipeline.decoding.answers import Looked
from pipeline.formats.limits import Limits
from pipeline.marks.profile import Profile
from pipeline.page_flags import FlagsSeen
from pipeline.pages import open_pages
from pipeline.split import Laying, examine
from tests.docs_fixtures import coded, page, rows, section

CORPUS = Path(os.environ.get("LIASSE_CORPUS", Path(__file__).parents[1] / "../shared/corpus"))
_ACCEPTED = ("accept", "KEPT", "blank detected, or kept")

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not (CORPUS / "hostile.tar.gz").is_file(), reason=f"no hostile corpus in {CORPUS}"),
]


@dataclass(frozen=True, slots=True)
class Odd:
    """A row of the reference."""

    file: str
    what: str
    proposed: str
    seen: str
    flags: str
    why: str


def told() -> Iterator[Odd]:
    for file, what, proposed, _, seen, flags, why in rows(section(page("pages"), "Odd pages, one by one"))[2:]:
        yield Odd(coded(file)[0], what, proposed, seen.strip(), flags.replace("`", "").strip(), why.strip())


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, wanted = tmp_path_factory.mktemp("odd"), {odd.file for odd in told()}
    with tarfile.open(CORPUS / "hostile.tar.gz") as archive:
        for member in archive:
            name = member.name.rpartition("/")[2]
            stream = archive.extractfile(member) if name in wanted else None
            if stream is not None:
                (folder / name).write_bytes(stream.read())
    return folder


def seen(path: Path) -> tuple[str, str]:
    """What each page is, and its flags, pages with any parted by a slash."""
    flags, laying, looks = FlagsSeen(Profile()), Laying(), list[str]()
    pages = (Looked(image, examine(image)) for image in open_pages(path, Limits()))
    try:
        for looked in flags.each(pages):
            ordinal = laying.place(looked.sighting)
            look = looked.sighting.look.value
            looks.append("duplicate" if look == "content" and ordinal is None else look)
    except SheetFault:
        return "set-aside", ""
    found = [several for position, several in flags.found(set()).items() if looks[position - 1] != "duplicate"]
    return " ".join(looks), " / ".join(" ".join(map(slug_of, several)) for several in found)


@pytest.mark.parametrize("odd", tuple(told()), ids=lambda odd: odd.file)
def test_an_odd_page_is_treated_as_the_reference_says(odd: Odd, unpacked: Path) -> None:
    assert seen(unpacked / odd.file) == (odd.seen, odd.flags)


def proposals() -> dict[str, tuple[str, str]]:
    with (CORPUS / "hostile-manifest.csv").open(encoding="utf-8", newline="") as lines:
        return {line["file"]: (line["kind"], line["expected"]) for line in csv.DictReader(lines)}


def otherwise(odd: Odd) -> bool:
    """Whether a page goes another way than was proposed: taken for blank, set aside, or let go on unheld."""
    looks: Sequence[str] = odd.seen.split()
    if odd.proposed.startswith(_ACCEPTED):
        return not {"content", "duplicate"} & {*looks}
    return looks != ["set-aside"] or not odd.proposed.startswith("quarantine")


def test_where_the_treatment_differs_from_the_proposal_the_reason_stands_beside_it() -> None:
    known = proposals()
    for odd in told():
        assert (odd.what, odd.proposed) == known[odd.file]
        exempt = odd.file == "three_patients_no_separator.tif"  # parted, and each part decided by its identity
        assert odd.why or exempt or not otherwise(odd), odd.file
