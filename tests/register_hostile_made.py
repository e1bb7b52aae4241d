"""Hostile register files of our own making: each with what is nasty in it, and the one verdict that must come.

The roster that they meet has Q1 to Q6, each with an authorization of 2024 on record (`ROSTER`, `BEFORE`).
"""

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

HEAD = "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;preuve;note"
_PEOPLE = {
    "Q1": ("ABÈS", "Ana", "1979-03-28"),
    "Q2": ("BÉRÉ-COUR", "Théo", "1985-05-06"),
    "Q3": ("ABÈS", "Noé", "1979-03-28"),
    "Q4": ("GIRÓ", "Luz", "1990-01-01"),
    "Q5": ("HÛ", "Ugo", "1991-01-01"),
    "Q6": ("ÏLE", "Ida", "1992-01-01"),
}
ROSTER = "patient_id;nom_naissance;prenoms;date_naissance;nir\n" + "".join(
    f"{ref};{name};{given};{born};{'279035121518989' if ref == 'Q1' else ''}\n"
    for ref, (name, given, born) in _PEOPLE.items()
)
PLANTED = ("ABÈS", "ABES", "BÉRÉ", "GIRÓ", "Théo", "1979-03-28", "279035121518989", "SECRETPLANTE")
"""Never to be found in a fault, a verdict, a log or an entry."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file, and what must become of it: a fault of the whole, or codes of lines while all `good` ones go in."""

    nasty: str
    make: Callable[[], bytes]
    fault: str | None = None
    refused: tuple[tuple[int, str], ...] = ()
    good: tuple[int, ...] = ()
    again: tuple[int, ...] = ()
    """Lines that say what a good one says."""
    closed: frozenset[str] = frozenset()
    """Patients whose gate was open before, and must not be afterwards."""
    heavy: bool = False
    """Read in a process of its own, with little memory."""


def line(of: str, /, **changed: str) -> list[str]:
    """A good line of that patient's, an authorization, with some cells changed."""
    name, given, born = _PEOPLE[of]
    cells = {
        "ref": of, "name": name, "given": given, "born": born, "nir": "", "kind": "accordee", "on": "2025-01-02",
        "until": "", "scope": "tous_documents", "proof": "", "note": "SECRETPLANTE",
    }  # fmt: skip
    assert changed.keys() <= cells.keys()
    return [*(cells | changed).values()]


def text(*lines: Sequence[str] | str, head: str = HEAD, end: str = "\n") -> str:
    """A sheet of these lines."""
    return end.join([head, *(one if isinstance(one, str) else ";".join(one) for one in lines), ""])


def csv(*lines: Sequence[str] | str, head: str = HEAD, end: str = "\n") -> Callable[[], bytes]:
    return lambda: text(*lines, head=head, end=end).encode()


BEFORE = text(*(line(ref, on="2024-01-01") for ref in _PEOPLE))
REFUSING = line("Q2", kind="refusee")


def all_files() -> Mapping[str, Hostile]:
    """By name."""
    from tests.register_hostile_books import books  # noqa: PLC0415, they are made of these lines
    from tests.register_hostile_looks import looks  # noqa: PLC0415, as are these

    return _encodings() | _shapes() | _foreign() | _lines() | _restricting() | books() | looks()


def _encodings() -> dict[str, Hostile]:
    sheet = text(line("Q1"), REFUSING)
    mixed = text(line("Q1")).encode("cp1252") + ";".join(REFUSING).encode()
    return {
        "utf-16 le": Hostile(
            "what a spreadsheet calls Unicode text", lambda: b"\xff\xfe" + sheet.encode("utf-16-le"), "csv-not-text"
        ),
        "utf-16 be": Hostile("the other way round", lambda: b"\xfe\xff" + sheet.encode("utf-16-be"), "csv-not-text"),
        "utf-16 bare": Hostile("no mark to tell", lambda: sheet.encode("utf-16-le"), "csv-not-text"),
        "utf-32": Hostile("four bytes a letter", lambda: sheet.encode("utf-32"), "csv-not-text"),
        "utf-8 cut": Hostile(
            "cut within a letter", lambda: sheet.encode().split(b"R\xc3\x89")[0] + b"R\xc3", "csv-encoding"
        ),
        "utf-8 marked, cp1252 inside": Hostile(
            "a mark that lies", lambda: b"\xef\xbb\xbf" + sheet.encode("cp1252"), "csv-encoding"
        ),
        "cp1252 with utf-8 halves": Hostile("two exports glued together", lambda: mixed, "csv-encoding"),
        "mac roman": Hostile("an old Macintosh", lambda: sheet.encode("mac_roman"), "csv-encoding"),
        "dos": Hostile("a program of the eighties", lambda: sheet.encode("cp850"), "csv-encoding"),
        "ebcdic": Hostile("a mainframe", lambda: sheet.encode("cp500"), "csv-encoding"),
        "undefined in cp1252": Hostile("a byte that is no letter", lambda: b"a;\x81\n", "csv-encoding"),
        "two marks": Hostile("marked twice", lambda: b"\xef\xbb\xbf" * 2 + text(line("Q1")).encode(), good=(2,)),
        "a mark in the middle": Hostile(
            "two marked files, one after the other",
            (text(line("Q1")) + "\ufeff" + text(line("Q4"))).encode,
            refused=((3, "cell-invisible"),),
            good=(2, 4),
        ),
        "cp1252": Hostile("not hostile, but old", lambda: text(line("Q1")).encode("cp1252"), good=(2,)),
        "decomposed": Hostile(
            "accents as signs of their own",
            lambda: text(line("Q2", name="BE\u0301RE\u0301-COUR", given="The\u0301o")).encode(),
            good=(2,),
        ),
    }


