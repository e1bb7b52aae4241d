"""A workbook's cells: what the person sees is what is read, digit for digit and day for day, or the line is refused."""

import io
import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent_gate.imports import read_register, read_roster
from consent_gate.sheets import values
from consent_gate.sheets.number_formats import Shown, format_of
from consent_gate.sheets.reading import read_sheet
from consent_gate.sheets.rows import Row
from consent_gate.sheets.values import UNREADABLE
from lexicon.faults import SheetFault
from tests.workbook_fixtures import (
    STRICT,
    O,
    X,
    letters,
    ods,
    ods_cell,
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
HEADERS = {"reference": "patient_id", "birth_name": "nom", "birth_date": "date_naissance", "ins": "nir", "until": "fin"}
REQUIRED = frozenset({"reference", "birth_name", "birth_date"})
HEAD = ["patient_id", "nom", "date_naissance", "nir", "remarque"]
STORED = ("content.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml")
ROSTER = ["patient_id", "nom_naissance", "prenoms", "date_naissance"]


def read(raw: bytes) -> tuple[Row, ...]:
    return read_sheet(raw, HEADERS, REQUIRED).rows


def one(raw: bytes) -> Row:
    (row,) = read(raw)
    return row


def of_xlsx(cell: str | X, column: int = 0, *, since_1904: bool = False) -> str:
    """What a cell in that column is read as: its text, or the code of the line's flaw."""
    cells: list[str | X] = ["Q1", "ROUX", "1979-03-28", "", ""]
    cells[column] = cell
    return said(one(xlsx([HEAD, cells], since_1904=since_1904)), column)


def of_ods(cell: str | O, column: int = 0) -> str:
    cells: list[str | O] = ["Q1", "ROUX", "1979-03-28", "", ""]
    cells[column] = cell
    return said(one(ods([HEAD, cells])), column)


def said(row: Row, column: int) -> str:
    field = list(HEADERS)[column]
    if row.flaw is None:
        return row.cells[field]
    assert (row.flaw.field, row.cells[field]) == (field, UNREADABLE)
    return row.flaw.code


def code(raw: bytes) -> str:
    with pytest.raises(SheetFault) as caught:
        read(raw)
    return caught.value.code


# Numbers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("12345", "12345"),
        ("12345.0", "12345"),
        ("1.2345E4", "12345"),
        ("1.2345e+04", "12345"),
        ("2.79035121518989E14", "279035121518989"),
        ("279035121518989", "279035121518989"),
        ("999999999999999", "999999999999999"),
        ("1234567890123456", "number-inexact"),
        ("1.2345678901234568E+17", "number-inexact"),
        ("12.5", "number-inexact"),
        ("0.1", "number-inexact"),
        ("279035121518989.03", "number-inexact"),
        ("1E999", "number-inexact"),
        ("1E-999", "number-inexact"),
        ("1" * 5000, "number-inexact"),
        ("NaN", "number-inexact"),
        ("0x10", "number-inexact"),
        ("007", "7"),
        ("-5", "-5"),
    ],
)
def test_a_number_is_its_digits_or_is_refused_in_either_format(written: str, read_as: str) -> None:
    assert of_xlsx(X(written), 3) == read_as
    assert of_ods(O("float", written, read_as), 3) == read_as


@given(st.integers(0, 10**15 - 1))
def test_every_whole_number_of_15_digits_keeps_all_of_them_however_it_is_written(number: int) -> None:
    for written in (str(number), f"{number}.0", f"{number:.16E}", repr(float(number))):
        assert values.digits(written) == str(number)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_no_float_becomes_digits_that_are_not_its_own(number: float) -> None:
    read_as = values.digits(repr(number))
    assert isinstance(read_as, values.CellCode) or float(read_as) == number


