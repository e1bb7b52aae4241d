"""A cell is what the person sees, or its line is refused: formats, strokes, hidden rows and columns, near names."""

from datetime import date
from typing import Any

import pytest

from consent_gate.cells import said_by
from consent_gate.imports import RegisterSheet, read_register, read_roster
from consent_gate.sheets.strangers import distance
from lexicon.faults import SheetFault
from pipeline.office.register_text import import_answer, import_text
from storage.imports import ImportReport
from tests.workbook_fixtures import (
    O,
    X,
    letters,
    ods,
    ods_content,
    ods_parts,
    ods_row,
    ods_rows,
    ods_table,
    xlsx,
    xlsx_parts,
    xlsx_rows,
    xlsx_sheet,
    zipped,
)

TODAY = date(2026, 1, 15)
HEAD = ["patient_id", "nom_naissance", "date_naissance", "statut", "date_signature", "date_fin", "perimetre"]
GRANT = ["Q1", "ROUX", "1979-03-28", "accordee", "2025-01-02", "", "tous_documents"]
REFUSAL = ["Q1", "ROUX", "1979-03-28", "refusee", "2025-01-02", "", "tous_documents"]


def read(raw: bytes) -> RegisterSheet:
    return read_register(raw, TODAY)


def verdicts(sheet: RegisterSheet) -> list[tuple[str | None, str | None]]:
    return [(verdict.code, verdict.column) for verdict in sheet.refused]


def put(column: int, cell: str | X | O) -> list[Any]:
    cells: list[Any] = [*GRANT]
    cells[column] = cell
    return cells


def fault(raw: bytes) -> tuple[str, dict[str, object]]:
    with pytest.raises(SheetFault) as caught:
        read(raw)
    return caught.value.code, dict(caught.value.facts)


def csv(head: list[str], *lines: list[str]) -> bytes:
    return "\n".join(";".join(line) for line in (head, *lines)).encode()


# Formats -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        (3, X("accordee", "str", "another word"), "cell-format"),
        (0, X("1", style="another number"), "cell-format"),
        (4, X("46023", style="another year"), "cell-format"),
        (5, X("47848", style="another year"), "cell-format"),
        (4, X("46023", style="another calendar"), "cell-format"),
        (4, X("45750", style="month first"), "date-unclear"),
        (4, X("2025-04-03", "d", "general"), "date-unclear"),
    ],
)
def test_what_a_format_may_show_otherwise_refuses_its_line(column: int, cell: X, code: str) -> None:
    sheet = read(xlsx([HEAD, put(column, cell)]))
    assert (sheet.lines, verdicts(sheet)) == ((), [(code, HEAD[column])])


@pytest.mark.parametrize("style", ["general", "text", "day", "padded", "share"])
def test_a_text_is_a_text_in_every_format_that_shows_it(style: str) -> None:
    assert len(read(xlsx([HEAD, put(3, X("accordee", "str", style))])).lines) == 1


def test_month_before_day_is_a_day_where_it_can_be_no_other() -> None:
    for serial, day in (("45745", date(2025, 3, 29)), ("45720", date(2025, 3, 4)), ("45719", date(2025, 3, 3))):
        sheet = read(xlsx([HEAD, put(4, X(serial, style="month first"))]))
        assert [line.statement.on for line in sheet.lines] == ([] if day == date(2025, 3, 4) else [day])


@pytest.mark.parametrize(
    ("stored", "shown", "taken"),
    [
        ("2025-05-03", "03/05/2025", True),
        ("2025-05-03", "3 mai 2025", True),
        ("2025-05-03", "May 3, 2025", True),
        ("2025-05-03", "3 juin 2025", False),
        ("2025-05-03", "03/06/2025", False),
        ("2025-05-03", "05/03/2025", False),
        ("2025-05-03", "3 mai 2026", False),
        ("2025-03-05", "05/11/2025", False),
        ("2025-04-15", "mar. 15 avr. 2025", True),
        ("2025-08-03", "3 août 2025", True),
        ("2025-06-03", "3 jui 2025", False),
        ("2025-05-05", "05/05/2025", True),
        ("2005-05-05", "05/05/05", True),
        ("2025-05-03", "", False),
    ],
)
def test_a_day_of_an_ods_is_taken_where_its_month_is_shown_too(stored: str, shown: str, taken: bool) -> None:  # noqa: FBT001
    sheet = read(ods([HEAD, put(4, O("date", stored, shown))]))
    assert [line.statement.on.isoformat() for line in sheet.lines] == ([stored] if taken else [])
    assert verdicts(sheet) == ([] if taken else [("date-unclear", "date_signature")])


