"""Nobody acts unnamed: a second factor each time, once, by whom the role allows; every answer is an entry."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyotp
import pytest
import zxingcpp
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from consent_gate.people import ADMINISTERING, DECIDING, Role
from lexicon.faults import Fault, StationFault, TamperFault
from pipeline.office import enrolling
from pipeline.office.enrolling import NewCodes, NewKey, enrol, offer
from pipeline.office.factors import sign_challenge, steps_of
from pipeline.office.people import (
    AUTHENTICATED,
    Act,
    Code,
    KeyFile,
    Presented,
    Signature,
    act_of,
    authenticate,
    challenge,
)
from pipeline.office.text_codes import text_code
from pipeline.station import Station
from storage.people import People
from tests.people_fixtures import Staff, code_of, copied, enrolled, entries, refused, staffed, with_key
from tests.station_fixtures import burglar
from tests.trial_fixtures import Trial, run_command

NAME = "Zéphyrine Plantagenêt"
"""Hunted for wherever it must not be."""


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Trial.found(tmp_path_factory.mktemp("people") / "station", verapdf="never").folder


@pytest.fixture
def trial(founded: Path, tmp_path: Path) -> Trial:
    return copied(founded, tmp_path / "station")


@pytest.fixture
def station(trial: Trial) -> Iterator[Station]:
    with trial.opened() as opened:
        yield opened


@pytest.fixture
def staff(station: Station) -> Staff:
    return staffed(station)


def maintain(station: Station, said: str = "no-answer") -> Act:
    return act_of(station, "maintain", "document:01J00000000000000000000000", {"reason": said})


def test_a_person_with_a_code_acts_once_and_the_entry_names_the_act(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    act = maintain(station)
    by = authenticate(station, reviewer.proved(), act, DECIDING)
    last = entries(station)[-1]
    assert (by.id, by.role, by.entry) == (reviewer.id, Role.REVIEWER, last["id"])
    assert (last["type"], last["outcome"]) == ("review", AUTHENTICATED)
    assert last["object"] == f"person:{reviewer.id}"
    assert last["hashes_in"] == [act.digest()]
    assert last["within"] == {"document": "01J00000000000000000000000"}
    by.require(act)
    with pytest.raises(TamperFault, match="act-differs"):
        by.require(maintain(station, "another"))


def test_without_a_second_factor_nobody_acts(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    with refused(station, "second-factor-missing", reviewer.id):
        authenticate(station, Presented(reviewer.id), maintain(station), DECIDING)


def test_a_code_counts_once_for_any_act(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    proof = reviewer.proved()
    authenticate(station, proof, maintain(station), DECIDING)
    for said in ("no-answer", "another"):
        with refused(station, "second-factor-replayed", reviewer.id):
            authenticate(station, proof, maintain(station, said), DECIDING)


def test_an_older_code_is_worth_nothing_once_a_newer_one_was_used(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    staff.clock.pass_(minutes=2)
    old = Presented(reviewer.id, Code(reviewer.code()))
    authenticate(station, reviewer.proved(), maintain(station), DECIDING)
    with refused(station, "second-factor-replayed", reviewer.id):
        authenticate(station, old, maintain(station), DECIDING)


def test_the_code_that_confirmed_the_enrolment_does_not_count_again(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    with refused(station, "second-factor-replayed", reviewer.id):
        authenticate(station, Presented(reviewer.id, Code(reviewer.code())), maintain(station), DECIDING)


@given(seconds=st.integers(-300, 300))
def test_a_code_is_taken_one_step_around_its_own_and_no_further(seconds: int) -> None:
    now, secret = datetime(2026, 1, 15, 8, 0, 15, tzinfo=UTC), pyotp.random_base32(32).encode()
    shown = now + timedelta(seconds=seconds)
    step = int(shown.timestamp()) // 30
    near = abs(step - int(now.timestamp()) // 30) <= 1
    assert (step in steps_of(secret, code_of(secret, shown), now)) is near


@pytest.mark.parametrize(
    "typed", ["", "abcdef", "12345", "1234567", "１２３４５６", "-12345", "123456\n--", "9" * 4000]
)
def test_what_is_no_code_is_wrong_and_breaks_nothing(station: Station, staff: Staff, typed: str) -> None:
    reviewer = staff.reviewer()
    with refused(station, "second-factor-wrong", reviewer.id):
        authenticate(station, Presented(reviewer.id, Code(typed)), maintain(station), DECIDING)


def test_wrong_codes_are_slowed_down_then_lock_the_person_until_an_administrator_unlocks(
    station: Station, staff: Staff
) -> None:
    reviewer = staff.reviewer()
    wrong = Presented(reviewer.id, Code("000000" if reviewer.code() != "000000" else "111111"))
    waits = []
    for _ in range(station.config.review.attempts - 1):
        staff.clock.pass_(hours=1)
        with refused(station, "second-factor-wrong", reviewer.id):
            authenticate(station, wrong, maintain(station), DECIDING)
        with pytest.raises(StationFault, match="second-factor-too-soon") as caught:
            authenticate(station, wrong, maintain(station), DECIDING)
        waits.append(caught.value.facts["seconds"])
    assert waits == [1, 2, 4, 8]
    staff.clock.pass_(hours=1)
    with pytest.raises(StationFault, match="second-factor-wrong"):
        authenticate(station, wrong, maintain(station), DECIDING)
    assert [entry["outcome"] for entry in entries(station)[-2:]] == ["second-factor-wrong", "person-locked"]
    staff.clock.pass_(days=30)
    with refused(station, "person-locked", reviewer.id):
        authenticate(station, reviewer.proved(), maintain(station), DECIDING)
    enrolling.unlock(station, reviewer.id, staff.administrator.proved())
    authenticate(station, reviewer.proved(), maintain(station), DECIDING)


def test_the_only_administrator_is_locked_for_a_day_and_any_other_until_unlocked(station: Station) -> None:
    staff = staffed(station)
    stranger = with_key(station, "Autre", Role.ADMINISTRATOR, staff.administrator.proved(), curve=True)
    _fail(station, staff, staff.administrator.id, stranger.pem or b"")
    staff.clock.pass_(hours=25)
    with refused(station, "person-locked", staff.administrator.id):
        authenticate(station, staff.administrator.proved(), maintain(station), ADMINISTERING)
    _fail(station, staff, stranger.id, staff.administrator.pem or b"")
    staff.clock.pass_(hours=23)
    with refused(station, "person-locked", stranger.id):
        authenticate(station, stranger.proved(), maintain(station), ADMINISTERING)
    staff.clock.pass_(hours=2)
    authenticate(station, stranger.proved(), maintain(station), ADMINISTERING)


def _fail(station: Station, staff: Staff, person: str, pem: bytes) -> None:
    """Until locked, by somebody else's key."""
    for _ in range(station.config.review.attempts):
        staff.clock.pass_(minutes=1)
        with refused(station, "second-factor-wrong", person):
            authenticate(station, Presented(person, KeyFile(pem)), maintain(station), ADMINISTERING)


