"""Hostile files that look other than they read, or say something where nobody would read it."""

from collections.abc import Sequence

from tests.register_hostile_made import HEAD, REFUSING, Hostile, csv, line
from tests.workbook_fixtures import (
    O,
    X,
    ods,
    ods_content,
    ods_parts,
    ods_row,
    ods_table,
    xlsx,
    xlsx_parts,
    xlsx_rows,
    xlsx_sheet,
    zipped,
)

COLUMNS = HEAD.split(";")
_FIELDS = ("ref", "name", "given", "born", "nir", "kind", "on", "until", "scope", "proof", "note")


def looks() -> dict[str, Hostile]:
    """By name."""
    return _words() | _columns() | _formats() | _strokes() | _hidden()


def _refused(nasty: str, code: str, said: Sequence[str | X | O], *closed: str) -> Hostile:
    """That line refused, and a good one below it, in the format of its odd cell."""
    if any(isinstance(cell, O) for cell in said):
        make = lambda: ods([COLUMNS, said, line("Q4")])  # type: ignore[list-item]  # noqa: E731  no X among them
    else:
        make = lambda: xlsx([COLUMNS, said, line("Q4")])  # type: ignore[list-item]  # noqa: E731  no O among them
    return Hostile(nasty, make, refused=((2, code),), good=(3,), closed=frozenset(closed))


def _put(ref: str, field: str, cell: X | O, **changed: str) -> list[str | X | O]:
    cells: list[str | X | O] = [*line(ref, **changed)]
    cells[_FIELDS.index(field)] = cell
    return cells


def _words() -> dict[str, Hostile]:
    def word(nasty: str, code: str, **changed: str) -> Hostile:
        said = csv(line("Q2", **changed), line("Q4"))
        return Hostile(nasty, said, refused=((2, code),), good=(3,), closed=frozenset({"Q2"}))

    def lifted(nasty: str, head: str = HEAD, **changed: str) -> Hostile:
        said = csv(line("Q1", kind="opposition_levee", **changed), line("Q4"), head=head)
        return Hostile(nasty, said, refused=((2, "scope-not-possible"),), good=(3,))

    return {
        "a yes with a question mark": word("somebody is not sure", "kind-unknown", kind="accordée ?"),
        "a yes with an asterisk": word("a note is somewhere", "kind-unknown", kind="accordée *"),
        "not equal to a yes": word("the sign says no", "kind-unknown", kind="≠ accordée"),
        "a yes struck through in letters": word("strokes of their own", "kind-unknown", kind="a\u0336ccorde\u0336e"),
        "all, with a question mark": word("which ones?", "scope-unreadable", scope="tous ?"),
        "not all": word("the sign says no", "scope-unreadable", scope="≠ tous"),
        "an opposition lifted for a month": lifted("a lifting within limits", until="2025-02-01"),
        "an opposition lifted for one type": lifted("a lifting within limits", scope="ordonnance"),
        "an opposition lifted for one purpose": lifted(
            "a lifting within limits", HEAD.replace("preuve", "finalites"), proof="recherche"
        ),
        "hard spaces in a proof": Hostile(
            "not hostile: as a word processor writes n° 12", csv(line("Q1", proof="n°\u00a012\u202f!")), good=(2,)
        ),
    }


def _columns() -> dict[str, Hostile]:
    def named(nasty: str, head: str) -> Hostile:
        return Hostile(nasty, csv(line("Q1", note="x"), head=HEAD.replace("note", head)), "sheet-column-unknown")

    def above(nasty: str, *rows: Sequence[str]) -> Hostile:
        return Hostile(nasty, lambda: xlsx([*rows, COLUMNS, line("Q4")]), "sheet-table-above")

    other = [*COLUMNS[:8], "remarque"]
    return {
        "a limit under a near name": named("one letter less", "finalite"),
        "a limit in lookalike letters": named("а of another alphabet", "fin\u0430lites"),
        "a limit under a longer name": named("which end is meant?", "date_fin_mandat"),
        "a refusal in a column of its own": named("a no where nobody reads it", "date_opposition"),
        "two tables on one sheet": above("refusals above authorizations", ["Refus"], other, line("Q1", kind="refusee")),
        "a refusal above the header": above("a line out of place", line("Q1", kind="refusee")),
        "a name for a header": Hostile(
            "told on the screen, and nowhere else",
            csv(line("Q1"), head=HEAD.replace("note", "SECRETPLANTE")),
            good=(2,),
        ),
        "a header that computes": Hostile(
            "what is the column called?",
            lambda: xlsx([[*COLUMNS, X("finalites", "str", inside="<f>A1</f>")], line("Q1")]),
            "sheet-header-unclear",
        ),
    }


