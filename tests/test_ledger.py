"""The ledger: one chain without fork or gap, every tampering found and named, and no more promised than holds."""

import json
import shutil
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from sqlite3 import Connection

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from lexicon.faults import StationFault, TamperFault
from storage.custody import Draft, EntryType, Place, read_entry, write_entry
from storage.evidence import Finding, Flaw, Guarantee
from storage.export import verify_export
from storage.ledger import Ledger
from storage.merkle import Frontier, consistent, includes, leaf_hash
from storage.notes import Head, origin_of, sign_note
from tests.pg_fixtures import WHERE
from tests.station_fixtures import AT, CHECKPOINT_KEY, burglar, open_database, open_ledger

ULID = "01KEZZZZZZZZZZZZZZZZZZZZZZ"
PUBLIC = CHECKPOINT_KEY.public_key()


def draft(pages: int = 1) -> Draft:
    return Draft(EntryType.CAPTURE, f"file:{ULID}", counts={"pages": pages})


def fill(ledger: Ledger, count: int, *, each: int = 20) -> str:
    """`count` entries, and a checkpoint after each `each` and at the end; the last checkpoint is returned."""
    note = ""
    for start in range(0, count, each):
        with ledger._database.write("test.write") as session:
            size = min(each, count - start)
            ledger.append(session, *(draft(start + n) for n in range(size)), at=AT + timedelta(seconds=start))
            note = ledger.checkpoint(session, AT)
    return note


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("filled")
    database = open_database(folder)
    fill(open_ledger(database), 50)
    database.close()
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path) -> Path:
    """A station with 50 entries and checkpoints at 20, 40 and 50, to be spoilt."""
    if (tmp_path / WHERE).exists():
        fill(open_ledger(open_database(tmp_path)), 50)
    else:
        shutil.copy(filled / "station.db", tmp_path / "station.db")
    return tmp_path


@pytest.mark.usefixtures("either")
def test_entries_verify_and_the_guarantee_is_told_without_and_with_an_anchor(tmp_path: Path) -> None:
    ledger = open_ledger(open_database(tmp_path))
    assert ledger.verify().guarantee is Guarantee.CONSISTENT_ONLY
    note = fill(ledger, 50)
    verdict = ledger.verify()
    assert (verdict.verified, verdict.entries, verdict.checkpoints, verdict.anchored) == (True, 50, 3, 0)
    assert verdict.guarantee is Guarantee.CHECKPOINTS_ONLY
    fill(ledger, 3)
    verdict = ledger.verify([note])
    assert (verdict.verified, verdict.entries, verdict.anchored) == (True, 53, 50)
    assert verdict.guarantee is Guarantee.ANCHORED


def test_ten_thousand_entries_verify_fast(tmp_path: Path) -> None:
    ledger = open_ledger(open_database(tmp_path))
    note = fill(ledger, 10_000, each=1_000)
    began = time.monotonic()
    verdict = ledger.verify([note])
    assert time.monotonic() - began < 10
    assert (verdict.verified, verdict.entries, verdict.checkpoints) == (True, 10_000, 10)


@pytest.mark.usefixtures("either")
def test_threads_that_append_together_leave_no_fork_and_no_gap(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    ledger = open_ledger(database)
    seen: list[int] = []

    def work() -> None:
        for _ in range(25):
            with database.write("test.write") as session:
                seen.extend(recorded.seq for recorded in ledger.append(session, draft(), draft(), at=AT))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(300))
    assert ledger.verify().verified


