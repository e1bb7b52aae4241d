"""The table of types: shipped whole, replaced by the client, and wrong in a way that is told by line and column."""

import json
import re
import zlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from cli import liasse
from commands.setting import Setting
from consent_gate.model import DocType, DocumentId, PatientRef
from lexicon.faults import Fault, StationFault
from pipeline.config import load
from pipeline.indexing.effective import EXCLUDED, effective
from pipeline.indexing.film import is_film
from pipeline.indexing.kinds import KINDS
from pipeline.indexing.propose import propose
from pipeline.indexing.table import COLUMNS, TypeTable, parse, read, shipped, shipped_bytes
from pipeline.model import Colour, Encoding, PageImage, Recognised, RecognisedPage, Scan
from pipeline.office import hardening
from storage.indexed import NOTHING, Index, Proposed, index_in
from storage.stored import Claim
from tests.docs_fixtures import page, section
from tests.indexing_fixtures import BODY, Line, below
from tests.indexing_fixtures import read as page_of

TODAY = date(2026, 1, 15)
HEAD = "type;kind;bucket;code;label;excluded;titles"


def table(*lines: str, head: str = HEAD) -> TypeTable:
    return parse("\r\n".join((head, *lines)).encode("utf-8-sig"))


def fault(*lines: str, head: str = HEAD) -> Fault:
    with pytest.raises(StationFault) as raised:
        table(*lines, head=head)
    return raised.value


# What is shipped


def test_every_kind_that_can_be_proposed_is_in_the_shipped_table_once() -> None:
    known = shipped()
    assert sorted(kind for row in known.rows.values() for kind in row.kinds) == sorted(kind.name for kind in KINDS)
    assert all(row.bucket in range(1, 7) for row in known.rows.values())
    assert [name for name, row in known.rows.items() if row.code is None] == ["demande_examens"]
    assert [name for name, row in known.rows.items() if row.excluded] == ["radiographie"]


def test_every_column_is_told_in_the_reference() -> None:
    text = section(page("indexing"), "The table")
    assert all(f"| `{column}` |" in text for column in COLUMNS)


# A client's own


def test_a_clients_table_names_kinds_in_its_own_words() -> None:
    known = table(
        "BIO;resultats_labo;3;11502-2;CR d'examens biologiques;;", "bilan;;DMST-5;CERT_DECL;;;BILAN ANNUEL|Bilan santé"
    )
    assert known.named("resultats_labo") == "BIO"
    assert known.named("ordonnance") is None
    both = table("courrier;courrier_medical|compte_rendu;4;11488-4;;;")
    assert both.named("compte_rendu") == both.named("courrier_medical") == "courrier"
    row = known.row("bilan")
    assert row is not None
    assert (row.bucket, row.system, row.code, row.titles) == (
        5,
        "TRE_A05",
        "CERT_DECL",
        ("BILAN ANNUEL", "BILAN SANTE"),
    )


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_a_table_is_read_as_spreadsheets_save_it(delimiter: str, mark: str) -> None:
    lines = [HEAD, "BIO;resultats_labo;3;11502-2;CR;oui;", "", ";;;;;;"]
    raw = (mark + "\n".join(line.replace(";", delimiter) for line in lines)).encode()
    row = parse(raw).row("BIO")
    assert row is not None
    assert (row.bucket, row.code, row.excluded) == (3, "11502-2", True)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("Éloge;;3;;;;", "type"), (";;3;;;;", "type"), ("a;certificats;3;;;;", "kind"), ("a;;7;;;;", "bucket"),
        ("a;;0;;;;", "bucket"), ("a;;3;11502;;;", "code"), ("a;;3;cert;;;", "code"), ("a;;3;;;peut-être;", "excluded"),
        ("a;;3;;;;AB", "titles"), ("a;;3;;" + "x" * 121 + ";;", "label"), ("a;;3;;;;;trop", "titles"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_told_by_line_and_column(line: str, column: str) -> None:
    raised = fault("b;;3;;;;", "", line)
    assert (raised.code, raised.facts["line"], raised.facts["column"]) == ("type-table-cell", 4, column)


@pytest.mark.parametrize(
    ("head", "column"),
    [("type;bucket;code;couleur", "4"), ("type;code", "bucket"), ("type;type;bucket;code", "type")],
)
def test_a_wrong_header_is_told(head: str, column: str) -> None:
    raised = fault("a;3;;", head=head)
    assert (raised.code, raised.facts["column"]) == ("type-table-column", column)


def test_a_type_or_a_kind_that_is_there_twice_is_told() -> None:
    twice, kind = fault("a;;3;;;;", "a;;4;;;;"), fault("a;ecg;3;;;;", "b;ecg;3;;;;")
    assert (twice.code, twice.facts["line"], twice.facts["column"]) == ("type-table-twice", 3, "type")
    assert (kind.code, kind.facts["line"], kind.facts["column"]) == ("type-table-twice", 3, "kind")


@pytest.mark.parametrize("raw", [b"", b"\n\n", "type;bucket;code\né;3;".encode("latin-1"), b'type;bucket;code\n"a;3;'])
def test_what_is_no_table_is_unreadable(raw: bytes, tmp_path: Path) -> None:
    with pytest.raises(StationFault, match="type-table-unreadable"):
        parse(raw)
    with pytest.raises(StationFault, match="type-table-unreadable"):
        read(tmp_path / "none.csv")


@given(st.binary(max_size=300))
def test_no_bytes_get_past_the_faults_of_a_table(raw: bytes) -> None:
    for content in (raw, HEAD.encode() + b"\n" + raw):
        try:
            parse(content)
        except StationFault as told:
            assert told.code.startswith("type-table-")  # noqa: PT017  whichever it is


# Commands


@pytest.fixture(autouse=True)
def _as_soft_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardening, "harden", lambda: None)  # of this very process