def _shapes() -> dict[str, Hostile]:
    whole = text(line("Q1"), REFUSING)
    return {
        "empty": Hostile("nothing at all", lambda: b"", "csv-empty"),
        "blank": Hostile("a mark and empty lines", lambda: b"\xef\xbb\xbf \r\n\r\n", "csv-empty"),
        "header alone": Hostile("no line below", csv(), "csv-empty"),
        "separators alone": Hostile("lines of empty cells", csv(";" * 10, ";" * 10), "csv-empty"),
        "a null": Hostile("a null byte in a cell", lambda: whole.replace("Ana", "A\0a").encode(), "csv-not-text"),
        "nulls": Hostile("a file that a crash left", lambda: bytes(2**20), "csv-not-text"),
        "no closing quote": Hostile("a quotation mark without end", csv(line("Q1"), '"Q2;x'), "csv-malformed"),
        "a quote within": Hostile("a quotation mark amid a cell", csv(line("Q1", name='"AB"ÈS')), "csv-malformed"),
        "one cell of 32 MB": Hostile(
            "a cell without end", lambda: _with_a_cell(32 * 10**6), "csv-malformed", heavy=True
        ),
        "65 MiB": Hostile("too large", lambda: b"\n" + b"x" * 65 * 2**20, "csv-too-large", heavy=True),
        "lines without end": Hostile(
            "a million lines and one", lambda: HEAD.encode() + b"\nQ1;A" * 1_000_001, "sheet-too-large", heavy=True
        ),
        "a header of a million cells": Hostile(
            "columns without end", lambda: b";" * 1_000_000 + b"\n;\n", "csv-malformed", heavy=True
        ),
        "no header": Hostile("lines alone", lambda: text(head=";".join(line("Q1"))).encode(), "csv-column-missing"),
        "header in lookalike letters": Hostile(
            "а of another alphabet", csv(line("Q1"), head=HEAD.replace("statut", "st\u0430tut")), "csv-column-missing"
        ),
        "a column twice": Hostile(
            "which is meant?", csv(line("Q1"), head=HEAD.replace("note", "Statut")), "csv-column-twice"
        ),
        "header in other dress": Hostile(
            "capitals, accents, hard spaces",
            csv(line("Q1"), head="PATIENT ID;Nom\u00a0de naissance;Prénom;Date-Naissance;N.I.R;STATUT;x;y;z;p;n"),
            "csv-column-missing",
        ),
        "header with its accents": Hostile(
            "capitals, accents, hyphens",
            csv(line("Q1"), head=HEAD.replace("perimetre", "Périmètre").replace("date_fin", " DATE-FIN ")),
            good=(2,),
        ),
        "separator named": Hostile(
            "a spreadsheet's own first line", lambda: b"sep=;\n" + text(line("Q1")).encode(), good=(3,)
        ),
        "carriage returns": Hostile(
            "line ends of an old Macintosh", csv(line("Q1"), line("Q4"), end="\r"), good=(2, 3)
        ),
        "a header again": Hostile(
            "printed on each page", csv(line("Q1"), HEAD, line("Q4")), refused=((3, "kind-unknown"),), good=(2, 4)
        ),
        "commas below semicolons": Hostile(
            "two programs wrote it",
            csv(",".join(line("Q1"))),
            refused=((2, "cells-missing-or-surplus"),),
        ),
    }


def _with_a_cell(size: int) -> bytes:
    return text(line("Q1"), line("Q4", note="x" * size)).encode()


