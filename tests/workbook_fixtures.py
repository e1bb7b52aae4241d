"""Workbooks written by hand, part by part, so that a test can put into them what no spreadsheet would."""

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
ODS_KIND = "application/vnd.oasis.opendocument.spreadsheet"
FORMATS = {
    "general": '<xf numFmtId="0"/>',
    "day": '<xf numFmtId="14"/>',
    "moment": '<xf numFmtId="164"/>',
    "padded": '<xf numFmtId="165"/>',
    "month": '<xf numFmtId="17"/>',
    "share": '<xf numFmtId="10"/>',
    "text": '<xf numFmtId="49"/>',
    "long day": '<xf numFmtId="166"/>',
    "nir": '<xf numFmtId="167"/>',
    "french day": '<xf numFmtId="168"/>',
    "another word": '<xf numFmtId="169"/>',
    "another number": '<xf numFmtId="170"/>',
    "another year": '<xf numFmtId="171"/>',
    "another calendar": '<xf numFmtId="172"/>',
    "month first": '<xf numFmtId="173"/>',
    "struck": '<xf numFmtId="0" fontId="1"/>',
    "struck day": '<xf numFmtId="14" fontId="1"/>',
}
_CODES = {
    164: "dd/mm/yyyy hh:mm",
    165: "00000",
    166: "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy",
    167: '[>=3000000000000]#" "##" "##" "##" "###" "###" | "##;#" "##" "##" "##" "###" "###',
    168: "[$-40C]d\\ mmmm\\ yyyy;@",
    169: ';;;"refusée"',
    170: '"2"000',
    171: '[>99999]dd/mm/yyyy;dd/mm/"2020"',
    172: "[$-6060000]dd/mm/yyyy",
    173: "mm/dd/yyyy",
}


@dataclass(frozen=True, slots=True)
class X:
    """A cell of an XLSX; `inside` stands before its value."""

    value: str
    kind: str = "n"
    style: str = "general"
    inside: str = ""


@dataclass(frozen=True, slots=True)
class O:  # noqa: E742, the format's initial
    """A cell of an ODS: its type, the value that is stored, the text that is shown, other attributes."""

    kind: str
    value: str = ""
    shown: str = ""
    more: str = ""
    name: str = "table-cell"


def zipped(parts: Mapping[str, bytes | str], *, stored: Collection[str] = ("mimetype",)) -> bytes:
    """An archive of these parts, the same bytes each time."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            member = zipfile.ZipInfo(name, (2026, 1, 15, 0, 0, 0))
            member.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(member, content)
    return made.getvalue()


def letters(column: int) -> str:
    """`A` of 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def xlsx_cell(cell: str | X, place: str) -> str:
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>' if cell else ""
    style = list(FORMATS).index(cell.style)
    return f'<c r="{place}" t="{cell.kind}" s="{style}">{cell.inside}<v>{escape(cell.value)}</v></c>'


def xlsx_rows(rows: Sequence[Sequence[str | X]], *, first: int = 1, hidden: Collection[int] = ()) -> str:
    def row(number: int, cells: Sequence[str | X]) -> str:
        written = "".join(xlsx_cell(cell, f"{letters(c)}{number}") for c, cell in enumerate(cells, 1))
        veiled = ' hidden="1"' if number in hidden else ""
        return f'<row r="{number}"{veiled}>{written}</row>'

    return "".join(row(number, cells) for number, cells in enumerate(rows, first))


def xlsx_sheet(
    rows: str, *, merged: Sequence[str] = (), main: str = MAIN, columns: str = "", conditions: str = ""
) -> str:
    """`conditions` may lay a difference on cells: 0 colours them, 1 strikes them through, 2 formats them."""
    merges = "".join(f'<mergeCell ref="{one}"/>' for one in merged)
    after = f"<mergeCells>{merges}</mergeCells>" if merged else ""
    inside = f"{columns}<sheetData>{rows}</sheetData>{after}{conditions}"
    return f'<?xml version="1.0"?><worksheet xmlns="{main}">{inside}</worksheet>'