def test_zeros_that_a_format_shows_before_a_number_are_of_the_reference() -> None:
    assert of_xlsx(X("123", style="padded")) == "00123"
    assert of_xlsx(X("123456", style="padded")) == "123456"
    assert of_ods(O("float", "123", "00123")) == "00123"
    assert of_ods(O("float", "123", "123,00")) == "123"
    assert of_xlsx(X("279035121518989", style="nir"), 3) == "279035121518989"


def test_what_shows_other_digits_than_it_has_is_refused() -> None:
    assert of_xlsx(X("1", style="share")) == "number-inexact"
    assert of_ods(O("percentage", "1", "100%")) == "number-inexact"


def test_a_social_security_number_stored_as_a_number_is_checked_like_any_other() -> None:
    head = [*ROSTER, "nir"]
    lines: list[list[str | X]] = [
        ["Q1", "ROUX", "Ana", "1979-03-28", X(nir)] for nir in ("279035121518989", "279035121518988")
    ]
    sheet = read_roster(xlsx([head, *lines]), TODAY)
    assert [line.patient.ins for line in sheet.lines] == ["279035121518989"]
    assert [(v.line, v.code) for v in sheet.refused] == [(3, "ins-key-wrong")]


# Days ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("serial", "read_as", "since_1904"),
    [
        ("1", "1900-01-01", "1904-01-02"),
        ("59", "1900-02-28", "1904-02-29"),
        ("60", "date-unclear", "1904-03-01"),
        ("61", "1900-03-01", "1904-03-02"),
        ("0", "date-unclear", "1904-01-01"),
        ("28942", "1979-03-28", "1983-03-29"),
        ("28942.0", "1979-03-28", "1983-03-29"),
        ("28942.5", "date-with-time", "date-with-time"),
        ("28942.999999999", "date-with-time", "date-with-time"),
        ("0.5", "date-unclear", "date-unclear"),
        ("-1", "date-unclear", "date-unclear"),
        ("1E9", "date-unclear", "date-unclear"),
        ("2958466", "date-unclear", "date-unclear"),
    ],
)
def test_a_serial_number_is_the_day_that_the_spreadsheet_shows(serial: str, read_as: str, since_1904: str) -> None:
    assert of_xlsx(X(serial, style="day"), 2) == read_as
    assert of_xlsx(X(serial, style="day"), 2, since_1904=True) == since_1904


@pytest.mark.parametrize("style", ["day", "moment", "long day", "french day"])
def test_a_day_is_a_day_in_every_format_that_shows_all_of_it(style: str) -> None:
    assert of_xlsx(X("28942", style=style), 2) == "1979-03-28"


def test_a_date_that_shows_its_month_alone_says_no_day() -> None:
    assert of_xlsx(X("28942", style="month"), 2) == "date-unclear"
    assert of_ods(O("date", "1979-03-01", "mars 1979"), 2) == "date-unclear"
    assert of_ods(O("date", "2024-01-24", "janv. 24"), 2) == "date-unclear"


def test_a_number_that_is_not_shown_as_a_date_is_no_date() -> None:
    raw = xlsx([ROSTER, ["Q1", "ROUX", "Ana", X("28942")]])
    assert [v.code for v in read_roster(raw, TODAY).refused] == ["date-unreadable"]


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("1979-03-28", "1979-03-28"),
        ("1979-03-28T00:00:00", "1979-03-28"),
        ("1979-03-28T00:00:00.000Z", "1979-03-28"),
        ("1979-03-27T23:00:00", "date-with-time"),
        ("1979-02-30", "date-unclear"),
        ("1979-03", "date-unclear"),
    ],
)
def test_a_day_written_as_iso_is_taken_without_its_midnight_and_with_no_other_time(written: str, read_as: str) -> None:
    assert of_xlsx(X(written, "d", "day"), 2) == read_as
    assert of_ods(O("date", written, "28/03/1979" if read_as != "date-unclear" else ""), 2) in (read_as, "date-unclear")
    assert of_ods(O("date", written, "28/03/1979"), 2) == read_as


