"""The INS datamatrix says who, or says why it does not, whatever a scanner made of its text (ANS, v2.2)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.identity.ins import OIDS, Domain, InsCode, InsFlaw, InsWarning, admits, parse
from pipeline.identity.traits import key
from tests.evidence_fixtures import TODAY

GS = "\x1d"
HEADER = "IS01" + "0" * 22
BLOCKS = {
    "S1": "279035121518989",
    "S2": "1.2.250.1.213.1.4.10",
    "S3": "DOMINIQUE MARIE-LOUISE",
    "S4": "PAT-TROIS",
    "S5": "F",
    "S6": "28-03-1979",
    "S7": "51215",
}
FIXED = {"S1", "S5", "S6", "S7"}


def numbered(first13: str) -> str:
    return first13 + key(first13)


def written(blocks: dict[str, str], separator: str = GS, header: str = HEADER) -> str:
    """As the format asks: a separator behind a variable block that is not the last and has not its greatest length."""
    names = list(blocks)
    return header + "".join(
        name + said + (separator if name not in FIXED and len(said) < (20 if name == "S2" else 100) else "")
        for name, said in blocks.items()
        if name != names[-1]
    ) + names[-1] + blocks[names[-1]]  # fmt: skip


def code(text: str) -> InsCode:
    found = parse(text, TODAY)
    assert isinstance(found, InsCode), found
    return found


# --- The published vectors --------------------------------------------------------------------------------------------


def test_the_published_vectors_are_read() -> None:
    a = code(written(BLOCKS))
    assert (a.matricule, a.oid, a.domain) == ("279035121518989", "1.2.250.1.213.1.4.10", Domain.TEST)
    assert (a.birth_name, a.given_names) == ("PAT-TROIS", ("DOMINIQUE", "MARIE-LOUISE"))
    assert (a.sex, a.birth_date, a.birth_place, a.warnings) == ("F", date(1979, 3, 28), "51215", ())

    b = code(
        f"{HEADER}S1277010115400329S21.2.250.1.213.1.4.8{GS}S3SARAH-LOU ANNA{GS}S4GARCIA-HAMMADI{GS}"
        "S5FS621-01-1977S701154"
    )
    assert (b.matricule, b.birth_name, b.birth_date) == ("277010115400329", "GARCIA-HAMMADI", date(1977, 1, 21))
    assert b.domain is Domain.PRODUCTION

    c = code(
        f"{HEADER}S1{numbered('780052A004123')}S21.2.250.1.213.1.4.9{GS}S3ANGE{GS}S4D'ORNANO{GS}S5MS615-05-1980S72A004"
    )
    assert (c.birth_name, c.birth_place, c.warnings) == ("D'ORNANO", "2A004", ())

    d = code(
        f"{HEADER}S1{numbered('1850299351042')}S21.2.250.1.213.1.4.8{GS}S5MS606-02-1985S799351S3ALI{GS}S4BEN SALEM"
    )
    assert (d.given_names, d.birth_name, d.birth_place) == (("ALI",), "BEN SALEM", "99351")


def test_a_wrong_key_and_a_wrong_oid_are_told() -> None:
    e = "S1118058599124123S21.2.250.1.213.1.4.8 S3FIRST NAMETEST S5MS618-06-1985S713201S4LASTNAMETEST"
    assert parse(HEADER + e, TODAY) is InsFlaw.KEY
    right = HEADER + e.replace("118058599124123", "118058599124156")
    assert code(right).birth_name == "LASTNAMETEST"
    f = "S1123549685274612S22597845632548156952<GS>S4TEST<GS>S5FS625-06-1990S3TEST1 TEST2 TEST"
    assert isinstance(parse(HEADER + f, TODAY), InsFlaw)
    assert parse(HEADER + f.replace("123549685274612", "279035121518989"), TODAY) is InsFlaw.OID


@pytest.mark.parametrize("prefix", ["", "]d2", "]d2\x1d", " \r\n"])
@pytest.mark.parametrize("separator", [GS, "<GS>", " ", "", "\u241d", "<gs>", f" {GS}"])
@pytest.mark.parametrize("suffix", ["", "\r\n", GS, " "])
def test_whatever_a_scanner_makes_of_the_separator_the_code_says_the_same(
    prefix: str, separator: str, suffix: str
) -> None:
    assert parse(prefix + written(BLOCKS, separator) + suffix, TODAY) == parse(written(BLOCKS), TODAY)


@given(st.permutations(list(BLOCKS)), st.sampled_from([GS, "<GS>", " ", ""]))
def test_the_order_of_the_blocks_is_free(order: list[str], separator: str) -> None:
    assert parse(written({name: BLOCKS[name] for name in order}, separator), TODAY) == parse(written(BLOCKS), TODAY)


def test_the_birth_place_may_be_missing_and_no_other_block() -> None:
    assert code(written({name: said for name, said in BLOCKS.items() if name != "S7"})).birth_place is None
    for missing in ("S1", "S2", "S3", "S4", "S5", "S6"):
        rest = {name: said for name, said in BLOCKS.items() if name != missing}
        assert parse(written(rest), TODAY) is InsFlaw.MISSING_BLOCK


# --- What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", InsFlaw.NOT_INS),
        ("LIASSE1|P1|||00000000", InsFlaw.NOT_INS),
        ("ISBN 978-2-07-036822-8", InsFlaw.NOT_INS),
        ("DC04FR000001", InsFlaw.NOT_INS),
        (written(BLOCKS, header="IS02" + "0" * 22), InsFlaw.VERSION),
        (written(BLOCKS, header="IS01" + "0" * 21), InsFlaw.HEADER),
        (written(BLOCKS) + "S5F", InsFlaw.DUPLICATE_BLOCK),
        (written(BLOCKS) + f"{GS}S8X", InsFlaw.UNKNOWN_BLOCK),
        (HEADER + "Z1" + written(BLOCKS)[26:], InsFlaw.UNKNOWN_BLOCK),
        (HEADER, InsFlaw.MISSING_BLOCK),
    ],
)
def test_what_is_no_code_of_this_version_says_why(text: str, flaw: InsFlaw) -> None:
    assert parse(text, TODAY) is flaw


@pytest.mark.parametrize(
    ("name", "said", "flaw"),
    [
        ("S1", "979035121518989", InsFlaw.MATRICULE),
        ("S1", "2790351215189", InsFlaw.MATRICULE),
        ("S1", "٢79035121518989", InsFlaw.MATRICULE),
        ("S1", "279035121518988", InsFlaw.KEY),
        ("S1", "279035121518998", InsFlaw.KEY),
        ("S2", "1.2.250.1.213.1.4.12", InsFlaw.OID),
        ("S2", "1.2.250.1.213.1.4.2", InsFlaw.HISTORICAL),
        ("S3", "JEAN--PAUL", InsFlaw.NAME),
        ("S3", "Jean", InsFlaw.NAME),
        ("S4", "LEFÈVRE", InsFlaw.NAME),
        ("S4", "X" * 101, InsFlaw.NAME),
        ("S4", "-DUPONT", InsFlaw.NAME),
        ("S5", "X", InsFlaw.SEX),
        ("S6", "31-02-1979", InsFlaw.BIRTH_DATE),
        ("S6", "1979-03-28", InsFlaw.BIRTH_DATE),
        ("S6", "24-11-2026", InsFlaw.BIRTH_DATE),
        ("S7", "ABCDE", InsFlaw.BIRTH_PLACE),
    ],
)
def test_a_block_that_is_not_of_its_form_is_told(name: str, said: str, flaw: InsFlaw) -> None:
    assert parse(written(BLOCKS | {name: said}), TODAY) is flaw


def test_a_family_name_may_have_a_double_hyphen_and_today_is_a_birth_date() -> None:
    assert code(written(BLOCKS | {"S4": "DUPONT--MARTIN"})).birth_name == "DUPONT--MARTIN"
    assert code(written(BLOCKS | {"S6": f"{TODAY:%d-%m-%Y}"})).birth_date == TODAY


# --- What is told beside ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "warning"),
    [
        ({"S5": "M"}, InsWarning.SEX_DIFFERS),
        ({"S6": "28-03-1980"}, InsWarning.BIRTH_DIFFERS),
        ({"S6": "28-04-1979"}, InsWarning.BIRTH_DIFFERS),
        ({"S2": "1.2.250.1.213.1.4.9"}, InsWarning.KIND_DIFFERS),
        ({"S1": numbered("7790351215189"), "S2": "1.2.250.1.213.1.4.8"}, InsWarning.KIND_DIFFERS),
    ],
)
def test_what_contradicts_itself_is_a_warning_for_identities_change(
    changed: dict[str, str], warning: InsWarning
) -> None:
    assert warning in code(written(BLOCKS | changed)).warnings


def test_a_pseudo_month_is_no_contradiction() -> None:
    assert code(written(BLOCKS | {"S1": numbered("2793351215189")})).warnings == ()


# --- Production and trial ---------------------------------------------------------------------------------------------


def test_a_station_works_with_identities_of_its_own_world_alone() -> None:
    assert {oid for oid, domain in OIDS.items() if admits("production", domain)} == {
        "1.2.250.1.213.1.4.8",
        "1.2.250.1.213.1.4.9",
    }
    assert {oid for oid, domain in OIDS.items() if admits("trial", domain)} == {
        "1.2.250.1.213.1.4.10",
        "1.2.250.1.213.1.4.11",
    }


# --- Laws -------------------------------------------------------------------------------------------------------------


@given(st.one_of(st.text(), st.text(alphabet="IS0123456789.MF -'ABCDEFG\x1d<>", max_size=200)))
def test_no_text_whatever_breaks_the_reading(text: str) -> None:
    for one in (text, HEADER + text, written(BLOCKS)[: len(text)] + text):
        assert isinstance(parse(one, TODAY), InsCode | InsFlaw)


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reading(payload: bytes) -> None:
    assert isinstance(parse(HEADER + payload.decode("latin-1"), TODAY), InsCode | InsFlaw)


@given(st.integers(0, 140), st.characters())
def test_one_changed_sign_never_makes_another_number(place: int, sign: str) -> None:
    text = written(BLOCKS)
    found = parse(text[:place] + sign + text[place + 1 :], TODAY)
    if isinstance(found, InsCode):
        assert found.matricule == BLOCKS["S1"]


def test_a_code_shows_no_identity_where_it_is_printed() -> None:
    shown = repr(code(written(BLOCKS)))
    assert all(said not in shown for name, said in BLOCKS.items() if name not in ("S2", "S5"))
