"""Hostile workbooks: archives that lie, XML that swells, and sheets whose cells are not what they look like."""

import io
import random
import struct
import zipfile
from collections.abc import Callable, Sequence

from tests.register_hostile_made import HEAD, REFUSING, Hostile, line, text
from tests.workbook_fixtures import (
    MAIN,
    ODS_KIND,
    O,
    X,
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

COLUMNS = HEAD.split(";")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
CLOSED = frozenset({"Q2"})
_SHEET, _STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
_MANIFEST = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><m:encryption-data/></m:manifest>'


def books() -> dict[str, Hostile]:
    """By name."""
    return _kinds() | _archives() | _swelling() | _sheets() | _cells()


def book(*lines: Sequence[str | X], shared: str | None = None) -> dict[str, bytes | str]:
    """The parts of a workbook of these lines."""
    return xlsx_parts([xlsx_sheet(xlsx_rows([COLUMNS, *lines]))], shared=shared)


def _kinds() -> dict[str, Hostile]:
    """What is no workbook of ours."""
    good = text(line("Q1"))
    office = {"[Content_Types].xml": "<Types/>", "_rels/.rels": str(book()["_rels/.rels"]).replace("xl/", "word/")}
    letter = office | {"word/workbook.xml": "<document>SECRETPLANTE</document>"}
    binary = book(line("Q1")) | {
        "_rels/.rels": str(book()["_rels/.rels"]).replace(".xml", ".bin"),
        "xl/workbook.bin": "x",
    }
    sealed = ods_parts("\x00\x01 not XML") | {"META-INF/manifest.xml": _MANIFEST}
    return {
        "xls": Hostile("a spreadsheet of ten years ago", lambda: OLE + good.encode("utf-16-le"), "sheet-unsupported"),
        "xlsx with a password": Hostile(
            "encrypted", lambda: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(512), "sheet-encrypted"
        ),
        "ods with a password": Hostile("encrypted", lambda: zipped(sealed), "sheet-encrypted"),
        "zip with a password": Hostile("encrypted", lambda: _flagged(zipped(book(line("Q1")))), "sheet-encrypted"),
        "zip of a csv": Hostile("packed", lambda: zipped({"registre.csv": good}), "sheet-unsupported"),
        "empty zip": Hostile("nothing in it", lambda: zipped({}), "sheet-unsupported"),
        "xlsb": Hostile("a workbook in binary", lambda: zipped(binary), "sheet-unsupported"),
        "letter": Hostile("a text document", lambda: zipped(letter), "sheet-unsupported"),
        "odt": Hostile(
            "a text document",
            lambda: zipped({"mimetype": ODS_KIND[:-11] + "text", "content.xml": "<x/>"}),
            "sheet-unsupported",
        ),
        "numbers": Hostile(
            "another maker's workbook", lambda: zipped({"Index/Document.iwa": b"\0"}), "sheet-unsupported"
        ),
    }


def _archives() -> dict[str, Hostile]:
    """Archives that are broken, or say one thing and are another."""
    whole = zipped(book(line("Q1"), REFUSING))
    outside = book(line("Q1")) | {
        "xl/_rels/workbook.xml.rels": str(book()["xl/_rels/workbook.xml.rels"]).replace(
            "worksheets/", "../../../../etc/"
        )
    }
    return {
        "cut workbook": Hostile("half of it", lambda: whole[: len(whole) // 2], "sheet-malformed"),
        "a wrong sum": Hostile("one byte is another", lambda: _with_wrong_sum(whole), "sheet-malformed"),
        "a size that lies": Hostile("it says 40 bytes", lambda: _claiming(whole, 40), "sheet-malformed"),
        "a size of 4 GiB": Hostile("it says what it is not", lambda: _claiming(whole, 2**32 - 2), "sheet-bomb"),
        "two parts of one name": Hostile("which is meant?", lambda: _doubled(book(line("Q1"))), "sheet-malformed"),
        "overlapping members": Hostile("one part, quoted many times", lambda: _overlapping(whole), "sheet-malformed"),
        "members without end": Hostile(
            "six thousand", lambda: zipped({f"x{n}": b"" for n in range(6000)}), "sheet-bomb"
        ),
        "a part outside": Hostile("a path that climbs", lambda: zipped(outside), "sheet-malformed"),
        "no sheet": Hostile("a part that is not there", lambda: _without(book(line("Q1")), _SHEET), "sheet-malformed"),
        "an unknown packing": Hostile("bzip2", lambda: _packed_otherwise(book(line("Q1"))), "sheet-malformed"),
    }


def _swelling() -> dict[str, Hostile]:
    """Small files that would become large ones."""
    laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(12))
    doctype = f'<!DOCTYPE sst [<!ENTITY l0 "SECRETPLANTE">{laughs}]>'
    outside = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    repeated = ods_row(line("Q1"), ' table:number-rows-repeated="1048575"')
    wide = ods_row([O("string", shown="x", more=' table:number-columns-repeated="999999999"')])

    def strings(one: str, times: int) -> Callable[[], bytes]:
        return lambda: zipped(book(line("Q1"), shared=one * times))

    def sheet(inside: str) -> Callable[[], bytes]:
        return lambda: zipped(xlsx_parts([xlsx_sheet(inside)]))

    return {
        "zip bomb": Hostile("128 MiB of nothing", lambda: _bomb(128 * 2**20), "sheet-bomb", heavy=True),
        "zip bomb that lies": Hostile(
            "128 MiB that say they are 4,000 bytes",
            lambda: _claiming(_bomb(128 * 2**20), 4000),
            "sheet-malformed",
            heavy=True,
        ),
        "zip within zip": Hostile(
            "nested", lambda: zipped({f"{n}.zip": _bomb(2**22) for n in range(16)}), "sheet-unsupported", heavy=True
        ),
        "billion laughs": Hostile(
            "entities of entities",
            lambda: zipped(book(line("Q1"), shared="") | {_STRINGS: f"{doctype}<sst>&l12;</sst>"}),
            "sheet-malformed",
            heavy=True,
        ),
        "outside entity": Hostile("a file of this machine", lambda: zipped(ods_parts(outside)), "sheet-malformed"),
        "outside type": Hostile(
            "a type from elsewhere",
            lambda: zipped(ods_parts('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x"><x/>')),
            "sheet-malformed",
        ),
        "strings without end": Hostile(
            "shared by no cell", strings("<si><t>x</t></si>", 3_000_000), "sheet-bomb", heavy=True
        ),
        "nested without end": Hostile("elements in elements", sheet("<row>" * 100_000), "sheet-malformed"),
        "a tag without end": Hostile(
            "one attribute of 8 MB", sheet(f'<row x="{"x" * 8_000_000}"/>'), "sheet-malformed", heavy=True
        ),
        "a comment without end": Hostile(
            "8 MB of nothing", sheet(f"<!--{'x' * 8_000_000}-->"), "sheet-malformed", heavy=True
        ),
        "a row a million times": Hostile(
            "one row, repeated",
            lambda: zipped(ods_parts(ods_content(ods_table(ods_row(COLUMNS) + repeated)))),
            "sheet-too-large",
            heavy=True,
        ),
        "a cell a billion times": Hostile(
            "one cell, repeated",
            lambda: zipped(ods_parts(ods_content(ods_table(ods_row(COLUMNS) + wide)))),
            "sheet-malformed",
            heavy=True,
        ),
        "a cell of 32 MB of one letter": Hostile(
            "a trap, by its ratio", lambda: zipped(book(line("Q1", proof="x" * 32_000_000))), "sheet-bomb", heavy=True
        ),
        "a cell of 32 MB": Hostile(
            "in a column that is read",
            lambda: zipped(book(line("Q4"), line("Q1", proof=_noise()))),
            refused=((3, "cell-too-long"),),
            good=(2,),
            heavy=True,
        ),
        "a note of 32 MB": Hostile(
            "in a column that is not", lambda: zipped(book(line("Q1", note=_noise()))), good=(2,), heavy=True
        ),
        "rows to the end of the sheet": Hostile(
            "formatted, and empty",
            lambda: zipped(xlsx_parts([xlsx_sheet(xlsx_rows([COLUMNS, line("Q1")]) + _formatted(948_577, 1_048_576))])),
            good=(2,),
            heavy=True,
        ),
    }


def _sheets() -> dict[str, Hostile]:
    """Sheets of which it is not plain what they say."""
    one = xlsx_sheet(xlsx_rows([COLUMNS, line("Q1")]))
    other = xlsx_sheet(xlsx_rows([COLUMNS, REFUSING]))
    return {
        "two registers": Hostile("which is meant?", lambda: zipped(xlsx_parts([one, other])), "sheet-several"),
        "a hidden register": Hostile(
            "beside the one that is shown", lambda: zipped(xlsx_parts([one, other], states={1: "hidden"})), good=(2,)
        ),
        "hidden registers alone": Hostile(
            "nothing is shown", lambda: zipped(xlsx_parts([one], states={0: "veryHidden"})), "sheet-header-missing"
        ),
        "a csv in one column": Hostile(
            "opened the wrong way", lambda: xlsx([[HEAD], [";".join(line("Q1"))]]), "sheet-header-missing"
        ),
        "a header without its scope": Hostile(
            "a column less", lambda: xlsx([COLUMNS[:8], line("Q1")[:8]]), "sheet-column-missing"
        ),
        "a column twice, book": Hostile(
            "which is meant?", lambda: xlsx([[*COLUMNS, "Statut"], line("Q1")]), "sheet-column-twice"
        ),
        "no lines, book": Hostile("a header alone", lambda: ods([COLUMNS]), "sheet-empty"),
        "titles above": Hostile(
            "not hostile, but usual", lambda: xlsx([["Registre SECRETPLANTE"], [], COLUMNS, line("Q1")]), good=(4,)
        ),
        "not XML": Hostile(
            "a sheet of something else", lambda: zipped(book() | {_SHEET: b"\xff\xfe\x00"}), "sheet-malformed"
        ),
        "a cell twice": Hostile(
            "two statements at one place",
            lambda: zipped(xlsx_parts([xlsx_sheet(xlsx_rows([COLUMNS, line("Q1")]).replace('r="B2"', 'r="A2"'))])),
            "sheet-malformed",
        ),
        "deleted lines": Hostile(
            "kept by change tracking",
            lambda: zipped(
                ods_parts(
                    ods_content(
                        f"<table:tracked-changes>{ods_rows([COLUMNS, line('Q2')])}</table:tracked-changes>"
                        + ods_table(ods_rows([COLUMNS, line("Q1")]))
                    )
                )
            ),
            good=(2,),
        ),
    }


def _cells() -> dict[str, Hostile]:
    """Cells that look like statements."""
    said = dict(
        zip(("ref", "name", "given", "born", "nir", "kind", "on", "until", "scope", "proof"), range(10), strict=True)
    )

    def put(ref: str, field: str, cell: X | O, kind: str = "accordee") -> list[str | X | O]:
        cells: list[str | X | O] = [*line(ref, kind=kind)]
        cells[said[field]] = cell
        return cells

    def x(*lines: Sequence[str | X | O], since_1904: bool = False) -> Callable[[], bytes]:
        return lambda: xlsx([COLUMNS, *lines], since_1904=since_1904)  # type: ignore[list-item]  # no O among them

    def o(*lines: Sequence[str | X | O]) -> Callable[[], bytes]:
        return lambda: ods([COLUMNS, *lines])  # type: ignore[list-item]  # no X among them

    def first_refused(nasty: str, code: str, cells: list[str | X | O], *closed: str) -> Hostile:
        """A line that is refused, and a good one below it, in the format of its odd cell."""
        make = o if any(isinstance(cell, O) for cell in cells) else x
        return Hostile(nasty, make(cells, [*line("Q4")]), refused=((2, code),), good=(3,), closed=frozenset(closed))

    def day(serial: str, style: str = "day", inside: str = "") -> X:
        return X(serial, style=style, inside=inside)

    computed = "<f>IF(TRUE,1)</f>"
    merged = xlsx_sheet(xlsx_rows([COLUMNS, line("Q1", until="2025-12-31"), line("Q2"), line("Q4")]), merged=["H2:H3"])
    thrice = ods_row(COLUMNS) + ods_row(line("Q1"), ' table:number-rows-repeated="3"')
    by_formula = O("string", shown="accordee", more=' table:formula="of:=1"')
    two_texts = O("string", shown="accordee", more=' office:string-value="refusee"')
    return {
        "computed statement": first_refused(
            "a word that a formula gives",
            "cell-formula",
            put("Q2", "kind", X("accordee", "str", inside=computed)),
            "Q2",
        ),
        "computed day": first_refused(
            "today, every day", "cell-formula", put("Q1", "on", day("46000", inside="<f>TODAY()</f>"))
        ),
        "computed end": first_refused(
            "may have been an end", "cell-formula", put("Q2", "until", day("46000", inside=computed)), "Q2"
        ),
        "errors": first_refused("in a refusal", "cell-error", put("Q2", "on", X("#N/A", "e"), "refusee"), "Q2"),
        "true and false": first_refused("no word of ours", "cell-boolean", put("Q2", "kind", X("0", "b")), "Q2"),
        "a day that never was": first_refused("29 February 1900", "date-unclear", put("Q1", "on", day("60"))),
        "a day with its hour": first_refused(
            "another day elsewhere", "date-with-time", put("Q2", "on", day("45658.958", "moment"), "refusee"), "Q2"
        ),
        "a reference made a day": first_refused("2/1 became 2 January", "cell-date", put("Q1", "ref", day("46024"))),
        "a reference that lost digits": first_refused(
            "18 of them", "number-inexact", put("Q1", "ref", X("1.2345678901234568E+17"))
        ),
        "escaped signs": first_refused(
            "invisible once they are read", "cell-invisible", put("Q2", "kind", X("accordee_x200B_", "str")), "Q2"
        ),
        "half a sign": first_refused("a surrogate alone", "cell-invisible", put("Q1", "proof", X("_xD800_", "str"))),
        "computed statement, ods": first_refused(
            "a word that a formula gives", "cell-formula", put("Q2", "kind", by_formula), "Q2"
        ),
        "another text than shown": first_refused(
            "refusee is stored, accordee is shown", "cell-unshown", put("Q2", "kind", two_texts), "Q2"
        ),
        "a month for a day": first_refused(
            "the day was never typed", "date-unclear", put("Q1", "on", O("date", "2025-03-01", "mars 2025"))
        ),
        "days of 1904": Hostile(
            "a Macintosh's workbook", x(put("Q4", "born", day("31412")), since_1904=True), good=(2,)
        ),
        "days of 1904 in 1900": Hostile(
            "the setting was lost", x(put("Q4", "born", day("31412"))), refused=((2, "birth-date-differs"),)
        ),
        "a number as a number": Hostile("a NIR in digits", x(put("Q1", "nir", X("2.79035121518989E+14"))), good=(2,)),
        "merged ends": Hostile(
            "one end for two lines",
            lambda: zipped(xlsx_parts([merged])),
            refused=((3, "cell-merged"),),
            good=(2, 4),
            closed=CLOSED,
        ),
        "filtered lines": Hostile(
            "a refusal and a yes that nobody sees",
            lambda: xlsx([COLUMNS, REFUSING, line("Q1"), line("Q4")], hidden=[2, 3]),
            refused=((2, "line-hidden"), (3, "line-hidden")),
            good=(4,),
            closed=CLOSED,
        ),
        "the same line three times": Hostile(
            "repeated", lambda: zipped(ods_parts(ods_content(ods_table(thrice)))), good=(2,), again=(3, 4)
        ),
    }


def _noise() -> str:
    """32 MB of text that packs badly."""
    return random.Random(3).randbytes(16_000_000).hex()  # noqa: S311, the same each time


def _formatted(first: int, last: int) -> str:
    """Rows of one empty cell with a style each."""
    return "".join(f'<row r="{n}" spans="1:11"><c r="A{n}" s="1"/></row>' for n in range(first, last + 1))


def _without(parts: dict[str, bytes | str], name: str) -> bytes:
    return zipped({each: content for each, content in parts.items() if each != name})


def _bomb(size: int) -> bytes:
    """A workbook whose one sheet is blanks."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _stripped().items():
            archive.writestr(zipfile.ZipInfo(name), content)
        member = zipfile.ZipInfo(_SHEET)
        member.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(member, "w", force_zip64=False) as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for _ in range(size // 2**20):
                sheet.write(b" " * 2**20)
            sheet.write(b"</sheetData></worksheet>")
    return made.getvalue()


def _stripped() -> dict[str, bytes | str]:
    parts = book(line("Q1"))
    del parts[_SHEET]
    return parts


def _entry(raw: bytes, name: str) -> int:
    """Where the directory tells of a part."""
    place = raw.rindex(name.encode())
    return place - 46


def _claiming(raw: bytes, size: int) -> bytes:
    """The sheet said to have that size, in its own header and in the directory."""
    entry = _entry(raw, _SHEET)
    header = struct.unpack_from("<I", raw, entry + 42)[0]
    changed = bytearray(raw)
    struct.pack_into("<I", changed, entry + 24, size)
    struct.pack_into("<I", changed, header + 22, size)
    return bytes(changed)


def _flagged(raw: bytes) -> bytes:
    """The sheet said to be encrypted."""
    changed = bytearray(raw)
    changed[_entry(raw, _SHEET) + 8] |= 1
    return bytes(changed)


def _with_wrong_sum(raw: bytes) -> bytes:
    changed = bytearray(raw)
    changed[_entry(raw, _SHEET) + 16] ^= 1
    return bytes(changed)


def _overlapping(raw: bytes) -> bytes:
    """The directory's entry of the sheet leads to another part's bytes."""
    changed = bytearray(raw)
    struct.pack_into("<I", changed, _entry(raw, _SHEET) + 42, 0)
    return bytes(changed)


def _doubled(parts: dict[str, bytes | str]) -> bytes:
    """Two parts of one name, but for its capitals."""
    return zipped(parts | {_SHEET.upper(): parts[_SHEET]})


def _packed_otherwise(parts: dict[str, bytes | str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_BZIP2) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_BZIP2)
    return made.getvalue()