def xlsx_parts(
    sheets: Sequence[str],
    *,
    shared: str | None = None,
    since_1904: bool = False,
    states: Mapping[int, str] | None = None,
    main: str = MAIN,
) -> dict[str, bytes | str]:
    """The parts of a workbook of these sheets (XML), by name; `states` of sheets from 0: hidden, veryHidden."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="Feuille{n}" sheetId="{n}" r:id="rId{n}" state="{(states or {}).get(n - 1, "visible")}"/>'
        for n in numbers
    )
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    links += f'<Relationship Id="styles" Type="{RELATIONS}/styles" Target="styles.xml"/>'
    if shared is not None:
        links += f'<Relationship Id="strings" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    codes = "".join(f"<numFmt numFmtId={quoteattr(str(n))} formatCode={quoteattr(c)}/>" for n, c in _CODES.items())
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{RELATIONS}">'
        f'<workbookPr date1904="{int(since_1904)}"/><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}">{links}</Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><numFmts>{codes}</numFmts>'
        '<fonts><font/><font><strike/></font><font><strike val="0"/></font></fonts>'
        f'<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>{"".join(FORMATS.values())}</cellXfs>'
        '<dxfs><dxf><font><color rgb="FFFF0000"/></font></dxf><dxf><font><strike/></font></dxf>'
        '<dxf><numFmt numFmtId="190" formatCode=";;;"/></dxf></dxfs></styleSheet>',
    }
    if shared is not None:
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{shared}</sst>'
    return parts | {f"xl/worksheets/sheet{n}.xml": sheet for n, sheet in zip(numbers, sheets, strict=True)}


def xlsx(
    rows: Sequence[Sequence[str | X]], *, first: int = 1, hidden: Collection[int] = (), since_1904: bool = False
) -> bytes:
    """A workbook of one sheet."""
    return zipped(xlsx_parts([xlsx_sheet(xlsx_rows(rows, first=first, hidden=hidden))], since_1904=since_1904))


_NAMESPACES = (
    "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    + ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
)


def ods_cell(cell: str | O) -> str:
    if isinstance(cell, str):
        cell = O("string", shown=cell) if cell else O("")
    kind = f' office:value-type="{cell.kind}"' if cell.kind else ""
    stored = {"float": "value", "percentage": "value", "date": "date-value", "boolean": "boolean-value"}.get(cell.kind)
    value = f' office:{stored}="{cell.value}"' if stored else ""
    shown = "".join(f"<text:p>{line}</text:p>" for line in cell.shown.split("\n")) if cell.shown else ""
    return f"<table:{cell.name}{kind}{value}{cell.more}>{shown}</table:{cell.name}>"


def ods_row(cells: Sequence[str | O], more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(map(ods_cell, cells))}</table:table-row>"


def ods_rows(rows: Sequence[Sequence[str | O]]) -> str:
    return "".join(map(ods_row, rows))


def ods_table(rows: str, *, style: str = "shown") -> str:
    return f'<table:table table:name="Feuille" table:style-name="{style}">{rows}</table:table>'


def ods_content(tables: str, more_styles: str = "") -> str:
    """`more_styles` beside those of tables; `number` is a namespace too."""
    styles = more_styles + "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/>'
        "</style:style>"
        for name, shown in (("shown", "true"), ("hidden", "false"))
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{_NAMESPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )


def ods_parts(content: str) -> dict[str, bytes | str]:
    return {"mimetype": ODS_KIND, "content.xml": content, "META-INF/manifest.xml": "<manifest/>"}


def ods(rows: Sequence[Sequence[str | O]]) -> bytes:
    """A workbook of one sheet."""
    return zipped(ods_parts(ods_content(ods_table(ods_rows(rows)))))