@pytest.mark.parametrize(
    ("shown", "read_as"),
    [
        ("1001", "1001"), ("01001", "01001"), ("1\u202f001", "1001"), ("1 001,00", "1001"), ("2001", None),
        ("P1001", None), ("1,0E+3", None), ("", None),
    ],
)  # fmt: skip
def test_a_number_of_an_ods_is_taken_where_it_is_shown(shown: str, read_as: str | None) -> None:
    sheet = read(ods([HEAD, put(0, O("float", "1001", shown))]))
    assert [line.patient for line in sheet.lines] == ([read_as] if read_as else [])
    assert verdicts(sheet) == ([] if read_as else [("cell-format", "patient_id")])


def test_a_text_of_an_ods_that_its_format_replaces_refuses_its_line() -> None:
    styles = (
        '<number:text-style style:name="N1"><number:text>refusée</number:text></number:text-style>'
        '<number:text-style style:name="N2"><number:text-content/></number:text-style>'
        '<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>'
        '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="ce1"/>'
        '<style:style style:name="ce3" style:family="table-cell" style:data-style-name="N2"/>'
    )
    for style, codes in (("ce1", [("cell-format", "statut")]), ("ce2", [("cell-format", "statut")]), ("ce3", [])):
        cell = O("string", shown="accordee", more=f' table:style-name="{style}"')
        raw = zipped(ods_parts(ods_content(ods_table(ods_rows([HEAD, put(3, cell)])), styles)))
        assert verdicts(read(raw)) == codes


@pytest.mark.parametrize(("difference", "ranges"), [(0, "A1:G9"), (1, "D2:D9"), (2, "A9 C1:E9"), (1, "H1:H9")])
def test_a_condition_that_strikes_through_or_formats_what_is_asked_for_refuses_the_file(
    difference: int, ranges: str
) -> None:
    rule = f'<conditionalFormatting sqref="{ranges}"><cfRule type="expression" dxfId="{difference}"/>'
    sheet = xlsx_sheet(xlsx_rows([HEAD, GRANT]), conditions=f"{rule}</conditionalFormatting>")
    raw = zipped(xlsx_parts([sheet]))
    if difference and "H" not in ranges:
        assert fault(raw) == ("sheet-format-conditional", {})
    else:
        assert len(read(raw).lines) == 1


@pytest.mark.parametrize("more", ["", ' style:data-style-name="N1"', ">"])
def test_a_condition_of_an_ods_that_strikes_through_or_formats_refuses_the_file(more: str) -> None:
    through = '<style:text-properties style:text-line-through-style="solid"/>' if more == ">" else ""
    style = f'<style:style style:name="c" style:family="table-cell"{more.strip(">")}>{through}</style:style>'
    calc = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"
    rule = (
        f'<c:conditional-formats xmlns:c="{calc}"><c:conditional-format c:target-range-address="F.A1:F.G9">'
        '<c:condition c:apply-style-name="c" c:value="=1"/></c:conditional-format></c:conditional-formats>'
    )
    raw = zipped(ods_parts(ods_content(ods_table(ods_rows([HEAD, GRANT]) + rule), style)))
    if more:
        assert fault(raw) == ("sheet-format-conditional", {})
    else:
        assert len(read(raw).lines) == 1


# Strokes -------------------------------------------------------------------------------------------------------------

STRUCK = [("cell-struck", "statut")]


def test_a_cell_whose_font_or_a_part_of_whose_text_is_struck_through_is_no_statement() -> None:
    assert verdicts(read(xlsx([HEAD, put(3, X("accordee", "str", "struck"))]))) == STRUCK
    rich = "<is><r><rPr><strike/></rPr><t>accordee</t></r></is>"
    plain = '<is><t xml:space="preserve">accordee</t></is>'
    for inside, codes in ((rich, STRUCK), (rich.replace("<strike/>", '<strike val="0"/>'), [])):
        sheet = xlsx_sheet(xlsx_rows([HEAD, GRANT]).replace(plain, inside))
        assert verdicts(read(zipped(xlsx_parts([sheet])))) == codes
    shared = f"<si>{rich.removeprefix('<is>').removesuffix('</is>')}</si><si><t>tous</t></si>"
    cells = [*put(3, X("0", "s"))[:6], X("1", "s")]
    assert verdicts(read(zipped(xlsx_parts([xlsx_sheet(xlsx_rows([HEAD, cells]))], shared=shared)))) == STRUCK