def ask(*words: str | Path) -> tuple[int, str]:
    ran = CliRunner().invoke(liasse, [*map(str, words)], obj=Setting())
    return (2 if isinstance(ran.exception, Fault) else ran.exit_code), ran.stdout


def test_the_table_is_exported_edited_checked_and_put_in_force(tmp_path: Path) -> None:
    target = tmp_path / "types.csv"
    assert ask("type", "export", "--out", target) == (0, "")
    assert read(target) == shipped()
    assert ask("type", "export", "--out", target)[0] == 2
    assert ask("type", "export", "--out", tmp_path / "nowhere" / "types.csv")[0] == 2
    target.write_text(target.read_text(encoding="utf-8-sig") + "bilan;;3;;;;;BILAN ANNUEL\n", encoding="utf-8")
    code, told = ask("type", "check", target, "--json")
    assert (code, json.loads(told)) == (0, {"types": 26, "without": ["demande_examens", "bilan"]})
    config = tmp_path / "config.toml"
    example = (Path(__file__).parents[1] / "config.example.toml").read_text(encoding="utf-8")
    config.write_text(re.sub(r'^table = ""', 'table = "types.csv"', example, flags=re.MULTILINE), encoding="utf-8")
    assert load(config).indexing.table == "types.csv"
    code, told = ask("--config", config, "type", "list", "--json")
    names = [json.loads(line)["type"] for line in told.splitlines()]
    assert (code, names[-1], len(names)) == (0, "bilan", 26)
    target.write_text("type;bucket;code\na;9;\n", encoding="utf-8")
    assert ask("--config", config, "config", "check")[0] == 2
    assert ask("type", "check", target)[0] == 2


def test_the_shipped_table_is_whole_without_a_station() -> None:
    code, told = ask("type", "list")
    assert code == 0
    assert "resultats_labo" in told
    assert parse(shipped_bytes()) == shipped()


# What stands, of what was said and read


def test_a_person_comes_before_the_separator_and_the_separator_before_a_proposal() -> None:
    read_, claim = Proposed("ecg", 95), Claim(PatientRef("P1"), DocType("certificat"), None)
    every = Index(proposed_type=read_, said_type="ordonnance")
    assert effective(claim, every, shipped()).type == "ordonnance"
    by_sheet = effective(claim, Index(proposed_type=read_), shipped())
    assert (by_sheet.type, by_sheet.type_confidence, by_sheet.read_as) == ("certificat", None, "ecg")
    proposed = effective(None, Index(proposed_type=read_), shipped())
    assert (proposed.type, proposed.type_confidence, proposed.read_as) == ("ecg", 95, None)
    assert effective(None, NOTHING, shipped()).answer()["type_proposed"] is False


@given(
    st.builds(
        Index,
        st.none() | st.builds(Proposed, st.text(), st.integers(0, 100)),
        st.none() | st.builds(Proposed, st.text(), st.integers(0, 100)),
        st.none() | st.text(min_size=1),
        st.none() | st.text(min_size=1),
        st.lists(st.integers(1, 5000)).map(tuple),
    )
)
def test_what_is_sealed_is_what_is_opened(index: Index) -> None:
    assert index_in(index.text()) == index