def test_a_disabled_person_does_nothing_and_has_no_way_back(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    enrolling.disable(station, reviewer.id, staff.administrator.proved())
    with refused(station, "person-disabled", reviewer.id):
        authenticate(station, reviewer.proved(), maintain(station), DECIDING)
    for act in (enrolling.disable, enrolling.unlock):
        with pytest.raises(StationFault, match="person-gone"):
            act(station, reviewer.id, staff.administrator.proved())


def test_somebody_unknown_is_refused_and_what_they_typed_is_written_nowhere(station: Station, staff: Staff) -> None:
    for somebody in (NAME, "", "01J0000000000000000PLANTED"):
        with refused(station, "person-unknown", None):
            authenticate(station, Presented(somebody, Code("123456")), maintain(station), DECIDING)
        with refused(station, "person-unknown", None):
            authenticate(
                station, Presented(somebody, KeyFile(staff.administrator.pem or b"")), maintain(station), DECIDING
            )
    assert "PLANTED" not in json.dumps(entries(station))
    assert NAME not in json.dumps(entries(station), ensure_ascii=False)


def test_a_role_that_does_not_allow_the_act_is_refused_and_the_code_is_used_up(station: Station, staff: Staff) -> None:
    operator = staff.enrol("Opérateur", Role.OPERATOR)
    proof = operator.proved()
    with refused(station, "role-insufficient", operator.id):
        authenticate(station, proof, maintain(station), DECIDING)
    with refused(station, "second-factor-replayed", operator.id):
        authenticate(station, proof, maintain(station))


def test_under_an_untrusted_clock_no_code_counts(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    proof = reviewer.proved()
    behind = staff.clock() - timedelta(hours=1)
    station.clock = replace(station.clock, wall=lambda: behind)
    with refused(station, "clock-untrusted", reviewer.id):
        authenticate(station, proof, maintain(station), DECIDING)


# Keys


@pytest.mark.parametrize("curve", [False, True])
def test_a_key_signs_for_one_act_alone(station: Station, staff: Staff, curve: bool) -> None:  # noqa: FBT001
    somebody = with_key(station, "Clé", Role.REVIEWER, staff.administrator.proved(), curve=curve)
    act, other = maintain(station), maintain(station, "another")
    asked, content = challenge(station, somebody.id, act)
    signed = Signature(asked, sign_challenge(somebody.pem or b"", None, content))
    authenticate(station, Presented(somebody.id, signed), act, DECIDING)
    with refused(station, "second-factor-replayed", somebody.id):
        authenticate(station, Presented(somebody.id, signed), act, DECIDING)
    asked, content = challenge(station, somebody.id, act)
    signed = Signature(asked, sign_challenge(somebody.pem or b"", None, content))
    with refused(station, "second-factor-wrong", somebody.id):
        authenticate(station, Presented(somebody.id, signed), other, DECIDING)


def test_a_challenge_is_for_one_person_and_five_minutes(station: Station, staff: Staff) -> None:
    one, other = (with_key(station, name, Role.REVIEWER, staff.administrator.proved()) for name in ("Un", "Autre"))
    act = maintain(station)
    asked, content = challenge(station, one.id, act)
    signed = Signature(asked, sign_challenge(other.pem or b"", None, content))
    with refused(station, "second-factor-wrong", other.id):
        authenticate(station, Presented(other.id, signed), act, DECIDING)
    asked, content = challenge(station, one.id, act)
    signed = Signature(asked, sign_challenge(one.pem or b"", None, content))
    staff.clock.pass_(minutes=6)
    with refused(station, "second-factor-replayed", one.id):
        authenticate(station, Presented(one.id, signed), act, DECIDING)


def test_only_the_public_half_of_a_key_is_kept(station: Station, staff: Staff) -> None:
    private = serialization.load_pem_private_key(staff.administrator.pem or b"", None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    for path in station.config.folder.rglob("*"):
        assert not path.is_file() or private.private_bytes_raw() not in path.read_bytes()


def _public(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no key",
        _public(ec.generate_private_key(ec.SECP256K1())),
        _public(rsa.generate_private_key(65537, 2048)),
    ],
    ids=["empty", "text", "other-curve", "rsa"],
)
def test_a_key_of_another_kind_is_not_taken(station: Station, staff: Staff, pem: bytes) -> None:
    with pytest.raises(StationFault, match="identity-key-unreadable"):
        enrol(station, "Clé", Role.REVIEWER, NewKey(pem), staff.administrator.proved())


# Enrolment


def test_the_first_person_is_an_administrator_and_comes_by_nobodys_leave(station: Station) -> None:
    secret = offer(station, NAME).secret
    now = station.clock.now()
    with pytest.raises(StationFault, match="first-person-administrator"):
        enrol(station, NAME, Role.REVIEWER, NewCodes(secret, code_of(secret, now)), None)
    first = enrol(station, NAME, Role.ADMINISTRATOR, NewCodes(secret, code_of(secret, now)), None)
    (entry,) = [entry for entry in entries(station) if entry["object"] == f"person:{first.id}"]
    assert (entry["outcome"], entry["agents"].get("person")) == ("first-enrolled", None)


def test_whoever_comes_later_needs_an_administrator(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    for by, code in ((None, "person-unknown"), (reviewer.proved(), "role-insufficient")):
        with pytest.raises(StationFault, match=code):
            with_key(station, "Intrus", Role.ADMINISTRATOR, by)
    assert [one.id for one in enrolling.people(station)] == [staff.administrator.id, reviewer.id]


def test_a_device_that_did_not_take_in_the_secret_enrols_nobody(station: Station) -> None:
    secret = offer(station, NAME).secret
    right = code_of(secret, station.clock.now())
    with pytest.raises(StationFault, match="person-confirmation-wrong"):
        enrol(station, NAME, Role.ADMINISTRATOR, NewCodes(secret, str((int(right) + 1) % 10**6).zfill(6)), None)
    assert enrolling.nobody(station)


def test_a_new_factor_takes_the_place_of_the_old_one(station: Station, staff: Staff) -> None:
    reviewer = staff.reviewer()
    old = reviewer.proved()
    secret = offer(station, NAME).secret
    code = code_of(secret, staff.clock())
    enrolling.renew(station, reviewer.id, NewCodes(secret, code), staff.administrator.proved())
    with refused(station, "second-factor-wrong", reviewer.id):
        authenticate(station, old, maintain(station), DECIDING)
    staff.clock.pass_(minutes=1)
    fresh = Presented(reviewer.id, Code(code_of(secret, staff.clock())))
    authenticate(station, fresh, maintain(station), DECIDING)


def test_the_last_administrator_stays(station: Station, staff: Staff) -> None:
    with pytest.raises(StationFault, match="last-administrator"):
        enrolling.disable(station, staff.administrator.id, staff.administrator.proved())
    with_key(station, "Autre", Role.ADMINISTRATOR, staff.administrator.proved())
    enrolling.disable(station, staff.administrator.id, staff.administrator.proved())


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "a\u202eb"])
def test_a_name_that_cannot_be_read_on_a_screen_is_not_taken(station: Station, staff: Staff, name: str) -> None:
    with pytest.raises(StationFault, match="person-name-unfit"):
        with_key(station, name, Role.REVIEWER, staff.administrator.proved())


# What another hand does to the rows


@pytest.mark.parametrize(
    "change",
    [
        "role = 'administrator'",
        "disabled_at = NULL",
        "failures = 0",
        "last_step = -1",
        "public_key = x'00'",
    ],
)
def test_a_row_that_another_hand_changed_is_an_alarm(station: Station, staff: Staff, change: str) -> None:
    reviewer = staff.reviewer()
    if change == "failures = 0":
        with pytest.raises(StationFault):
            authenticate(station, Presented(reviewer.id, Code("bad")), maintain(station), DECIDING)
    if change == "disabled_at = NULL":
        enrolling.disable(station, reviewer.id, staff.administrator.proved())
    with burglar(station.config.folder) as connection:
        connection.execute(f"UPDATE person SET {change} WHERE id = ?", (reviewer.id,))  # noqa: S608
    with pytest.raises(TamperFault, match="person-forged"):
        authenticate(station, reviewer.proved(), maintain(station), DECIDING)


@pytest.mark.usefixtures("staff")
def test_rows_taken_away_make_no_room_for_a_first_person(station: Station) -> None:
    with burglar(station.config.folder) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("DELETE FROM person")
    assert enrolling.nobody(station)
    with pytest.raises(TamperFault, match="person-forged"):
        with_key(station, "Intrus", Role.ADMINISTRATOR, None)


def test_a_name_and_a_secret_lie_sealed(station: Station, staff: Staff) -> None:
    somebody = enrolled(station, staff.clock, NAME, Role.REVIEWER, staff.administrator.proved())
    with pytest.raises(Fault) as caught:
        authenticate(station, Presented(somebody.id, Code("bad")), maintain(station), DECIDING)
    told = repr(caught.value) + repr(caught.value.facts) + repr(somebody.person)
    with station.database.read() as session:
        told += repr(People(station.columns).find(session, somebody.id))
    station.database.close()
    kept = b"".join(path.read_bytes() for path in station.config.folder.rglob("*") if path.is_file())
    for secret in (NAME, (somebody.secret or b"?").decode()):
        assert secret.encode() not in kept
        assert secret not in told


# The command


def test_the_command_enrols_by_a_code_shown_once_and_asks_an_administrator_for_the_next(trial: Trial) -> None:
    administrator, secret = _enrol(trial, "administrator", lambda _: "")
    answers = {"reviewer": lambda _: f"{pyotp.TOTP(secret).at(datetime.now(UTC) + timedelta(seconds=30))}\n"}
    _, other = _enrol(trial, "reviewer", answers["reviewer"], "--person", administrator, "--code", "-")
    listed = trial.run("person", "list", "--json")
    assert [line["role"] for line in listed.lines] == ["administrator", "reviewer"]
    assert secret not in listed.out + listed.err
    assert all("name" not in line for line in listed.lines), "nobody was asked who they are"
    without = trial.run("person", "list", "--names", "--person", administrator)
    assert (without.code, "[second-factor-missing]" in without.err, NAME in without.out) == (10, True, False)
    assert secret != other
    refusal = trial.run("person", "disable", administrator, "--person", administrator)
    assert (refusal.code, "[second-factor-missing]" in refusal.err) == (10, True)
    on_the_line = trial.run("person", "disable", administrator, "--person", administrator, "--code", "123456")
    assert on_the_line.code == 2
    log = b"".join(path.read_bytes() for path in (trial.home / "log").glob("*"))
    assert NAME.encode() not in log
    assert secret.encode() not in log


def _enrol(trial: Trial, role: str, answer: object, *more: str) -> tuple[str, str]:
    """`liasse person enrol`, as somebody who reads the secret and types what the device shows."""
    command = trial.command("person", "enrol", "--role", role, "--json", *more)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=trial.environment(), **pipes) as running:  # type: ignore[call-overload]
        running.stdin.write(f"{NAME}\n")
        running.stdin.flush()
        secret = pyotp.parse_uri(json.loads(running.stdout.readline())["otpauth"]).secret
        typed = f"{pyotp.TOTP(secret).now()}\n" + (answer(secret) if callable(answer) else "")
        out, err = running.communicate(typed, timeout=60)
    assert running.returncode == 0, err
    return json.loads(out)["person"], secret