@pytest.mark.parametrize("shown", ["28/03/1979", "28/03/79", "28 mars 1979", "mercredi 28 mars 1979", "1979-03-28"])
def test_a_day_of_an_ods_is_what_is_stored_where_the_cell_shows_it(shown: str) -> None:
    assert of_ods(O("date", "1979-03-28", shown), 2) == "1979-03-28"


def test_a_reference_that_the_spreadsheet_made_a_date_is_refused() -> None:
    assert of_xlsx(X("46054", style="day")) == "cell-date"
    assert of_ods(O("date", "2026-02-01", "01/02/2026")) == "cell-date"


@pytest.mark.parametrize(
    ("format_code", "shown"),
    [
        ("dd/mm/yyyy", Shown.DAY),
        ("[$-40C]dddd d mmmm yyyy;@", Shown.DAY),
        ("yyyy/mm/dd", Shown.DAY),
        ("m/d/yy h:mm", Shown.DAY),
        ("dddd mmmm yyyy", Shown.UNCLEAR),
        ("mmm-yy", Shown.UNCLEAR),
        ("h:mm", Shown.UNCLEAR),
        ("[h]:mm:ss", Shown.UNCLEAR),
        ("General", Shown.NUMBER),
        ("0.00E+00", Shown.OTHERWISE),
        ('"dossier "0', Shown.OTHERWISE),
        ("[Red]0;[Blue]-0", Shown.OTHERWISE),
        ('"P"00000', Shown.OTHERWISE),
        ("000-000", Shown.OTHERWISE),
        ("00 00 00", Shown.OTHERWISE),
        ("0,", Shown.OTHERWISE),
        ("#,##0,", Shown.OTHERWISE),
        ("[>99999]dd/mm/yyyy;;", Shown.OTHERWISE),
        ('dd/mm/yyyy;"x"', Shown.OTHERWISE),
        ("[$-6060000]dd/mm/yyyy", Shown.OTHERWISE),
        ("[$-D07041E]d/m/yy", Shown.OTHERWISE),
        ("B2dd/mm/yyyy", Shown.OTHERWISE),
        ("dmyyyy", Shown.OTHERWISE),
        ("mmmmm d yyyy", Shown.UNCLEAR),
        ("#,##0", Shown.NUMBER),
        ("# ##0.00", Shown.NUMBER),
        ("[$-80C]d mmm yy;@", Shown.DAY),
        ("[$-fr-FR]dd.mm.yyyy", Shown.DAY),
        ("# ?/?", Shown.SHARE),
        ("0%", Shown.SHARE),
        ("@", Shown.NUMBER),
    ],
)
def test_a_number_format_shows_a_day_a_number_or_neither(format_code: str, shown: Shown) -> None:
    assert format_of(format_code).shown is shown


# Cells that are no statement -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "flaw"),
    [
        (X("Q7", "str", inside="<f>A1</f>"), "cell-formula"),
        (X("7", inside="<f/>"), "cell-formula"),
        (X("#N/A", "e"), "cell-error"),
        (X("1", "b"), "cell-boolean"),
        ("=1+1", "cell-formula"),
        ("+cmd|' /C calc'!A0", "cell-formula"),
        ("@SUM(1)", "cell-formula"),
        ("Q\u200b1", "cell-invisible"),
        ("Q1\u200f", "cell-invisible"),
        ("Q_x0007_1", "cell-invisible"),
        ("Q_xD800_1", "cell-invisible"),
        ("Q" * 32_768, "cell-too-long"),
    ],
)
def test_a_cell_of_an_xlsx_that_is_no_statement_gives_its_line_a_code(cell: str | X, flaw: str) -> None:
    assert of_xlsx(cell) == flaw