def _foreign() -> dict[str, Hostile]:
    sheet = text(line("Q1"))
    page = f"<html><body><table><tr><td>{sheet}</td></tr></table></body></html>"
    return {
        "pdf": Hostile("a print", lambda: b"%PDF-1.7\n" + sheet.encode(), "sheet-unsupported"),
        "web page": Hostile("what many exports call .xls", page.encode, "sheet-unsupported"),
        "xml spreadsheet": Hostile(
            "of 2003",
            lambda: b'\xef\xbb\xbf<?xml version="1.0"?><Workbook>SECRETPLANTE</Workbook>',
            "sheet-unsupported",
        ),
        "rich text": Hostile("a letter", lambda: b"{\\rtf1 SECRETPLANTE}", "fhir-not-set-up"),
        "packed": Hostile("gzip", lambda: gzip.compress(sheet.encode(), mtime=0), "sheet-unsupported"),
        "json of another kind": Hostile("an object", lambda: b'{"patient": "SECRETPLANTE"}', "fhir-not-set-up"),
        "a list in json": Hostile("not FHIR", lambda: b'[{"patient": "SECRETPLANTE"}]', "sheet-unsupported"),
    }


def _lines() -> dict[str, Hostile]:
    days = (
        "28/03/79",
        "1979-3-28",
        "28.03.1979",
        "28942",
        "1979-02-29",
        "31/04/1979",
        "0079-03-28",
        "",
        "hier",
        "1979-03-28T00:00",
    )
    codes = ("date-unreadable",) * 4 + ("date-impossible",) * 3 + ("date-missing",) + ("date-unreadable",) * 2
    refs = (
        "Q\u200b1",
        "Q1\u00ad",
        "\u202eQ1",
        "Q 1",
        "Ｑ1",
        "\u03391",
        "1.2345E+14",
        "279035121518989",
        "Q" * 65,
        "../Q1",
        "",
    )
    ref_codes = (
        ("cell-invisible",) * 3 + ("reference-unusable",) * 4 + ("reference-is-ins",) + ("reference-unusable",) * 2
    )
    computed = (
        "=1+1",
        '=HYPERLINK("http://x";"SECRETPLANTE")',
        "@SUM(1)",
        "+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
    )
    return {
        "formulas": Hostile(
            "cells that a spreadsheet would compute",
            csv(line("Q4"), *(line("Q1", proof='"' + one.replace('"', '""') + '"') for one in computed)),
            refused=tuple((n, "cell-formula") for n in range(3, 8)),
            good=(2,),
        ),
        "formula as a word": Hostile(
            "a word that reads well once its sign is gone",
            csv(line("Q1", kind="=accordee"), line("Q4")),
            refused=((2, "cell-formula"),),
            good=(3,),
            closed=frozenset({"Q1"}),
        ),
        "bad days": Hostile(
            "ten ways to write no day",
            csv(line("Q4"), *(line("Q1", on=day) for day in days)),
            refused=tuple(enumerate(codes, 3)),
            good=(2,),
        ),
        "bad births": Hostile(
            "of people who were born otherwise",
            csv(line("Q4"), line("Q1", born="28/03/1980"), line("Q1", born="")),
            refused=((3, "birth-date-differs"), (4, "date-missing")),
            good=(2,),
        ),
        "bad references": Hostile(
            "signs that nobody sees, or that are no reference",
            csv(*(line("Q4", ref=ref) for ref in refs), line("Q4")),
            refused=(*enumerate(ref_codes, 2), (12, "reference-missing")),
            good=(13,),
        ),
        "duplicate with other traits": Hostile(
            "one reference, two people",
            csv(line("Q1"), line("Q1", name="GIRÓ"), line("Q1", given="Noé")),
            refused=((3, "birth-name-differs"), (4, "given-name-differs")),
            good=(2,),
        ),
        "somebody else's number": Hostile(
            "an INS that is not the patient's",
            csv(line("Q1", nir="184127645108946"), line("Q1", nir="279035121518988"), line("Q1", nir="12")),
            refused=((2, "ins-differs"), (3, "ins-key-wrong"), (4, "ins-malformed")),
        ),
        "nobody we know": Hostile(
            "a patient of elsewhere",
            csv(line("Q4", ref="Q99"), line("Q4")),
            refused=((2, "patient-unknown"),),
            good=(3,),
        ),
        "surplus cells": Hostile(
            "a separator too many, and one too few",
            csv([*line("Q1"), ""], line("Q1")[:-1], line("Q4")),
            refused=((2, "cells-missing-or-surplus"), (3, "cells-missing-or-surplus")),
            good=(4,),
        ),
        "bad scopes": Hostile(
            "limits that are none",
            csv(line("Q1", scope=""), line("Q1", scope="tous_documents, labo"), line("Q1", scope="lab;o")),
            refused=((2, "scope-missing"), (3, "scope-unreadable"), (4, "cells-missing-or-surplus")),
            closed=frozenset({"Q1"}),
        ),
        "an end before its beginning": Hostile(
            "a slip",
            csv(line("Q1", until="2024-01-01"), line("Q4")),
            refused=((2, "end-before-start"),),
            good=(3,),
            closed=frozenset({"Q1"}),
        ),
        "proof without end": Hostile(
            "a novel in a cell",
            csv(line("Q1", proof="x" * 100_000), line("Q4")),
            refused=((2, "evidence-unusable"),),
            good=(3,),
        ),
        "names in other letters": Hostile(
            "Greek and Cyrillic that look like ours",
            csv(line("Q1", name="\u0391\u0392ÈS"), line("Q1", name="\u0410BÈS"), line("Q1", name="4BÈS"), line("Q4")),
            refused=((2, "name-unreadable"), (3, "name-unreadable"), (4, "name-unreadable")),
            good=(5,),
        ),
    }