def test_nobody_is_asked_for_a_name_or_shown_a_secret_before_who_vouches_may(trial: Trial) -> None:
    first = run_command(trial.command("person", "enrol", "--role", "reviewer"), trial.environment(), answers="")
    assert "[first-person-administrator]" in first.err
    administrator, _ = _enrol(trial, "administrator", lambda _: "")
    for named in ((), ("--person", "01J0000000000000000000000A")):
        asked = trial.command("person", "enrol", "--role", "reviewer", *named)
        ran = run_command(asked, trial.environment(), answers=f"{NAME}\n000000\n")
        assert (ran.code, "[person-unknown]" in ran.err, "otpauth" in ran.out) == (10, True, False)
    assert [line["person"] for line in trial.run("person", "list", "--json").lines] == [administrator]
    assert "administrator-alone" in trial.run("doctor").out


def test_the_command_takes_a_key_file_with_its_password(trial: Trial, tmp_path: Path) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    sealed = serialization.BestAvailableEncryption(b"a password")
    private, public = tmp_path / "me.key", tmp_path / "me.pub"
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealed))
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    enrolling_me = trial.command("person", "enrol", "--role", "administrator", "--key", public, "--json")
    made = run_command(enrolling_me, trial.environment(), answers=f"{NAME}\n")
    me = made.lines[0]["person"]
    command = trial.command("person", "unlock", me, "--person", me, "--identity-key", str(private))
    wrong = run_command(command, trial.environment() | {"LIASSE_KEY_PASSPHRASE": "another"})
    assert (wrong.code, "[identity-key-unreadable]" in wrong.err) == (10, True)
    right = run_command(command, trial.environment() | {"LIASSE_KEY_PASSPHRASE": "a password"})
    assert right.code == 0, right.err


def test_the_code_on_the_terminal_is_read_by_a_reader_of_codes() -> None:
    uri = "otpauth://totp/Liasse%20atelier-1:" + "x" * 60 + "?secret=" + "A" * 32
    lines = text_code(uri).splitlines()
    white = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}
    picture = np.array([[white[c][half] for c in line] for line in lines for half in (0, 1)], np.uint8) * 255
    (found,) = zxingcpp.read_barcodes(np.kron(picture, np.ones((4, 4), np.uint8)))
    assert found.text == uri