@pytest.mark.parametrize(
    ("cell", "flaw"),
    [
        (O("float", "7", "7", ' table:formula="of:=[.A1]"'), "cell-formula"),
        (O("string", shown="#N/A", more=' table:formula="of:=NA()"'), "cell-formula"),
        (O("boolean", "true", "VRAI"), "cell-boolean"),
        (O("string", shown="Q1", more=' office:string-value="Q2"'), "cell-unshown"),
        (O("string", shown="Q1", name="covered-table-cell"), "cell-merged"),
        (O("", name="covered-table-cell"), "cell-merged"),
        (O("time", shown="12:00"), "number-inexact"),
        ("Q" * 32_768, "cell-too-long"),
        ("Q\u2066\u20691", "cell-invisible"),
    ],
)
def test_a_cell_of_an_ods_that_is_no_statement_gives_its_line_a_code(cell: str | O, flaw: str) -> None:
    assert of_ods(cell) == flaw


def test_an_error_and_a_field_of_an_ods_are_no_statement() -> None:
    calc = ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    assert of_ods(O("string", shown="#REF!", more=f'{calc} calcext:value-type="error"')) == "cell-error"
    field = ods_cell("Q1").replace("Q1", "<text:sheet-name>Q1</text:sheet-name>")
    rows = ods_row(HEAD) + ods_row(["@", "ROUX", "1979-03-28"]).replace(ods_cell("@"), field)
    assert said(one(zipped(ods_parts(ods_content(ods_table(rows))))), 0) == "cell-formula"


@pytest.mark.parametrize("attributes", ['t="array" ref="A2:A3"', 't="dataTable" ref="A2:A3"'])
def test_the_results_of_one_formula_for_many_cells_are_no_statements(attributes: str) -> None:
    formula = X("7", inside=f"<f {attributes}>1</f>")
    lines: list[list[str | X]] = [[formula, "ROUX", "1979-03-28"], [X("8"), "ROUX", "1979-03-28"]]
    rows = read(xlsx([HEAD, *lines, [X("9"), "ROUX", "1979-03-28"]]))
    assert [row.flaw and row.flaw.code for row in rows] == ["cell-formula", "cell-formula", None]


def test_the_results_of_a_matrix_of_an_ods_are_no_statements() -> None:
    more = ' table:formula="of:=1" table:number-matrix-columns-spanned="1" table:number-matrix-rows-spanned="2"'
    lines = [[cell, "ROUX", "1979-03-28"] for cell in (O("float", "7", "7", more), O("float", "8", "8"), "Q9")]
    assert [row.flaw and row.flaw.code for row in read(ods([HEAD, *lines]))] == ["cell-formula", "cell-formula", None]


def test_a_merged_cell_speaks_for_its_first_line_alone() -> None:
    lines = [["Q1", "ROUX", "1979-03-28"], ["", "ROUX", "1979-03-28"], ["Q3", "ROUX", "1979-03-28"]]
    sheet = xlsx_sheet(xlsx_rows([HEAD, *lines]), merged=["A2:A3", "D2:E4"])
    rows = read(zipped(xlsx_parts([sheet])))
    assert [row.flaw and (row.flaw.code, row.flaw.field) for row in rows] == [
        None,
        ("cell-merged", "reference"),
        ("cell-merged", "ins"),
    ]


def test_what_a_merge_hides_is_never_read() -> None:
    sheet = xlsx_sheet(xlsx_rows([HEAD, ["Q1", "ROUX", "1979-03-28"], ["Q2", "ROUX", "1979-03-28"]]), merged=["A2:C3"])
    rows = read(zipped(xlsx_parts([sheet])))
    assert [row.cells["reference"] for row in rows] == ["Q1", UNREADABLE]
    assert all(row.flaw for row in rows)


def test_a_cell_in_a_column_that_nobody_asked_for_never_counts_whatever_it_holds() -> None:
    assert one(xlsx([HEAD, ["Q1", "ROUX", "1979-03-28", "", X("#REF!", "e", inside="<f>A9</f>")]])).flaw is None
    assert one(ods([HEAD, ["Q1", "ROUX", "1979-03-28", "", O("boolean", "true", "VRAI")]])).flaw is None