def test_a_line_struck_through_closes_for_whom_it_names_and_opens_for_nobody() -> None:
    struck = [X(cell, "str", "struck") if cell else "" for cell in GRANT]
    struck[2] = X("28942", style="struck day")
    sheet = read(xlsx([HEAD, struck]))
    assert (sheet.lines, verdicts(sheet)) == ((), [("cell-struck", "patient_id")])
    (doubt,) = sheet.doubts
    assert (doubt.reference, doubt.birth_name, doubt.birth_date) == ("Q1", "ROUX", date(1979, 3, 28))


def test_a_struck_cell_in_a_column_that_nobody_asked_for_refuses_nothing() -> None:
    assert len(read(xlsx([[*HEAD, "note"], [*GRANT, X("vu", "str", "struck")]])).lines) == 1


@pytest.mark.parametrize("where", ["cell", "parent", "row", "column", "span"])
def test_a_cell_of_an_ods_is_struck_through_by_its_style_wherever_it_has_it_from(where: str) -> None:
    through = '<style:text-properties style:text-line-through-style="solid"/>'
    styles = (
        f'<style:style style:name="T1" style:family="text">{through}</style:style>'
        f'<style:style style:name="ce1" style:family="table-cell">{through}</style:style>'
        '<style:style style:name="ce2" style:family="table-cell" style:parent-style-name="ce1"/>'
        '<style:style style:name="ce3" style:family="table-cell" style:parent-style-name="ce1">'
        '<style:text-properties style:text-line-through-style="none"/></style:style>'
    )
    default = ' table:default-cell-style-name="ce1"'

    def made(name: str) -> bytes:
        own = {"cell": ' table:style-name="ce1"', "parent": ' table:style-name="ce2"'}.get(name, "")
        cells = [O("string", shown=cell, more=own) if cell else O("") for cell in GRANT]
        row = ods_row(cells, default if name == "row" else "")
        if name == "span":
            row = row.replace("accordee", '<text:span text:style-name="T1">accordee</text:span>')
        columns = f'<table:table-column{default if name == "column" else ""} table:number-columns-repeated="7"/>'
        header = ods_row([O("string", shown=cell, more=' table:style-name="ce3"') for cell in HEAD])
        return zipped(ods_parts(ods_content(ods_table(columns + header + row), styles)))

    (verdict,) = read(made(where)).refused
    assert verdict.code == "cell-struck"
    assert len(read(made("none")).lines) == 1


# What is not shown ---------------------------------------------------------------------------------------------------


def row(number: int, cells: list[str], more: str = "") -> str:
    return xlsx_rows([cells], first=number).replace("<row ", f"<row{more} ", 1)


@pytest.mark.parametrize("more", [' hidden="1"', ' ht="0" customHeight="1"', ' ht="0.2"'])
def test_a_row_that_is_not_shown_is_neither_header_nor_line(more: str) -> None:
    sheet = read(
        zipped(
            xlsx_parts([xlsx_sheet(row(1, HEAD) + row(2, REFUSAL, more) + row(3, [*GRANT[:3], "deces", "2025-01-02"]))])
        )
    )
    assert (verdicts(sheet), [doubt.reference for doubt in sheet.doubts]) == ([("line-hidden", None)], ["Q1"])
    assert fault(zipped(xlsx_parts([xlsx_sheet(row(1, HEAD, more) + row(2, GRANT))]))) == ("sheet-header-missing", {})
    others = ["x", *HEAD[1:3], "affiche", *HEAD[4:], "statut", "patient_id"]
    shown = [*HEAD, "", ""]
    rows = row(1, others, more) + row(2, shown) + row(3, [*REFUSAL, "accordee", "Q2"])
    assert fault(zipped(xlsx_parts([xlsx_sheet(rows)]))) == ("sheet-table-above", {"line": 1})


def test_rows_and_columns_that_an_ods_does_not_show_are_not_taken() -> None:
    styles = (
        '<style:style style:name="ro1" style:family="table-row"><style:table-row-properties style:row-height="0cm"/>'
        '</style:style><style:style style:name="co1" style:family="table-column">'
        '<style:table-column-properties style:column-width="0.00in"/></style:style>'
    )

    def made(rows: str) -> bytes:
        return zipped(ods_parts(ods_content(ods_table(rows), styles)))

    within = f"<table:table-row-group>{ods_row(REFUSAL)}</table:table-row-group>"
    group = f'<table:table-row-group table:display="false">{within}</table:table-row-group>'
    for hidden in (group, ods_row(REFUSAL, ' table:style-name="ro1"')):
        sheet = read(made(ods_row(HEAD) + hidden + ods_row([*GRANT[:3], "deces", "2025-01-02"])))
        assert verdicts(sheet) == [("line-hidden", None)]
    for column in (
        '<table:table-column table:visibility="collapse"/>',
        '<table:table-column table:style-name="co1"/>',
        '<table:table-column-group table:display="false"><table:table-column/></table:table-column-group>',
    ):
        columns = f'<table:table-column table:number-columns-repeated="3"/>{column}<table:table-column/>'
        assert fault(made(columns + ods_row(HEAD) + ods_row(GRANT))) == ("sheet-column-hidden", {"column": "statut"})