def _formats() -> dict[str, Hostile]:
    return {
        "a yes shown as a no": _refused(
            "its format shows refusée", "cell-format", _put("Q2", "kind", X("accordee", "str", "another word")), "Q2"
        ),
        "a day shown as another": _refused(
            "2026 shown as 2020", "cell-format", _put("Q1", "on", X("46023", style="another year"))
        ),
        "an end shown as another": _refused(
            "may have been an end", "cell-format", _put("Q2", "until", X("46388", style="another year")), "Q2"
        ),
        "a day of another calendar": _refused(
            "1446 is a year there", "cell-format", _put("Q1", "on", X("45658", style="another calendar"))
        ),
        "month before day": _refused(
            "3 April or 4 March", "date-unclear", _put("Q1", "on", X("45750", style="month first"))
        ),
        "a reference shown as another": _refused(
            "1 shown as 2001", "cell-format", _put("Q2", "ref", X("1", style="another number"), kind="refusee"), "Q2"
        ),
        "a month shown as another, ods": _refused(
            "June is shown, May is stored",
            "date-unclear",
            _put("Q2", "on", O("date", "2025-05-03", "3 juin 2025"), kind="refusee"),
            "Q2",
        ),
        "a number shown as another, ods": _refused(
            "1 shown as 2001", "cell-format", _put("Q2", "ref", O("float", "1", "2001"), kind="refusee"), "Q2"
        ),
    }


def _strokes() -> dict[str, Hostile]:
    through = '<style:style style:name="ce1" style:family="table-cell"><style:text-properties '
    through += 'style:text-line-through-style="solid"/></style:style>'
    struck = [X(cell, "str", "struck") if cell else "" for cell in line("Q2")]
    by_style = [O("string", shown=cell, more=' table:style-name="ce1"') if cell else O("") for cell in line("Q2")]
    rows = ods_row(COLUMNS) + ods_row(by_style) + ods_row(line("Q4"))
    rule = '<conditionalFormatting sqref="F2:F9"><cfRule dxfId="1"/></conditionalFormatting>'
    ruled = xlsx_sheet(xlsx_rows([COLUMNS, line("Q1")]), conditions=rule)
    return {
        "struck through by a rule": Hostile(
            "does it hold today?", lambda: zipped(xlsx_parts([ruled])), "sheet-format-conditional"
        ),
        "a line struck through": _refused("does it hold?", "cell-struck", struck, "Q2"),
        "a refusal struck through": _refused(
            "does it hold?", "cell-struck", _put("Q2", "kind", X("refusee", "str", "struck")), "Q2"
        ),
        "a line struck through, ods": Hostile(
            "does it hold?",
            lambda: zipped(ods_parts(ods_content(ods_table(rows), through))),
            refused=((2, "cell-struck"),),
            good=(3,),
            closed=frozenset({"Q2"}),
        ),
    }


def _hidden() -> dict[str, Hostile]:
    swapped = [*COLUMNS[:5], "affiche", *COLUMNS[6:10], "statut"]
    flat = xlsx_rows([COLUMNS, REFUSING, line("Q4")]).replace('<row r="2"', '<row r="2" ht="0" customHeight="1"')
    away = '<cols><col min="6" max="6" hidden="1"/></cols>'
    group = f'<table:table-row-group table:display="false">{ods_row(REFUSING)}</table:table-row-group>'
    return {
        "a hidden header above the shown one": Hostile(
            "other columns than the person sees",
            lambda: xlsx([swapped, COLUMNS, line("Q1")], hidden=[1]),
            "sheet-table-above",
        ),
        "a hidden header alone": Hostile(
            "nobody sees the names", lambda: xlsx([COLUMNS, line("Q1")], hidden=[1]), "sheet-header-missing"
        ),
        "a hidden column": Hostile(
            "nobody sees what was said",
            lambda: zipped(xlsx_parts([xlsx_sheet(xlsx_rows([COLUMNS, line("Q1")]), columns=away)])),
            "sheet-column-hidden",
        ),
        "a row without height": Hostile(
            "a refusal that nobody sees",
            lambda: zipped(xlsx_parts([xlsx_sheet(flat)])),
            refused=((2, "line-hidden"),),
            good=(3,),
            closed=frozenset({"Q2"}),
        ),
        "a folded group, ods": Hostile(
            "a refusal that nobody sees",
            lambda: zipped(ods_parts(ods_content(ods_table(ods_row(COLUMNS) + group + ods_row(line("Q4")))))),
            refused=((2, "line-hidden"),),
            good=(3,),
            closed=frozenset({"Q2"}),
        ),
    }
