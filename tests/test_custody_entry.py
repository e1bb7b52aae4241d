"""What may stand in a custody entry, and that its bytes are one and the same for everybody."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lexicon.faults import StationFault, TamperFault
from storage.custody import Draft, EntryType, Place, read_entry, time_of, write_entry
from tests.station_fixtures import AT

ULID = "01KEZZZZZZZZZZZZZZZZZZZZZZ"
PLACE = Place(7, ULID, AT, "atelier-1", "liasse/0.1.0")
DRAFT = Draft(
    EntryType.SEALING,
    f"document:{ULID}",
    within={"batch": ULID, "file": ULID},
    counts={"pages": 3, "blank-pages": 1},
    subject="ab" * 32,
    hashes_in=("01" * 32, "02" * 32),
    sizes_in=(10, 20),
    hashes_out=("03" * 32,),
    sizes_out=(30,),
    decision="cd" * 32,
    parent=ULID,
    person=ULID,
)


def test_an_entry_reads_as_this() -> None:
    assert write_entry(DRAFT, PLACE).decode() == (
        f'{{"agents":{{"person":"{ULID}","software":"liasse/0.1.0","station":"atelier-1"}},'
        f'"counts":{{"blank-pages":1,"pages":3}},"decision":"{"cd" * 32}",'
        f'"hashes_in":["{"01" * 32}","{"02" * 32}"],"hashes_out":["{"03" * 32}"],"id":"{ULID}",'
        f'"object":"document:{ULID}","outcome":"done","parent":"{ULID}","seq":7,"sizes_in":[10,20],"sizes_out":[30],'
        f'"subject":"{"ab" * 32}","time":"2026-01-15T08:00:00.123456Z","type":"sealing","v":1,'
        f'"within":{{"batch":"{ULID}","file":"{ULID}"}}}}'
    )


def test_an_entry_is_rfc_8785_and_reads_back() -> None:
    raw = write_entry(DRAFT, PLACE)
    entry = read_entry(raw)
    assert rfc8785.dumps(entry) == raw
    assert time_of(entry) == AT


def test_what_is_absent_leaves_no_field() -> None:
    entry = read_entry(write_entry(Draft(EntryType.CAPTURE, f"file:{ULID}"), PLACE))
    assert sorted(entry) == ["agents", "id", "object", "outcome", "seq", "time", "type", "v"]


def test_a_time_in_another_zone_is_written_in_utc() -> None:
    paris = AT.astimezone(timezone(timedelta(hours=1)))
    assert write_entry(DRAFT, replace(PLACE, at=paris)) == write_entry(DRAFT, PLACE)


NAMES = ["MARTIN", "Lefèvre", "Le Goff", "D'ORNANO", "178031399512195", "dupont martin", "Aptitude", "a" * 65, "", "é"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "draft",
    [
        lambda name: Draft(EntryType.CAPTURE, name),
        lambda name: Draft(EntryType.CAPTURE, f"document:{name}"),
        lambda name: replace(DRAFT, outcome=name),
        lambda name: replace(DRAFT, within={"box": name}),
        lambda name: replace(DRAFT, within={name: ULID}),
        lambda name: replace(DRAFT, counts={name: 1}),
        lambda name: replace(DRAFT, subject=name),
        lambda name: replace(DRAFT, hashes_out=(name,)),
        lambda name: replace(DRAFT, decision=name),
        lambda name: replace(DRAFT, parent=name),
        lambda name: replace(DRAFT, person=name),
    ],
)
def test_a_name_or_number_of_a_person_is_refused_everywhere_and_never_told(
    draft: Callable[[str], Draft], name: str
) -> None:
    if name == "a" * 65:
        draft = lambda text: replace(DRAFT, outcome=text, subject=text)  # noqa: E731 - same shape as the others
    with pytest.raises(StationFault) as caught:
        write_entry(draft(name), PLACE)
    assert caught.value.code == "custody-entry-refused"
    assert not name or name not in repr(caught.value.facts)


@pytest.mark.parametrize(
    "draft",
    [
        replace(DRAFT, counts={"pages": -1}),
        replace(DRAFT, counts={"pages": True}),
        replace(DRAFT, counts={"pages": 2**53}),
        replace(DRAFT, counts={"pages": 1.0}),  # type: ignore[dict-item] # what the ledger must refuse
        replace(DRAFT, sizes_in=(10,)),
        replace(DRAFT, hashes_in=(), sizes_in=(10,)),
    ],
)
def test_numbers_are_whole_and_each_size_has_its_hash(draft: Draft) -> None:
    with pytest.raises(StationFault, match="custody-entry-refused"):
        write_entry(draft, PLACE)


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.pop("type"),
        lambda entry: entry.update(note="text"),
        lambda entry: entry.update(v=2),
        lambda entry: entry.update(v=1.5),
        lambda entry: entry.update(time="2026-02-30T08:00:00.123456Z"),
        lambda entry: entry.update(time="2026-01-15T08:00:00Z"),
        lambda entry: entry.update(within={}),
        lambda entry: entry.update(agents={"station": "atelier-1"}),
        lambda entry: entry["agents"].update(colleague="atelier-2"),
        lambda entry: entry.update(seq="7"),
        lambda entry: entry.update(hashes_in="01" * 32),
    ],
)
def test_reading_refuses_what_writing_would_not_give(change: Callable[[dict[str, Any]], object]) -> None:
    entry = read_entry(write_entry(DRAFT, PLACE))
    change(entry)
    with pytest.raises(TamperFault, match="custody-broken"):
        read_entry(rfc8785.dumps(entry))


def test_reading_refuses_the_same_fields_in_other_bytes() -> None:
    raw = write_entry(DRAFT, PLACE)
    for other in (
        raw + b" ",
        raw.replace(b":", b": "),
        json.dumps(json.loads(raw)).encode(),
        raw.replace(b"d", b"\\u0064", 1),
    ):
        with pytest.raises(TamperFault, match="custody-broken"):
            read_entry(other)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | st.just(b"[" * 100_000))
def test_reading_fails_in_one_way_whatever_the_bytes(raw: bytes) -> None:
    with pytest.raises(TamperFault, match="custody-broken"):
        read_entry(raw)


@given(st.integers(0, 300), st.binary(min_size=1, max_size=1))
def test_a_changed_byte_is_refused_or_gives_another_entry(position: int, byte: bytes) -> None:
    raw = write_entry(DRAFT, PLACE)
    changed = raw[:position] + byte + raw[position + 1 :]
    try:
        entry = read_entry(changed)
    except TamperFault:
        return
    assert rfc8785.dumps(entry) == changed