def test_a_line_that_may_have_narrowed_by_a_formula_leaves_its_patient_in_doubt() -> None:
    head = ["patient_id", "nom_naissance", "date_naissance", "statut", "date_signature", "date_fin", "perimetre"]
    until = X("28942", style="day", inside="<f>TODAY()</f>")
    raw = xlsx([head, ["Q1", "ROUX", "1979-03-28", "accordee", "2025-01-02", until, "tous_documents"]])
    sheet = read_register(raw, TODAY)
    assert [(v.line, v.code, v.column) for v in sheet.refused] == [(2, "cell-formula", "date_fin")]
    assert [doubt.reference for doubt in sheet.doubts] == ["Q1"]


# Texts ---------------------------------------------------------------------------------------------------------------


def test_text_is_what_is_shown_whatever_it_is_made_of() -> None:
    rich = "<is><r><t>RO</t></r><r><rPr><b/></rPr><t>UX</t></r><rPh sb='0' eb='1'><t>lu</t></rPh></is>"
    row = xlsx_rows([["Q1", "@", "1979-03-28"]], first=2).replace('<is><t xml:space="preserve">@</t></is>', rich)
    assert one(zipped(xlsx_parts([xlsx_sheet(xlsx_rows([HEAD]) + row)]))).cells["birth_name"] == "ROUX"
    assert of_xlsx("E\u0301TE\u0301\u00a0", 1) == "ÉTÉ"
    assert of_xlsx("LE_x0020_GOFF", 1) == "LE GOFF"
    assert of_xlsx("LE\nGOFF", 1) == "LE\nGOFF"


def test_shared_strings_are_read_run_after_run_and_counted_from_0() -> None:
    shared = "<si><t>Q1</t></si><si><r><t>RO</t></r><r><t>UX</t></r><rPh sb='0' eb='2'><t>lu</t></rPh></si>"
    cells: Sequence[str | X] = [X("0", "s"), X("1", "s"), "1979-03-28"]
    row = one(zipped(xlsx_parts([xlsx_sheet(xlsx_rows([HEAD, cells]))], shared=shared)))
    assert (row.cells["reference"], row.cells["birth_name"]) == ("Q1", "ROUX")
    cells = [X("2", "s"), X("1", "s"), "1979-03-28"]
    assert code(zipped(xlsx_parts([xlsx_sheet(xlsx_rows([HEAD, cells]))], shared=shared))) == "sheet-malformed"


def test_text_of_an_ods_is_what_is_shown_without_notes_and_drawings() -> None:
    inside = (
        "<office:annotation><text:p>NON</text:p></office:annotation>"
        '<text:p>LE<text:s text:c="2"/><text:span>GO</text:span>\n FF<text:bookmark/></text:p>'
        "<text:p>SUITE<text:note><text:note-body><text:p>NON</text:p></text:note-body></text:note></text:p>"
    )
    rows = ods_row(HEAD) + ods_row(["Q1", "@", "1979-03-28"]).replace("<text:p>@</text:p>", inside)
    row = one(zipped(ods_parts(ods_content(ods_table(rows)))))
    assert row.cells["birth_name"] == "LE  GO FF\nSUITE"


def test_a_million_spaces_written_as_a_count_are_a_cell_too_long() -> None:
    many = '<text:p>Q<text:s text:c="100000000"/>1</text:p>'
    rows = ods_row(HEAD) + ods_row(["@", "ROUX", "1979-03-28"]).replace("<text:p>@</text:p>", many)
    assert said(one(zipped(ods_parts(ods_content(ods_table(rows))))), 0) == "cell-too-long"


# Lines ---------------------------------------------------------------------------------------------------------------