@pytest.mark.usefixtures("either")
def test_an_entry_and_what_it_tells_of_are_one_transaction(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    ledger = open_ledger(database)
    with pytest.raises(ZeroDivisionError), database.write("test.write") as session:
        assert ledger.append(session, draft(), at=AT)[0].seq // 0
    assert ledger.verify().entries == 0


@pytest.mark.usefixtures("either")
def test_a_value_that_may_not_stand_in_an_entry_leaves_nothing(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    ledger = open_ledger(database)
    with pytest.raises(StationFault, match="custody-entry-refused"), database.write("test.write") as session:
        ledger.append(session, draft(), Draft(EntryType.CAPTURE, "file:MARTIN"), at=AT)
    assert ledger.verify().entries == 0


@pytest.mark.usefixtures("either")
def test_time_never_goes_back_and_a_clock_that_did_is_told(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    ledger = open_ledger(database)
    assert ledger.last_time() is None
    assert ledger.clock_reading(AT) == (AT, True)
    with database.write("test.write") as session:
        ledger.append(session, draft(), at=AT)
        (second,) = ledger.append(session, draft(), at=AT - timedelta(hours=1))
    assert second.at == AT == ledger.last_time()
    assert ledger.clock_reading(AT + timedelta(days=9)) == (AT + timedelta(days=9), True)
    assert ledger.clock_reading(AT - timedelta(seconds=60)) == (AT, True)
    assert ledger.clock_reading(AT - timedelta(seconds=61)) == (AT, False)
    assert ledger.verify().verified


@pytest.mark.usefixtures("either")
def test_a_checkpoint_without_new_entries_is_the_last_one_again(folder: Path) -> None:
    database = open_database(folder)
    ledger = open_ledger(database)
    with database.write("test.write") as session:
        assert ledger.checkpoint(session, AT) == ledger.checkpoint(session, AT + timedelta(days=1))


def test_the_station_does_not_sign_a_tree_that_does_not_continue_the_last_one(folder: Path) -> None:
    with burglar(folder) as connection:
        rewrite(connection, 10)
    database = open_database(folder)
    ledger = open_ledger(database)
    with database.write("test.write") as session:
        ledger.append(session, draft(), at=AT)
    with pytest.raises(TamperFault, match="custody-broken"), database.write("test.write") as session:
        ledger.checkpoint(session, AT)


@pytest.mark.usefixtures("either")
def test_proofs_come_from_stored_nodes(folder: Path) -> None:
    database = open_database(folder)
    ledger = open_ledger(database)
    with database.read() as session:
        leaves = [leaf_hash(entry) for entry in ledger.entries(session)]
        root = bytes.fromhex(ledger.verify().root)
        for seq in range(50):
            assert includes(leaves[seq], seq, 50, ledger.inclusion(session, seq, 50), root)
        old = Frontier()
        for size, leaf in enumerate(leaves, start=1):
            old, _ = old.push(leaf)
            assert consistent(size, 50, old.root, root, ledger.consistency(session, size, 50))


# Tampering -----------------------------------------------------------------------------------------------------------


def rewrite(connection: Connection, seq: int) -> None:
    """Change entry `seq` and make everything after it agree: leaf, frontiers and nodes, as an expert would."""
    rows = connection.execute("SELECT seq, entry FROM custody_entry ORDER BY seq").fetchall()
    connection.execute("DELETE FROM custody_node")
    frontier = Frontier()
    for number, entry in rows:
        other = entry.replace(b'"pages":', b'"pages":9') if number == seq else entry
        frontier, made = frontier.push(leaf_hash(other))
        connection.execute(
            "UPDATE custody_entry SET entry = ?, leaf = ?, frontier = ? WHERE seq = ?",
            (other, leaf_hash(other), frontier.packed, number),
        )
        connection.executemany("INSERT INTO custody_node VALUES (?, ?, ?)", [(n.level, n.index, n.hash) for n in made])


def sign_again(connection: Connection, key: Ed25519PrivateKey) -> None:
    for (size,) in connection.execute("SELECT size FROM custody_checkpoint").fetchall():
        (packed,) = connection.execute("SELECT frontier FROM custody_entry WHERE seq = ?", (size - 1,)).fetchone()
        head = Head(size, Frontier.unpack(size, packed).root)
        note = sign_note(origin_of("atelier-1"), head, key)
        connection.execute("UPDATE custody_checkpoint SET note = ? WHERE size = ?", (note, size))


def swap(connection: Connection, one: int, other: int) -> None:
    connection.execute("UPDATE custody_entry SET seq = -1 WHERE seq = ?", (one,))
    connection.execute("UPDATE custody_entry SET seq = ? WHERE seq = ?", (one, other))
    connection.execute("UPDATE custody_entry SET seq = ? WHERE seq = -1", (other,))


def insert_foreign(connection: Connection, seq: int) -> None:
    connection.execute("UPDATE custody_entry SET seq = -seq - 1 WHERE seq >= ?", (seq,))
    connection.execute("UPDATE custody_entry SET seq = -seq WHERE seq < 0")
    entry = write_entry(draft(77), Place(seq, ULID, AT, "atelier-1", "liasse/0.1.0"))
    connection.execute("INSERT INTO custody_entry VALUES (?, ?, ?, ?)", (seq, entry, leaf_hash(entry), b""))


def edit_with_leaf(connection: Connection) -> None:
    (entry,) = connection.execute("SELECT entry FROM custody_entry WHERE seq = 7").fetchone()
    other = entry.replace(b'"pages":7', b'"pages":8')
    connection.execute("UPDATE custody_entry SET entry = ?, leaf = ? WHERE seq = 7", (other, leaf_hash(other)))


def other_checkpoint(connection: Connection) -> None:
    sign_again(connection, Ed25519PrivateKey.generate())


TAMPERINGS: list[tuple[str, Callable[[Connection], object], Finding]] = [
    (
        "an entry is changed",
        lambda c: c.execute(
            "UPDATE custody_entry SET entry = CAST(replace(entry, 'pages\":7', 'pages\":8') AS BLOB) WHERE seq = 7"
        ),
        Finding(Flaw.ENTRY_EDITED, 7, 7),
    ),
    (
        "an entry becomes a text",
        lambda c: c.execute("UPDATE custody_entry SET entry = CAST(entry AS TEXT) WHERE seq = 7"),
        Finding(Flaw.ENTRY_EDITED, 7, 7),
    ),
    (
        "a frontier becomes a number",
        lambda c: c.execute("UPDATE custody_entry SET frontier = 7 WHERE seq = 7"),
        Finding(Flaw.TREE_EDITED, 7, 7),
    ),
    (
        "a checkpoint becomes bytes",
        lambda c: c.execute("UPDATE custody_checkpoint SET note = CAST(note AS BLOB) WHERE size = 40"),
        Finding(Flaw.CHECKPOINT_FORGED, 39, 39),
    ),
    ("an entry is changed with its leaf", edit_with_leaf, Finding(Flaw.TREE_EDITED, 7, 7)),
    ("history is rewritten without the key", lambda c: rewrite(c, 27), Finding(Flaw.CHECKPOINT_DIFFERS, 20, 39)),
    (
        "an entry is deleted",
        lambda c: c.execute("DELETE FROM custody_entry WHERE seq = 7"),
        Finding(Flaw.ENTRY_MISSING, 7, 7),
    ),
    ("two entries change places", lambda c: swap(c, 7, 8), Finding(Flaw.ENTRY_MISPLACED, 7, 7)),
    ("an entry is inserted", lambda c: insert_foreign(c, 7), Finding(Flaw.TREE_EDITED, 7, 7)),
    (
        "a node is changed",
        lambda c: c.execute('UPDATE custody_node SET hash = zeroblob(32) WHERE level = 2 AND "index" = 1'),
        Finding(Flaw.TREE_EDITED, 4, 7),
    ),
    (
        "a node is deleted",
        lambda c: c.execute('DELETE FROM custody_node WHERE level = 1 AND "index" = 3'),
        Finding(Flaw.TREE_EDITED, 6, 7),
    ),
    (
        "a node is added",
        lambda c: c.execute("INSERT INTO custody_node VALUES (9, 9, zeroblob(32))"),
        Finding(Flaw.TREE_EDITED, 0, 49),
    ),
    (
        "a frontier is changed",
        lambda c: c.execute("UPDATE custody_entry SET frontier = zeroblob(length(frontier)) WHERE seq = 7"),
        Finding(Flaw.TREE_EDITED, 7, 7),
    ),
    (
        "a checkpoint is changed",
        lambda c: c.execute("UPDATE custody_checkpoint SET note = replace(note, '40', '39') WHERE size = 40"),
        Finding(Flaw.CHECKPOINT_FORGED, 39, 39),
    ),
    (
        "a checkpoint takes another's place",
        lambda c: c.execute(
            "UPDATE custody_checkpoint SET note = (SELECT note FROM custody_checkpoint WHERE size = 20) WHERE size = 40"
        ),
        Finding(Flaw.CHECKPOINT_FORGED, 39, 39),
    ),
    ("checkpoints are signed by another key", other_checkpoint, Finding(Flaw.CHECKPOINT_FORGED, 19, 19)),
    (
        "the tail is cut below a checkpoint",
        lambda c: c.execute("DELETE FROM custody_entry WHERE seq >= 45"),
        Finding(Flaw.TRUNCATED, 45, 49),
    ),
]


@pytest.mark.parametrize(
    ("tampering", "finding"), [(t, f) for _, t, f in TAMPERINGS], ids=[name for name, _, _ in TAMPERINGS]
)
def test_tampering_is_found_and_named(
    folder: Path, tampering: Callable[[Connection], object], finding: Finding
) -> None:
    with burglar(folder) as connection:
        tampering(connection)
        assert connection.total_changes > 0
    verdict = open_ledger(open_database(folder)).verify()
    assert verdict.finding == finding
    assert verdict.guarantee is Guarantee.NONE


def cut(connection: Connection, size: int) -> None:
    """Remove the tail with its nodes and checkpoints, so that what stays agrees with itself."""
    connection.execute("DELETE FROM custody_entry WHERE seq >= ?", (size,))
    connection.execute("DELETE FROM custody_checkpoint WHERE size > ?", (size,))
    connection.execute('DELETE FROM custody_node WHERE ("index" + 1) << level > ?', (size,))


def test_a_cut_tail_is_seen_only_with_an_anchor_kept_outside(folder: Path) -> None:
    anchor = fill(open_ledger(open_database(folder)), 1)
    with burglar(folder) as connection:
        cut(connection, 45)
    ledger = open_ledger(open_database(folder))
    blind = ledger.verify()
    assert (blind.verified, blind.entries, blind.guarantee) == (True, 45, Guarantee.CHECKPOINTS_ONLY)
    assert ledger.verify([anchor]).finding == Finding(Flaw.TRUNCATED, 45, 50)


def test_a_rewrite_with_the_key_is_seen_only_with_an_anchor_kept_outside(folder: Path) -> None:
    anchor = fill(open_ledger(open_database(folder)), 1)
    with burglar(folder) as connection:
        rewrite(connection, 27)
        sign_again(connection, CHECKPOINT_KEY)
    ledger = open_ledger(open_database(folder))
    assert ledger.verify().verified
    finding = ledger.verify([anchor]).finding
    assert finding is not None
    assert finding.flaw is Flaw.HISTORY_REWRITTEN


@pytest.mark.usefixtures("either")
def test_a_forged_anchor_is_told(folder: Path) -> None:
    anchor = sign_note(origin_of("atelier-1"), Head(50, bytes(32)), Ed25519PrivateKey.generate())
    assert open_ledger(open_database(folder)).verify([anchor]).finding == Finding(Flaw.ANCHOR_FORGED, 0, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE custody_entry SET entry = x'00' WHERE seq = 3",
        "DELETE FROM custody_entry WHERE seq = 3",
        "REPLACE INTO custody_entry SELECT * FROM custody_entry WHERE seq = 3",
        "INSERT OR IGNORE INTO custody_entry SELECT * FROM custody_entry WHERE seq = 3",
        "INSERT INTO custody_entry SELECT 99, entry, leaf, frontier FROM custody_entry WHERE seq = 3",
        "UPDATE custody_node SET hash = x'00'",
        "DELETE FROM custody_node",
        "REPLACE INTO custody_node SELECT * FROM custody_node",
        "UPDATE custody_checkpoint SET note = ''",
        "DELETE FROM custody_checkpoint",
        "REPLACE INTO custody_checkpoint SELECT * FROM custody_checkpoint",
    ],
)
def test_the_database_itself_refuses_to_change_evidence(folder: Path, statement: str) -> None:
    database = open_database(folder)
    with pytest.raises(TamperFault, match="append-only"), database.write("test.write") as session:
        session.execute(text(statement))
    assert open_ledger(database).verify().verified


# Export --------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("either")
def test_an_export_holds_the_exact_bytes_and_verifies_without_the_station(folder: Path, tmp_path: Path) -> None:
    database = open_database(folder)
    ledger = open_ledger(database)
    out = tmp_path / "export"
    ledger.export(out)
    ledger.export(out)
    with database.read() as session:
        assert (out / "entries.jsonl").read_bytes().splitlines() == list(ledger.entries(session))
    assert {path.name for path in out.iterdir()} == {
        "entries.jsonl",
        "checkpoint.txt",
        "checkpoint-key.txt",
        "checkpoint-key.pem",
    }
    verdict = verify_export(out, "atelier-1", PUBLIC)
    assert (verdict.entries, verdict.checkpoints, verdict.guarantee) == (50, 1, Guarantee.CHECKPOINTS_ONLY)
    assert verdict.root == ledger.verify().root


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        (lambda lines: [*lines[:7], *lines[8:]], Flaw.ENTRY_MISPLACED),
        (lambda lines: [*lines[:7], b"{}\n", *lines[8:]], Flaw.ENTRY_MALFORMED),
        (lambda lines: [line.replace(b'"pages":7}', b'"pages":8}') for line in lines], Flaw.CHECKPOINT_DIFFERS),
        (lambda lines: lines[:45], Flaw.TRUNCATED),
        (
            lambda lines: [line.replace(b"2026", b"2025") if n == 7 else line for n, line in enumerate(lines)],
            Flaw.TIME_BACKWARDS,
        ),
    ],
)
def test_a_spoilt_export_is_found(
    folder: Path, tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], flaw: Flaw
) -> None:
    out = tmp_path / "export"
    open_ledger(open_database(folder)).export(out)
    lines = (out / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (out / "entries.jsonl").write_bytes(b"".join(change(lines)))
    finding = verify_export(out, "atelier-1", PUBLIC).finding
    assert finding is not None
    assert finding.flaw is flaw
    assert finding.first <= 7 or flaw is Flaw.TRUNCATED


@pytest.mark.usefixtures("either")
def test_entries_bear_station_and_software(folder: Path) -> None:
    database = open_database(folder)
    with database.read() as session:
        entry = read_entry(next(open_ledger(database).entries(session)))
    assert entry["agents"] == {"software": "liasse/0.1.0", "station": "atelier-1"}
    assert json.dumps(entry["counts"]) == '{"pages": 0}'