# Films


def image(pixels: np.ndarray[tuple[int, int], np.dtype[np.uint8]]) -> PageImage:
    high, wide = pixels.shape
    return PageImage(Encoding.FLATE, zlib.compress(pixels.tobytes()), wide, high, 100.0, 100.0, Colour.GREY)


def film(light: int = 170) -> PageImage:
    """A chest: dark, with a lighter middle and ribs."""
    rows, columns = np.mgrid[0:600, 0:500]
    glow = np.exp(-(((rows - 300) / 160.0) ** 2 + ((columns - 250) / 90.0) ** 2))
    ribs = 0.5 + 0.5 * np.sin(rows / 12.0)
    return image((8 + light * glow * (0.6 + 0.4 * ribs)).astype(np.uint8))


def paper() -> PageImage:
    pixels = np.full((600, 500), 240, np.uint8)
    pixels[100:110, 50:450] = 20
    return image(pixels)


NOT_READ = RecognisedPage((), 0, ())
ANNOTATED = page_of(Line("D", y=0.9), Line("12 mars", y=0.95))


@pytest.mark.parametrize("words", [NOT_READ, ANNOTATED])
def test_a_dark_picture_with_hardly_a_word_is_a_film(words: RecognisedPage) -> None:
    assert is_film(film(), words)
    assert is_film(film(light=230), words)


def test_paper_a_shut_lid_and_a_dark_page_of_text_are_no_films() -> None:
    assert not is_film(paper(), NOT_READ)
    assert not is_film(image(np.full((600, 500), 6, np.uint8)), NOT_READ)
    assert not is_film(film(), page_of(*below(*BODY, *BODY)))


def proposed(images: Sequence[PageImage], *pages: RecognisedPage, known: TypeTable | None = None) -> Index:
    document = DocumentId("01M8031J6HFNJRGQZ6MQNS2KKY")
    return propose(Scan(document, images), Recognised(document, pages, "none"), known or shipped(), TODAY, None)


def test_a_film_alone_is_proposed_as_one_and_its_pages_are_known() -> None:
    found = proposed([film(), film()], NOT_READ, NOT_READ)
    assert (found.proposed_type, found.films) == (Proposed("radiographie", 80), (1, 2))
    assert effective(None, found, shipped()).tags == [EXCLUDED]


def test_a_film_among_pages_of_a_report_tags_the_report() -> None:
    report = page_of(Line("COMPTE RENDU DE RADIOGRAPHIE", x=0.25, y=0.1, size=1.5), *below(*BODY, top=0.3))
    found = proposed([paper(), film()], report, NOT_READ)
    assert found.films == (2,)
    known = effective(None, found, shipped())
    assert (known.type, known.tags) == ("compte_rendu_imagerie", [EXCLUDED])


def test_a_report_about_a_film_is_text() -> None:
    titled = page_of(Line("RADIOGRAPHIE DU THORAX", x=0.3, y=0.1, size=1.5), *below(*BODY, *BODY, *BODY, top=0.3))
    known = effective(None, proposed([paper()], titled), shipped())
    assert (known.type, known.tags) == ("compte_rendu_imagerie", [])


def test_the_jacket_of_a_film_is_a_film() -> None:
    known = effective(None, proposed([paper()], page_of(Line("RADIOGRAPHIES", x=0.3, y=0.1, size=2.0))), shipped())
    assert (known.type, known.tags) == ("radiographie", [EXCLUDED])


def test_a_kind_that_the_clients_table_does_not_have_is_not_proposed() -> None:
    known = table("BIO;resultats_labo;3;11502-2;;;")
    prescription = page_of(Line("ORDONNANCE", x=0.3, y=0.1, size=1.5), *below(*BODY, top=0.3))
    assert proposed([paper()], prescription, known=known).proposed_type is None


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("radiographie_thorax", True), ("RADIOGRAPHIE", True), ("radio", True), ("film", True), ("cliche-main", True),
        ("compte_rendu_radiographie", False), ("cr_radio", False), ("demande_radiographie", False),
        ("radioprotection", False), ("certificat", False), ("audiogramme", False),
    ],
)  # fmt: skip
def test_the_name_of_a_type_that_the_table_does_not_have_says_whether_it_is_of_films(name: str, is_one: bool) -> None:  # noqa: FBT001
    assert TypeTable({}).excludes(name) is is_one