def test_lines_bear_the_numbers_that_the_spreadsheet_shows_below_titles_and_gaps() -> None:
    line = ["Q1", "ROUX", "1979-03-28"]
    rows = xlsx_rows([["Registre au 15 janvier"]]) + xlsx_rows([HEAD, line], first=4) + xlsx_rows([line], first=20)
    assert [row.line for row in read(zipped(xlsx_parts([xlsx_sheet(rows)])))] == [5, 20]
    rows = ods_row(["Registre"]) + ods_row([""], ' table:number-rows-repeated="3"') + ods_row(HEAD) + ods_row(line)
    rows += ods_row([""], ' table:number-rows-repeated="14"') + ods_row(line, ' table:number-rows-repeated="2"')
    assert [row.line for row in read(zipped(ods_parts(ods_content(ods_table(rows)))))] == [6, 21, 22]


def test_a_cell_repeated_over_columns_is_in_each_of_them() -> None:
    twice = ' table:number-columns-repeated="2"'
    row = one(ods([HEAD, [O("string", shown="Q1", more=twice), O("date", "1979-03-28", "28/03/1979")]]))
    assert (row.cells["reference"], row.cells["birth_name"], row.cells["birth_date"]) == ("Q1", "Q1", "1979-03-28")


def test_empty_rows_to_the_end_of_the_sheet_are_no_lines() -> None:
    line = ["Q1", "ROUX", "1979-03-28"]
    empty = ods_row([O("", more=' table:number-columns-repeated="16384"')], ' table:number-rows-repeated="1048574"')
    assert one(zipped(ods_parts(ods_content(ods_table(ods_rows([HEAD, line]) + empty))))).line == 2
    formatted = "".join(f'<row r="{n}"><c r="A{n}" s="1"/></row>' for n in range(3, 40_000))
    assert one(zipped(xlsx_parts([xlsx_sheet(xlsx_rows([HEAD, line]) + formatted)]))).line == 2


def test_a_hidden_line_is_no_statement_and_is_told() -> None:
    line = ["Q1", "ROUX", "1979-03-28"]
    rows = read(xlsx([HEAD, line, line], hidden=[3]))
    assert [row.flaw and row.flaw.code for row in rows] == [None, "line-hidden"]
    assert rows[1].cells["reference"] == "Q1", "so that whom it is about can be told"
    for hidden in ("collapse", "filter"):
        more = f' table:visibility="{hidden}"'
        rows = read(zipped(ods_parts(ods_content(ods_table(ods_row(HEAD) + ods_row(line) + ods_row(line, more))))))
        assert [row.flaw and row.flaw.code for row in rows] == [None, "line-hidden"]


def test_lines_deleted_under_change_tracking_are_not_read() -> None:
    deleted = f"<table:tracked-changes><table:deletion>{ods_row(HEAD)}{ods_row(['Q9', 'ROUX', '1979-03-28'])}"
    tables = f"{deleted}</table:deletion></table:tracked-changes>" + ods_table(ods_rows([HEAD, ["Q1", "A", "B"]]))
    assert [row.cells["reference"] for row in read(zipped(ods_parts(ods_content(tables))))] == ["Q1"]


def test_groups_and_header_rows_of_an_ods_hold_rows_like_any_other() -> None:
    line = ["Q1", "ROUX", "1979-03-28"]
    rows = f"<table:table-header-rows>{ods_row(HEAD)}</table:table-header-rows>"
    rows += (
        f"<table:table-row-group><table:table-row-group>{ods_row(line)}</table:table-row-group></table:table-row-group>"
    )
    assert one(zipped(ods_parts(ods_content(ods_table(rows))))).line == 2


# Sheets --------------------------------------------------------------------------------------------------------------