def test_a_hidden_column_that_is_asked_for_refuses_the_file_and_another_does_not() -> None:
    def made(place: int, more: str) -> bytes:
        columns = f'<cols><col min="{place}" max="{place}" {more}/></cols>'
        return zipped(xlsx_parts([xlsx_sheet(xlsx_rows([[*HEAD, "note"], [*GRANT, "x"]]), columns=columns)]))

    for more in ('hidden="1"', 'width="0"', 'width="0.14" customWidth="1"'):
        assert fault(made(4, more)) == ("sheet-column-hidden", {"column": "statut"})
        assert len(read(made(8, more)).lines) == 1
    assert len(read(made(4, 'width="11.5"')).lines) == 1


# Above the header, and beside it -------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [xlsx, ods])
@pytest.mark.parametrize("above", [["nom_naissance", "", "Statut"], ["Total", "refusée"], ["EN DOUTE"]])
def test_a_table_above_the_header_refuses_the_file(made: Any, above: list[str]) -> None:
    assert fault(made([["Registre"], above, HEAD, GRANT])) == ("sheet-table-above", {"line": 2})
    assert len(read(made([["Registre"], ["Statut des patients"], HEAD, GRANT])).lines) == 1


@pytest.mark.parametrize(
    ("header", "ours"),
    [
        ("finalite", "finalites"),
        ("Finalités du traitement", "finalites"),
        ("fin\u0430lites", "finalites"),
        ("\u0438\u043c\u044f", None),
        ("fnialites", "finalites"),
        ("donne_par", "donnee_par"),
        ("Donnée par qui", "donnee_par"),
        ("date_fin_mandat", "date_fin"),
        ("mandat", "fin_mandat"),
        ("Date de fin", "date_fin"),
        ("fin", "date_fin"),
        ("périmètre du refus", "perimetre"),
        ("date_opposition", "opposition"),
        ("Oppositions", "opposition"),
        ("date de retrait", "retrait"),
    ],
)
def test_a_column_nearly_named_as_one_that_limits_refuses_the_file(header: str, ours: str | None) -> None:
    head, line = [*HEAD, "note", header], [*GRANT, "", "x"]
    for raw, place in ((csv(head, line), "9"), (xlsx([head, line]), "I"), (ods([head, line]), "I")):
        code, facts = fault(raw)
        assert (code, facts["place"]) == ("sheet-column-unknown", place)
        assert facts["column"] == ours or ours is None
        assert header not in facts.values()


@pytest.mark.parametrize(
    "header", ["note", "date", "employeur", "date_debut", "N° dossier", "Remarque", "retraite", "fini"]
)
def test_a_column_of_another_name_is_left_alone_and_told(header: str) -> None:
    for raw in (csv([*HEAD, header], [*GRANT, "x"]), xlsx([[*HEAD, header], [*GRANT, "x"]])):
        sheet = read(raw)
        assert (len(sheet.lines), sheet.unread) == (1, (header,))


def test_a_near_name_passes_where_the_column_is_declared_absent_and_none_passes_where_it_was_renamed() -> None:
    raw = csv([*HEAD, "finalite"], [*GRANT, "x"])
    assert len(read_register(raw, TODAY, {"purposes": ""}).lines) == 1
    for named in ("usages", "finalite_x"):
        with pytest.raises(SheetFault):
            read_register(csv([*HEAD, "finalites"], [*GRANT, "x"]), TODAY, {"purposes": named})


def test_names_of_columns_that_are_not_read_are_told_short_and_printable() -> None:
    head = ["patient_id", "nom_naissance", "prenoms", "date_naissance", "x\x1b[31m" + "y" * 99, "", "donne_par"]
    sheet = read_roster(csv(head, ["Q1", "ROUX", "Ana", "1979-03-28", "", "", ""]), TODAY)
    assert sheet.unread == (f"x?[31m{'y' * 33}…", "donne_par")
    assert "31m" not in repr(sheet)