def _restricting() -> dict[str, Hostile]:
    """Lines that restrict, or may, and cannot be used: the gate of whom they name must not stay open."""

    def alone(nasty: str, code: str, *, ref: str = "Q2", **changed: str) -> Hostile:
        said = line(ref, **({"kind": "refusee"} | changed))
        return Hostile(nasty, csv(line("Q4"), said), refused=((3, code),), good=(2,), closed=frozenset({ref}))

    return {
        "half a line": Hostile(
            "the file ends within a refusal",
            lambda: text(line("Q4"), ";".join(REFUSING)[:45]).encode().rstrip(b"\n"),
            refused=((3, "cells-missing-or-surplus"),),
            good=(2,),
            closed=frozenset({"Q2"}),
        ),
        "a Cyrillic letter": alone("А of another alphabet in the word", "kind-unknown", kind="\u0410ccordee"),
        "a mark of direction": alone("a word that reads from the right", "cell-invisible", kind="accordee\u200f"),
        "a word turned round": alone("shown backwards", "cell-invisible", kind="\u202eeedrocca"),
        "a soft hyphen": alone("a sign that nobody sees", "cell-invisible", kind="refu\u00adsee"),
        "a word of its own": alone("not of our words", "kind-unknown", kind="ne sait pas"),
        "no word": alone("an empty cell", "kind-unknown", kind=""),
        "a refusal of no day": alone("a day that is none", "date-impossible", on="2025-02-30"),
        "a refusal to come": alone("dated tomorrow", "date-future", on="2026-01-16"),
        "a withdrawal of no day": alone("an empty cell", "date-missing", kind="retiree", on=""),
        "an opposition of somebody": alone(
            "a reference that cannot be read", "cell-invisible", kind="opposition", ref="Q2"[:2], proof="\u200b"
        ),
        "a refusal under another's reference": Hostile(
            "Q2's traits with Q5's reference",
            csv(line("Q4"), line("Q2", ref="Q5", kind="refusee")),
            refused=((3, "birth-name-differs"),),
            good=(2,),
            closed=frozenset({"Q2", "Q5"}),
        ),
        "a refusal under no reference": Hostile(
            "an invisible sign in it",
            csv(line("Q4"), line("Q2", ref="Q2\u200b", kind="refusee")),
            refused=((3, "cell-invisible"),),
            good=(2,),
            closed=frozenset({"Q2"}),
        ),
        "a refusal of a twin": Hostile(
            "two people have these traits, and the reference is nobody's",
            csv(line("Q4"), line("Q1", ref="Q77", kind="refusee")),
            refused=((3, "patient-unknown"),),
            good=(2,),
            closed=frozenset({"Q1", "Q3"}),
        ),
        "an opening beside a broken refusal": Hostile(
            "in whatever order",
            csv(
                line("Q2", on="2025-03-01"),
                line("Q2", kind="refusee", on="jadis"),
                line("Q2", on="2025-04-01"),
                line("Q4"),
            ),
            refused=((2, "withheld"), (3, "date-unreadable"), (4, "withheld")),
            good=(5,),
            closed=frozenset({"Q2"}),
        ),
        "contradictory": Hostile(
            "yes and no on one day",
            csv(line("Q2"), line("Q2", kind="refusee"), line("Q4")),
            good=(2, 3, 4),
            closed=frozenset({"Q2"}),
        ),
    }