def test_of_several_sheets_the_one_with_the_header_is_read_and_two_are_a_fault() -> None:
    line, other = ["Q1", "ROUX", "1979-03-28"], xlsx_sheet(xlsx_rows([["Mode d'emploi"], ["patient_id"]]))
    sheet = xlsx_sheet(xlsx_rows([HEAD, line]))
    assert one(zipped(xlsx_parts([other, sheet, other]))).line == 2
    assert code(zipped(xlsx_parts([sheet, other, sheet]))) == "sheet-several"
    assert one(zipped(xlsx_parts([sheet, sheet], states={0: "hidden"}))).line == 2
    assert one(zipped(xlsx_parts([sheet, sheet], states={1: "veryHidden"}))).line == 2
    assert code(zipped(xlsx_parts([sheet], states={0: "hidden"}))) == "sheet-header-missing"


def test_a_hidden_or_linked_table_of_an_ods_is_not_read() -> None:
    rows = ods_rows([HEAD, ["Q1", "ROUX", "1979-03-28"]])
    linked = ods_table(f"<table:table-source/>{rows}")
    assert one(zipped(ods_parts(ods_content(ods_table(rows, style="hidden") + linked + ods_table(rows))))).line == 2
    assert code(zipped(ods_parts(ods_content(ods_table(rows) * 2)))) == "sheet-several"
    assert code(zipped(ods_parts(ods_content(ods_table(rows, style="hidden"))))) == "sheet-header-missing"


@pytest.mark.parametrize("made", [xlsx, ods])
def test_what_a_header_lacks_or_has_twice_is_told_by_its_name(made: type) -> None:
    line = ["Q1", "ROUX", "1979-03-28"]
    for head, fault, column in (
        (["patient_id", "nom", "naissance"], "sheet-column-missing", "date_naissance"),
        ([*HEAD, "PATIENT ID"], "sheet-column-twice", "patient_id"),
        (["a", "b", "c"], "sheet-header-missing", None),
        (["patient_id;nom;date_naissance"], "sheet-header-missing", None),
    ):
        with pytest.raises(SheetFault) as caught:
            read(made([head, line]))
        assert (caught.value.code, caught.value.facts.get("column")) == (fault, column)
    assert code(made([HEAD])) == "sheet-empty"
    assert code(made([[""]] * 50 + [HEAD, line])) == "sheet-header-missing"
    assert one(made([[""]] * 49 + [HEAD, line])).line == 51


# Others' workbooks ---------------------------------------------------------------------------------------------------


def test_a_workbook_of_another_library_reads_as_it_was_written() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Patient ID", "Nom", "Date de naissance", "NIR"])
    sheet.append(["Q1", "ÉTÉ-LÀ", date(1979, 3, 28), 279035121518989])
    sheet.append([12345, "ROUX", datetime(1979, 3, 28, 23), "=A1"])  # noqa: DTZ001, a spreadsheet knows no zone
    sheet.append([1.5, "ROUX", date(1979, 3, 28), None])
    sheet.append(["Q4", "D", "28/03/1979", None])
    sheet.row_dimensions[5].hidden = True
    sheet.merge_cells("B4:C4")
    saved = io.BytesIO()
    book.save(saved)
    rows = read_sheet(saved.getvalue(), {**HEADERS, "birth_date": "date_de_naissance"}, REQUIRED).rows
    assert dict(rows[0].cells) == {
        "reference": "Q1", "birth_name": "ÉTÉ-LÀ", "birth_date": "1979-03-28", "ins": "279035121518989",
    }  # fmt: skip
    assert [row.flaw and (row.flaw.code, row.flaw.field) for row in rows] == [
        None,
        ("date-with-time", "birth_date"),
        ("number-inexact", "reference"),
        ("line-hidden", None),
    ]
    assert (rows[1].cells["reference"], rows[1].line) == ("12345", 3)