def test_a_header_that_cannot_be_read_refuses_the_file() -> None:
    head = [*HEAD, "fina\u200blites"]
    assert fault(csv(head, [*GRANT, "x"])) == ("sheet-column-unknown", {"column": "finalites", "place": "8"})
    assert fault(ods([head, GRANT])) == ("sheet-header-unclear", {"place": "H"})
    for cell in (X("finalites", "str", inside="<f>A1</f>"), X("note", "str", "struck"), X("x", "str", "another word")):
        assert fault(xlsx([[*HEAD, cell], GRANT])) == ("sheet-header-unclear", {"place": letters(8)})
    merged = xlsx_sheet(xlsx_rows([HEAD, GRANT]), merged=["C1:D1"])
    assert fault(zipped(xlsx_parts([merged]))) == ("sheet-header-unclear", {"place": "D"})


def test_letters_put_in_left_out_changed_or_swapped_are_one_slip_each() -> None:
    words = ("finalite", "finalitess", "finolites", "fnialites", "finalites")
    assert [distance(word, "finalites") for word in words] == [1, 1, 1, 1, 0]


# Words ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "word",
    [
        "accordée ?", "accordée *", "≠ accordée", "¬accordée", "- accordée", "accordée -", "(accordée)", "accordée!",
        "a\u0336c\u0336cordée", "accord\u00e9e/refusée", "accordee?", "opposition levée ?", "✓ accordée", "+accordee",
    ],
)  # fmt: skip
def test_a_sign_makes_a_word_unknown_and_its_line_a_doubt(word: str) -> None:
    assert said_by(word) is None
    (verdict,) = (sheet := read(csv(HEAD, put(3, word)))).refused
    assert verdict.code in ("kind-unknown", "cell-invisible")
    assert len(sheet.doubts) == 1


@pytest.mark.parametrize(
    "word", ["Accordée", "ACCORDÉ", "opposition à l\u2019hébergement", "Opposition - levée", "decede"]
)
def test_case_accents_blanks_hyphens_and_apostrophes_do_not(word: str) -> None:
    assert said_by(word) is not None


@pytest.mark.parametrize("scope", ["tous ?", "tous_documents *", "≠ tous", "tous.", "-tous", "tous documents ?"])
def test_a_sign_after_everything_says_no_longer_everything(scope: str) -> None:
    sheet = read(csv(HEAD, put(6, scope)))
    assert (verdicts(sheet), len(sheet.doubts)) == ([("scope-unreadable", "perimetre")], 1)


@pytest.mark.parametrize(
    ("column", "cell", "code"),
    [
        ("finalites", "toutes ?", "purposes-unreadable"),
        ("finalites", ",", "purposes-unreadable"),
        ("donnee_par", "patient ?", "giver-unknown"),
        ("type_preuve", "oral ?", "evidence-kind-unknown"),
    ],
)
def test_a_sign_makes_every_other_word_unknown_too(column: str, cell: str, code: str) -> None:
    assert verdicts(read(csv([*HEAD, column], [*GRANT, cell]))) == [(code, column)]


@pytest.mark.parametrize(
    ("column", "cell"),
    [("date_fin", "2025-04-01"), ("perimetre", "labo"), ("finalites", "recherche"), ("fin_mandat", "2025-04-01")],
)
def test_an_opposition_is_lifted_for_everything_and_for_good_or_stays(column: str, cell: str) -> None:
    head = HEAD if column in HEAD else [*HEAD, column]
    line = [*GRANT, *[""] * (len(head) - len(HEAD))]
    line[3], line[head.index(column)] = "opposition_levee", cell
    assert verdicts(read(csv(head, line))) == [("scope-not-possible", column)]


def test_spaces_at_which_no_line_ends_are_spaces() -> None:
    (line,) = read(csv([*HEAD, "preuve"], [*GRANT, "formulaire n°\u00a012\u202f: signé"])).lines
    assert line.statement.evidence is not None
    assert line.statement.evidence.reference == "formulaire n° 12 : signé"


def test_columns_that_were_not_read_are_told_on_the_screen_and_in_json() -> None:
    report = ImportReport(None, "", (), unread=("note", "employeur"))
    assert "colonnes non lues : note, employeur" in import_text(report, "fr")
    assert "columns that were not read: note, employeur" in import_text(report, "en")
    assert import_answer(report, "register")["unread"] == ["note", "employeur"]
    assert "note" not in repr(report)
