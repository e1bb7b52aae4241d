"""A client's sheets: what they say is taken as it is meant; what is doubtful is told line by line and opens nothing."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent_gate.imports import (
    BorneOut,
    Claimed,
    LineOutcome,
    LineVerdict,
    StatementLine,
    borne_out,
    read_register,
    read_roster,
    same_identity,
)
from consent_gate.model import (
    DocType,
    Evidence,
    EvidenceKind,
    FactKind,
    Giver,
    Opposition,
    Patient,
    PatientRef,
    Statement,
)
from consent_gate.traits import comparable_name, key_is_right, matricule, normal_name
from lexicon.catalogue import LINES
from lexicon.faults import SheetFault

TODAY = date(2026, 1, 15)
ROSTER = "patient_id;nom_naissance;nom_usage;prenoms;date_naissance;sexe;nir;employeur"
REGISTER = "patient_id;nom_naissance;prenom;date_naissance;nir;statut;date_signature;date_fin;perimetre;note"
ZOE = Patient(PatientRef("Q1"), "ÉTÉ-LÀ", "DUPÊCHE", ("Zoé", "Anne-Lise"), date(1979, 3, 28), "F", "279035121518989")
ZOE_LINE = "Q1;ÉTÉ-LÀ;DUPÊCHE;Zoé, Anne-Lise;1979-03-28;F;2 79 03 51 215 189 89;Fabrique"
GRANT = "Q1;ÉTÉ-LÀ;Zoé;1979-03-28;279035121518989;accordee;2025-01-02;;tous_documents;"


def roster(*lines: str) -> bytes:
    return "\n".join((ROSTER, *lines, "")).encode()


def register(*lines: str) -> bytes:
    return "\n".join((REGISTER, *lines, "")).encode()


def find(ref: PatientRef) -> Patient | None:
    return ZOE if ref == ZOE.ref else None


def born(name: str, birth_date: date) -> list[Patient]:
    return [ZOE] if (comparable_name(name), birth_date) == (comparable_name("ÉTÉ-LÀ"), ZOE.birth_date) else []


def judged(*lines: str) -> BorneOut:
    return borne_out(read_register(register(*lines), TODAY), find, born)


def refusals(sheet: BorneOut) -> list[tuple[int, str | None, str | None]]:
    return sorted((verdict.line, verdict.code, verdict.column) for verdict in sheet.refused)


# The file ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_line_ends_and_delimiters_are_found(encoding: str, end: str, delimiter: str) -> None:
    cells = [line.split(";") for line in (ROSTER, ZOE_LINE)]
    text = end.join(delimiter.join(f'"{c}"' if delimiter in c else c for c in line) for line in cells) + end
    (line,) = read_roster(text.encode(encoding), TODAY).lines
    assert (line.line, line.patient) == (2, ZOE)


def test_a_quoted_comma_file_reads_as_a_semicolon_file() -> None:
    quoted = b'"patient_id","nom_naissance","prenoms","date_naissance"\n"Q1","DA;SILVA","Ana, Eva","28/03/1979"\n'
    (verdict,) = read_roster(quoted, TODAY).refused
    assert (verdict.code, verdict.column) == ("name-unreadable", "nom_naissance")
    (line,) = read_roster(quoted.replace(b"DA;SILVA", b"DA SILVA"), TODAY).lines
    assert line.patient.given_names == ("Ana", "Eva")


def test_decomposed_accents_are_the_same_name() -> None:
    decomposed = ZOE_LINE.replace("É", "E\u0301").replace("é", "e\u0301")
    assert read_roster(roster(decomposed), TODAY).lines[0].patient == ZOE


def test_headers_are_found_whatever_case_accents_and_spaces_and_can_be_renamed() -> None:
    raw = "N° Dossier;Nom de naissance;Prénoms;Date Naissance\nQ1;ROUX;Ana;28/03/1979\n".encode("cp1252")
    headers = {"reference": "n° dossier", "birth_name": "nom-de-naissance"}
    (line,) = read_roster(raw, TODAY, headers).lines
    assert line.patient == Patient(PatientRef("Q1"), "ROUX", None, ("Ana",), date(1979, 3, 28), None, None)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "csv-empty"),
        (b"\xef\xbb\xbf \r\n", "csv-empty"),
        (ROSTER.encode(), "csv-empty"),
        (roster(";;;;;;;"), "csv-empty"),
        (roster(ZOE_LINE) + b"\0", "csv-not-text"),
        (ROSTER.encode("utf-16"), "csv-not-text"),
        (b"PK\x03\x04...", "sheet-malformed"),
        (roster(ZOE_LINE) + "Q2;LEFÈ".encode()[:-1], "csv-encoding"),
        (roster(ZOE_LINE) + "Q2;LEFÈVRE;".encode("cp1252"), "csv-encoding"),
        ("Q2;\x81".encode("latin-1"), "csv-encoding"),
        (roster('Q1;"ROUX;;Ana;1979-03-28;F;;'), "csv-malformed"),
        (roster('Q1;"RO"UX;;Ana;1979-03-28;F;;'), "csv-malformed"),
        (roster(ZOE_LINE).replace(b"prenoms", b"prenomes"), "csv-column-missing"),
        (roster(ZOE_LINE).replace(b"employeur", b"NIR"), "csv-column-twice"),
        (b";" * (64 * 2**20 + 1), "csv-too-large"),
    ],
)
def test_a_file_that_cannot_be_used_as_a_whole_is_told_and_gives_no_line(raw: bytes, code: str) -> None:
    with pytest.raises(SheetFault) as caught:
        read_roster(raw, TODAY)
    assert caught.value.code == code


def test_the_register_without_its_column_of_ends_is_refused_unless_that_is_declared() -> None:
    raw = register(GRANT).replace(b"date_fin", b"fin_prevue")
    with pytest.raises(SheetFault) as caught:
        read_register(raw, TODAY)
    assert caught.value.facts == {"column": "date_fin"}
    assert len(read_register(raw, TODAY, {"until": ""}).lines) == 1


# Lines of the roster -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        ("Q1;ROUX;;Ana;1979-03-28;F;", "cells-missing-or-surplus", None),
        ("Q1;ROUX;;Ana;1979-03-28;F;;;", "cells-missing-or-surplus", None),
        (";ROUX;;Ana;1979-03-28;F;;", "reference-missing", "patient_id"),
        ("Q|1;ROUX;;Ana;1979-03-28;F;;", "reference-unusable", "patient_id"),
        (f"{'Q' * 65};ROUX;;Ana;1979-03-28;F;;", "reference-unusable", "patient_id"),
        ("279035121518989;ROUX;;Ana;1979-03-28;F;;", "reference-is-ins", "patient_id"),
        ("2790351215189;ROUX;;Ana;1979-03-28;F;;", "reference-is-ins", "patient_id"),
        ("Q1;;;Ana;1979-03-28;F;;", "name-missing", "nom_naissance"),
        ("Q1;ROUX;;;1979-03-28;F;;", "name-missing", "prenoms"),
        ("Q1;ROUX;;Ana,;1979-03-28;F;;", "name-unreadable", "prenoms"),
        ("Q1;R0UX;;Ana;1979-03-28;F;;", "name-unreadable", "nom_naissance"),
        ("Q1;LEF\u00c3\u02c6VRE;;Ana;1979-03-28;F;;", "name-unreadable", "nom_naissance"),
        ("Q1;ROUX;\u0420\u0423;Ana;1979-03-28;F;;", "name-unreadable", "nom_usage"),
        ("Q1;ROUX;;Ana;;F;;", "date-missing", "date_naissance"),
        ("Q1;ROUX;;Ana;1979-02-29;F;;", "date-impossible", "date_naissance"),
        ("Q1;ROUX;;Ana;31/04/1979;F;;", "date-impossible", "date_naissance"),
        ("Q1;ROUX;;Ana;0079-03-28;F;;", "date-impossible", "date_naissance"),
        ("Q1;ROUX;;Ana;28/03/79;F;;", "date-unreadable", "date_naissance"),
        ("Q1;ROUX;;Ana;1979-3-28;F;;", "date-unreadable", "date_naissance"),
        ("Q1;ROUX;;Ana;28031979;F;;", "date-unreadable", "date_naissance"),
        ("Q1;ROUX;;Ana;2026-01-16;F;;", "birth-date-future", "date_naissance"),
        ("Q1;ROUX;;Ana;1979-03-28;X;;", "sex-unknown", "sexe"),
        ("Q1;ROUX;;Ana;1979-03-28;F;279035121518988;", "ins-key-wrong", "nir"),
        ("Q1;ROUX;;Ana;1979-03-28;F;2790351215189;", "ins-malformed", "nir"),
        ("Q1;ROUX;;Ana;1979-03-28;F;27903512151898\u0669;", "ins-malformed", "nir"),
    ],
)
def test_a_line_of_the_roster_that_cannot_be_used_is_refused_by_its_reason(
    line: str, code: str, column: str | None
) -> None:
    sheet = read_roster(roster(line, ZOE_LINE.replace("Q1", "Q9")), TODAY)
    assert sheet.refused == (LineVerdict(2, LineOutcome.REFUSED, code, column),)
    assert [(kept.line, kept.patient.ref) for kept in sheet.lines] == [(3, "Q9")]


def test_one_reference_with_two_identities_is_taken_from_no_line() -> None:
    other = ZOE_LINE.replace("1979-03-28", "1979-03-29")
    sheet = read_roster(roster(ZOE_LINE, "Q2;ROUX;;Ana;1979-03-28;F;;", other), TODAY)
    assert [(v.line, v.code) for v in sheet.refused] == [(2, "reference-twice"), (4, "reference-twice")]
    assert [line.patient.ref for line in sheet.lines] == ["Q2"]


def test_one_reference_written_twice_alike_is_no_contradiction() -> None:
    again = ZOE_LINE.replace("ÉTÉ-LÀ", "ete la").replace("1979-03-28", "28/03/1979")
    sheet = read_roster(roster(ZOE_LINE, again), TODAY)
    assert (len(sheet.lines), sheet.refused) == (2, ())
    assert same_identity(sheet.lines[0].patient, sheet.lines[1].patient)


def test_lines_are_numbered_as_in_the_file() -> None:
    raw = roster("", '"Q1";"ROUX";;Ana;1979-03-28;F;;"two\nlines"', "", ";", "Q2;ROUX")
    sheet = read_roster(raw, TODAY)
    assert [line.line for line in sheet.lines] == [3]
    assert [verdict.line for verdict in sheet.refused] == [7]


# Lines of the register -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "kind", "which"),
    [
        ("accordee", FactKind.GRANTED, None),
        ("Accordée", FactKind.GRANTED, None),
        ("REFUSÉE", FactKind.REFUSED, None),
        ("retirée", FactKind.WITHDRAWN, None),
        ("information", FactKind.NOTICE, None),
        ("Informé", FactKind.NOTICE, None),
        ("décès", FactKind.DECEASED, None),
        ("DECEDEE", FactKind.DECEASED, None),
        ("opposition", FactKind.OPPOSED, Opposition.HOSTING),
        ("Opposition à l'hébergement", FactKind.OPPOSED, Opposition.HOSTING),
        ("OPPOSITION ACCÈS", FactKind.OPPOSED, Opposition.ACCESS),
        ("opposition-transmission", FactKind.OPPOSED, Opposition.TRANSMISSION),
        ("opposition_levee", FactKind.OPPOSITION_LIFTED, Opposition.HOSTING),
        ("Opposition levée", FactKind.OPPOSITION_LIFTED, Opposition.HOSTING),
        ("OPPOSITION ACCES LEVEE", FactKind.OPPOSITION_LIFTED, Opposition.ACCESS),
        ("levée d'opposition à la transmission", FactKind.OPPOSITION_LIFTED, Opposition.TRANSMISSION),
    ],
)
def test_each_kind_is_known_with_and_without_accents(said: str, kind: FactKind, which: Opposition | None) -> None:
    (line,) = judged(GRANT.replace("accordee", said)).lines
    assert line.statement == Statement(kind=kind, on=date(2025, 1, 2), opposition=which)


@pytest.mark.parametrize(
    "written",
    [
        "resultats_labo,ordonnance",
        "resultats_labo ordonnance",
        "ordonnance|resultats_labo",
        "ordonnance + resultats_labo",
    ],
)
def test_a_limited_scope_is_read_however_the_types_are_parted(written: str) -> None:
    (line,) = judged(GRANT.replace("tous_documents", written)).lines
    assert line.statement.doc_types == frozenset({DocType("resultats_labo"), DocType("ordonnance")})


def test_what_restricts_holds_whole_and_without_end() -> None:
    odd = GRANT.replace("accordee", "retiree").replace(";;tous_documents", ";2024-99-99;resultats_labo")
    assert judged(odd).lines[0].statement == Statement(kind=FactKind.WITHDRAWN, on=date(2025, 1, 2))


def test_a_full_line_reads_as_this() -> None:
    raw = register(GRANT.replace("2025-01-02;;tous_documents;", "02/01/2025;31/12/2025;ordonnance;said in confidence"))
    assert read_register(raw.replace(b";note", b";preuve"), TODAY).lines == (
        StatementLine(
            2,
            PatientRef("Q1"),
            Claimed("ÉTÉ-LÀ", "Zoé", date(1979, 3, 28), "279035121518989"),
            Statement(
                kind=FactKind.GRANTED,
                on=date(2025, 1, 2),
                until=date(2025, 12, 31),
                doc_types=frozenset({DocType("ordonnance")}),
                evidence=Evidence("said in confidence"),
            ),
        ),
    )
    assert "confidence" not in repr(read_register(raw, TODAY))


@pytest.mark.parametrize(
    ("old", "new", "code", "column"),
    [
        ("accordee", "acordee", "kind-unknown", "statut"),
        ("accordee", "", "kind-unknown", "statut"),
        ("accordee", "non accordee", "kind-unknown", "statut"),
        ("2025-01-02", "", "date-missing", "date_signature"),
        ("2025-01-02", "2025-02-30", "date-impossible", "date_signature"),
        (";;tous", ";2025-01-01;tous", "end-before-start", "date_fin"),
        (";;tous", ";2025-13-01;tous", "date-impossible", "date_fin"),
        (";;tous", ";jamais;tous", "date-unreadable", "date_fin"),
        ("tous_documents", "", "scope-missing", "perimetre"),
        ("tous_documents", "tous_documents,ordonnance", "scope-unreadable", "perimetre"),
        ("tous_documents", "ordonnance;x", "cells-missing-or-surplus", None),
        ("accordee;2025", "refusee;2062", "date-future", "date_signature"),
        ("accordee;2025-01-02", "retiree;2026-01-16", "date-future", "date_signature"),
        (
            "accordee;2025-01-02;;tous_documents",
            "opposition_levee;2025-01-02;;ordonnance",
            "scope-not-possible",
            "perimetre",
        ),
        ("Q1", "Q2", "patient-unknown", "patient_id"),
        ("ÉTÉ-LÀ", "ETE-LAS", "birth-name-differs", "nom_naissance"),
        ("ÉTÉ-LÀ", "DUPÊCHE", "birth-name-differs", "nom_naissance"),
        ("ÉTÉ-LÀ", "", "name-missing", "nom_naissance"),
        ("Zoé", "Zora", "given-name-differs", "prenom"),
        ("1979-03-28", "1979-03-29", "birth-date-differs", "date_naissance"),
        ("1979-03-28", "", "date-missing", "date_naissance"),
        ("279035121518989", "277010115400329", "ins-differs", "nir"),
        ("279035121518989", "279035121518988", "ins-key-wrong", "nir"),
    ],
)
def test_a_line_of_the_register_that_cannot_be_used_is_refused_by_its_reason(
    old: str, new: str, code: str, column: str | None
) -> None:
    sheet = judged(GRANT.replace(old, new, 1))
    assert (sheet.lines, refusals(sheet)) == ((), [(2, code, column)])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ÉTÉ-LÀ", "ete la"),
        ("Zoé", "ZOE"),
        ("Zoé", "Anne Lise"),
        ("Zoé", ""),
        ("279035121518989", ""),
        ("279035121518989", "2.79.03.51.215.189.89"),
    ],
)
def test_accents_case_hyphens_and_silence_are_no_disagreement(old: str, new: str) -> None:
    assert len(judged(GRANT.replace(old, new, 1)).lines) == 1


@pytest.mark.parametrize(
    "unusable",
    [
        GRANT.replace("accordee", "retiree").replace("2025-01-02", "2026-02-30"),
        GRANT.replace("accordee", "refusee").replace("1979-03-28", "1979-03-29"),
        GRANT.replace("accordee", "opposition").replace(";Zoé", ""),
        GRANT.replace("accordee", "retractee"),
        "Q1;ÉTÉ",
    ],
)
def test_a_restriction_that_cannot_be_used_withholds_the_grants_beside_it(unusable: str) -> None:
    refusal = GRANT.replace("accordee", "refusee")
    for lines in ((GRANT, unusable, refusal), (unusable, GRANT, refusal)):
        sheet = judged(*lines)
        assert [line.statement.kind for line in sheet.lines] == [FactKind.REFUSED]
        assert "withheld" in [verdict.code for verdict in sheet.refused]


def test_a_grant_that_cannot_be_used_withholds_nothing() -> None:
    sheet = judged(GRANT, GRANT.replace("2025-01-02", "2025-02-30"))
    assert (len(sheet.lines), sheet.doubted, sheet.settled) == (1, frozenset(), frozenset())


@pytest.mark.parametrize(
    "narrow",
    [
        GRANT.replace("2025-01-02;;", "2025-01-02;2024-01-01;"),
        GRANT.replace("tous_documents", "ordonnance,tous"),
        GRANT.replace("accordee", "limitee"),
        GRANT.replace("Zoé", "Zora").replace("tous_documents", "ordonnance"),
    ],
)
def test_a_narrower_grant_that_cannot_be_used_leaves_no_wider_one_open(narrow: str) -> None:
    sheet = judged(GRANT, narrow)
    assert (sheet.lines, sheet.doubted) == ((), frozenset({ZOE.ref}))


FULL = "patient_id;nom_naissance;date_naissance;statut;date_signature;date_fin;perimetre;preuve"
MORE = "finalites;donnee_par;fin_mandat;type_preuve;date_preuve;empreinte_preuve;temoin;version_information;canal"
HASH = "0f" * 32


def full(said: str, *cells: str) -> bytes:
    """A register of one line about Zoé: the cells from the scope on, as in `FULL` and `MORE`."""
    line = ";".join(("Q1;ÉTÉ-LÀ;1979-03-28", said, "2025-01-02", "", *cells))
    return f"{FULL};{MORE}\n{line}\n".encode()


def test_everything_that_a_line_may_say_is_read() -> None:
    cells = ("ordonnance", "F-12", "archivage, recherche", "Tutrice", "31/12/2026", "Formulaire signé", "2024-12-30")
    (line,) = read_register(full("limitee", *cells, HASH.upper(), "Mme Témoin", "", ""), TODAY).lines
    assert line.statement == Statement(
        kind=FactKind.GRANTED,
        on=date(2025, 1, 2),
        doc_types=frozenset({DocType("ordonnance")}),
        purposes=frozenset({"archivage", "recherche"}),
        evidence=Evidence("F-12", EvidenceKind.SIGNED_FORM, date(2024, 12, 30), HASH, None, "Mme Témoin"),
        given_by=Giver.GUARDIAN,
        authority_until=date(2026, 12, 31),
    )


def test_a_notice_says_which_text_was_given_and_how() -> None:
    raw = full("information", "", "", "", "", "", "", "", "", "", "v3 (2025)", "courrier")
    (line,) = read_register(raw, TODAY).lines
    assert (line.statement.version, line.statement.channel) == ("v3 (2025)", "courrier")


@pytest.mark.parametrize(
    ("place", "cell", "code", "column"),
    [
        (2, "toutes,archivage", "purposes-unreadable", "finalites"),
        (3, "voisin", "giver-unknown", "donnee_par"),
        (4, "2026-12-31", "authority-without-guardian", "fin_mandat"),
        (5, "pigeon", "evidence-kind-unknown", "type_preuve"),
        (6, "2026-01-16", "evidence-date-future", "date_preuve"),
        (6, "hier", "date-unreadable", "date_preuve"),
        (7, "abcd", "hash-malformed", "empreinte_preuve"),
        (1, '=HYPERLINK("x")', "cell-formula", "preuve"),
        (8, "@SUM(1)", "cell-formula", "temoin"),
    ],
)
def test_an_optional_cell_that_cannot_be_read_refuses_its_line(place: int, cell: str, code: str, column: str) -> None:
    cells = ["tous", *[""] * 10]
    cells[place] = '"' + cell.replace('"', '""') + '"'
    sheet = read_register(full("accordee", *cells), TODAY)
    assert [(verdict.code, verdict.column) for verdict in sheet.refused] == [(code, column)]


def test_a_limited_grant_without_a_limit_is_a_slip_that_closes() -> None:
    sheet = judged(GRANT, GRANT.replace("accordee", "limitee"))
    assert (2, "withheld", None) in refusals(sheet)
    assert (3, "limit-missing", "perimetre") in refusals(sheet)


def test_a_doubt_of_another_station_is_a_doubt_here() -> None:
    sheet = judged(GRANT, GRANT.replace("accordee", "en_doute"))
    assert refusals(sheet) == [(2, "withheld", None), (3, "in-doubt", "statut")]
    assert sheet.doubted == {ZOE.ref}


def test_a_death_yet_to_come_is_a_slip_and_closes() -> None:
    sheet = judged(GRANT, GRANT.replace("accordee;2025-01-02", "deces;2026-01-16"))
    assert (3, "date-future", "date_signature") in refusals(sheet)
    assert sheet.doubted == {ZOE.ref}


def test_what_closes_holds_from_today_on_at_the_latest_and_a_grant_may_lie_ahead() -> None:
    for kind, on in (("retiree", "2026-01-15"), ("accordee", "2026-01-16"), ("opposition_levee", "2026-01-16")):
        assert len(judged(GRANT.replace("accordee;2025-01-02", f"{kind};{on}")).lines) == 1


WITHDRAWAL = GRANT.replace("accordee", "retiree")


@pytest.mark.parametrize(
    "unusable",
    [
        WITHDRAWAL.replace("2025-01-02", "15/11/26"),
        WITHDRAWAL.replace("Q1", "Q1\u200b").replace("ÉTÉ-LÀ", "Ete La"),
        WITHDRAWAL.replace("Q1", "q1"),
        WITHDRAWAL.replace("Q1", ""),
        WITHDRAWAL.replace("Q1", "279035121518989"),
        WITHDRAWAL.replace("Q1", "Q2").replace("2025-01-02", "sans"),
        WITHDRAWAL.replace("2025-01-02", "2062-11-20"),
    ],
)
def test_a_restriction_that_cannot_be_used_puts_its_patient_in_doubt_however_it_names_him(unusable: str) -> None:
    sheet = judged(GRANT, unusable)
    assert (sheet.doubted, sheet.settled, sheet.lines) == (frozenset({ZOE.ref}), frozenset(), ())


def test_a_restriction_under_anothers_reference_doubts_whom_it_describes_too() -> None:
    other = Patient(PatientRef("Q2"), "ROUX", None, ("Ana",), date(1980, 1, 1), None, None)
    sheet = read_register(register(WITHDRAWAL.replace("Q1", "Q2")), TODAY)
    assert borne_out(sheet, {"Q2": other}.get, born).doubted == {"Q1", "Q2"}


def test_a_restriction_of_nobody_known_doubts_nobody_and_good_lines_that_decide_may_settle_their_patient() -> None:
    sheet = judged(GRANT, WITHDRAWAL.replace("Q1;ÉTÉ-LÀ", "Q2;ROUX"))
    assert (sheet.doubted, sheet.settled) == (frozenset(), frozenset({ZOE.ref}))
    for told in ("information", "opposition_levee"):
        assert judged(GRANT.replace("accordee", told)).settled == frozenset()


# Laws ----------------------------------------------------------------------------------------------------------------

CELLS = st.sampled_from(
    [
        "Q1",
        "Q2",
        "",
        "ÉTÉ-LÀ",
        "Zoé",
        "1979-03-28",
        "29/02/2023",
        "279035121518989",
        "accordee",
        "retirée",
        "tous",
        "\u0669",
        "x" * 300,
    ]
)


@settings(max_examples=200)
@given(st.lists(st.lists(CELLS, min_size=8, max_size=11), min_size=1, max_size=6))
def test_every_line_of_any_sheet_has_one_verdict_and_no_cell_is_repeated(lines: list[list[str]]) -> None:
    written = [";".join(line) for line in lines]
    for header, read in ((ROSTER, read_roster), (REGISTER, read_register)):
        if not any(any(line) for line in lines):
            continue
        sheet = read("\n".join((header, *written)).encode(), TODAY)
        numbers = sorted([*(line.line for line in sheet.lines), *(verdict.line for verdict in sheet.refused)])
        assert numbers == [n for n, line in enumerate(lines, start=2) if any(line)]
        assert all(verdict.code in LINES for verdict in sheet.refused)
        assert not {"Zoé", "ÉTÉ-LÀ", "279035121518989"} & set(repr(sheet.refused).split("'"))


@settings(max_examples=300)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_give_lines_or_a_fault(noise: bytes) -> None:
    for raw in (noise, REGISTER.encode() + b"\n" + noise):
        with suppress(SheetFault):
            borne_out(read_register(raw, TODAY), find, born)


@given(st.permutations([GRANT, GRANT.replace("accordee", "retiree"), "Q1;x", GRANT.replace("Q1", "Q2"), ""]))
def test_the_order_of_lines_changes_no_statement(lines: list[str]) -> None:
    found = {line.statement for line in judged(*lines).lines}
    assert found == {line.statement for line in judged(*sorted(lines)).lines}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("Lefèvre", "LEFEVRE"),
        ("d\u2019Ornano", "D'ORNANO"),
        ("Œuvrard", "OEUVRARD"),
        ("ÇELIK", "CELIK"),
        ("Dupré -  Lacroix", "DUPRE - LACROIX"),
        ("Straße", "STRASSE"),
        ("Sørensen", "SORENSEN"),
        ("R2D2", None),
        ("-ROUX", None),
        ("", None),
        ("Ро", None),
    ],
)
def test_names_are_normalised_as_rniv_says_and_strange_signs_are_told(written: str, normal: str | None) -> None:
    assert normal_name(written) == normal


def test_ins_keys_are_checked_corsica_and_waiting_numbers_included() -> None:
    right = ["185057512345673", "277010115400329", "885997512345663", "781102A12500908", "292112A99431138"]
    assert all(key_is_right(number) for number in right)
    assert not key_is_right("118058599124123")
    assert matricule("2 92\u00a011 2a 994 311 38") == "292112A99431138"
    assert comparable_name("D\u2019Ornano-Œ") == comparable_name("d'ornano oe") == "DORNANOOE"