def test_an_open_document_of_another_library_reads_as_it_was_written() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from odf import opendocument, table, text  # noqa: PLC0415, it warns when it is imported
    document = opendocument.OpenDocumentSpreadsheet()
    sheet = table.Table(name="Registre")
    for cells in (HEAD, ["Q1", "ÉTÉ-LÀ", date(1979, 3, 28), 279035121518989]):
        row = table.TableRow()
        for value in cells:
            match value:
                case date():
                    cell = table.TableCell(valuetype="date", datevalue=value.isoformat())
                case int():
                    cell = table.TableCell(valuetype="float", value=value)
                case _:
                    cell = table.TableCell(valuetype="string")
            cell.addElement(text.P(text=str(value)))
            row.addElement(cell)
        sheet.addElement(row)
    document.spreadsheet.addElement(sheet)
    saved = io.BytesIO()
    document.write(saved)
    row = one(saved.getvalue())
    assert dict(row.cells) == {
        "reference": "Q1", "birth_name": "ÉTÉ-LÀ", "birth_date": "1979-03-28", "ins": "279035121518989",
    }  # fmt: skip


def test_strict_ooxml_and_places_left_out_are_read_too() -> None:
    sheet = xlsx_sheet(xlsx_rows([HEAD, ["Q1", "ROUX", "1979-03-28"]]), main=STRICT)
    assert one(zipped(xlsx_parts([sheet], main=STRICT))).line == 2
    bare = xlsx_sheet(xlsx_rows([HEAD, ["Q1", "ROUX", "1979-03-28"]]))
    for column in range(1, 6):
        for number in (1, 2):
            bare = bare.replace(f' r="{letters(column)}{number}"', "")
    row = one(zipped(xlsx_parts([bare.replace(' r="1"', "").replace(' r="2"', "")])))
    assert (row.line, row.cells["birth_date"]) == (2, "1979-03-28")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('r="A2"', 'r="A7"'),
        ('r="B2"', 'r="A2"'),
        ('<row r="2"', '<row r="1"'),
        ('r="A2"', 'r="2"'),
        ('r="A2"', 'r="AAAA2"'),
        ('s="1"', 's="99"'),
        ("<v>1</v>", "<v>1</v><v>2</v>"),
        ('t="n"', 't="z"'),
    ],
)
def test_a_sheet_that_says_two_things_of_a_cell_is_malformed(old: str, new: str) -> None:
    sheet = xlsx_sheet(xlsx_rows([HEAD, [X("1"), "ROUX", X("28942", style="day")]]))
    assert old in sheet
    assert code(zipped(xlsx_parts([sheet.replace(old, new, 1)]))) == "sheet-malformed"


# Whatever the bytes --------------------------------------------------------------------------------------------------

_WHOLE = (
    zipped(
        xlsx_parts(
            [xlsx_sheet(xlsx_rows([HEAD, [X("0", "s"), "ROUX", X("28942", style="day")]]))], shared="<si><t>Q</t></si>"
        ),
        stored=STORED,
    ),
    zipped(
        ods_parts(ods_content(ods_table(ods_rows([HEAD, ["Q1", "ROUX", O("date", "1979-03-28", "28/03/1979")]])))),
        stored=STORED,
    ),
)


@given(st.sampled_from(_WHOLE), st.data())
def test_whatever_bytes_are_changed_there_are_rows_or_a_fault_and_no_other_end(
    whole: bytes, data: st.DataObject
) -> None:
    changed = bytearray(whole)
    places = st.integers(0, len(whole) - 1)
    for place, byte in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=4)):
        changed[place] = byte
    with suppress(SheetFault):
        read(bytes(changed))


@given(st.sampled_from((xlsx_sheet(xlsx_rows([HEAD, ["Q1", "ROUX", X("28942", style="day")]])),)), st.data())
def test_whatever_a_sheet_says_in_the_middle_there_are_rows_or_a_fault(sheet: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sheet)))
    cut = data.draw(st.integers(0, 20))
    put = data.draw(
        st.sampled_from(["", "9" * 400, "-1", "1E400", "&#x10FFFF;", "_xD83D_", "<v>", "</c>", "\x01", "é"])
    )
    with suppress(SheetFault):
        read(zipped(xlsx_parts([sheet[:place] + put + sheet[place + cut :]])))
