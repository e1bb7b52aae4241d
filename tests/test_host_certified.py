"""HDS facts: what is missing, expired or outside the EEA closes the deposit in production, on the day, and no more."""

import hashlib
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lexicon.faults import Fault, HostFault, StationFault
from lexicon.words import fact_in_words
from pipeline.config import load
from storage.hosts import Absent, AlreadyThere
from storage.hosts.certified import CertifiedHost
from storage.hosts.settings import EEA, HOSTING, Certification
from tests.host_fixtures import MemoryHost

DAY = date(2026, 11, 22)
RIGHT = Certification("LNE-0001", "LNE", (1, 2, 3, 4, 5, 6), "FR", "par-hds", DAY, "H-2026-01")


def refused(certification: Certification, day: date = DAY) -> tuple[str, dict[str, int | str]]:
    with pytest.raises(HostFault) as told:
        certification.require(day)
    return told.value.code, told.value.facts


def test_a_certificate_holds_to_its_last_day_and_not_a_day_longer() -> None:
    RIGHT.require(DAY)
    assert refused(RIGHT, date(2026, 11, 23)) == ("host-certificate-expired", {"until": "2026-11-22"})


@pytest.mark.parametrize("name", ["certificate", "body", "activities", "country", "zone", "valid_until", "contract"])
def test_each_missing_fact_closes_the_deposit_and_is_named(name: str) -> None:
    nothing = {"valid_until": None, "activities": ()}.get(name, "")
    assert refused(replace(RIGHT, **{name: nothing})) == ("host-not-certified", {"missing": name})  # type: ignore[arg-type]


@given(st.sets(st.integers(1, 6)))
def test_activities_are_enough_when_they_are_those_of_hosting(activities: set[int]) -> None:
    certification = replace(RIGHT, activities=tuple(activities))
    if activities >= HOSTING:
        certification.require(DAY)
    else:
        assert refused(certification)[0] == "host-not-certified"


@pytest.mark.parametrize("country", ["US", "GB", "CH", "MA"])
def test_outside_the_eea_nothing_is_deposited(country: str) -> None:
    assert refused(replace(RIGHT, country=country)) == ("host-outside-eea", {"country": country})
    assert refused(replace(RIGHT, country=country, own_premises=True))[0] == "host-outside-eea"


def test_the_eea_is_the_union_and_three_more() -> None:
    assert len(EEA) == 30
    assert {"FR", "DE", "IS", "LI", "NO"} <= EEA


def test_a_controllers_own_premises_need_no_certificate() -> None:
    Certification(country="FR", own_premises=True).require(DAY)


def test_iso_27001_and_secnumcloud_open_and_close_nothing() -> None:
    replace(RIGHT, iso27001_until=date(2020, 1, 1), secnumcloud_until=date(2020, 1, 1)).require(DAY)
    assert refused(Certification(iso27001_until=DAY, secnumcloud_until=DAY))[0] == "host-not-certified"


def test_a_certificate_that_ends_at_midnight_stops_the_next_deposit_and_nothing_else(tmp_path: Path) -> None:
    source = tmp_path / "x"
    source.write_bytes(b"envelope")
    announced = (source, hashlib.sha256(b"envelope").hexdigest(), 8)
    today, inner = [DAY], MemoryHost()
    host = CertifiedHost(inner, RIGHT, lambda: today[0])
    host.create("poste-1/a", *announced)
    today[0] = date(2026, 11, 23)
    with pytest.raises(HostFault, match="host-certificate-expired"):
        host.create("poste-1/b", *announced)
    assert list(inner.objects) == ["poste-1/a"]
    back = io.BytesIO()
    host.read("poste-1/a", back)
    assert back.getvalue() == b"envelope"
    assert [stored.key for stored in host.list("")] == ["poste-1/a"]
    host.delete("poste-1/a")
    assert host.head("poste-1/a") == Absent()
    today[0] = DAY
    host.create("poste-1/b", *announced)
    assert isinstance(host.create("poste-1/b", *announced), AlreadyThere)


# --- The configuration ------------------------------------------------------------------------------------------------

BASE = """
[station]
id = "poste-1"
mode = "trial"
[client]
name = "Service inventé"
[contract]
reference = "CT"
[[inbox]]
folder = "inbox"
[recipients]
client = "client.crt"
escrow = "escrow.crt"
"""
S3 = """
[host]
kind = "s3"
endpoint = "https://s3.exemple.invalid"
bucket = "dossiers"
access_key = "env:ACCESS"
secret_key = "credential:secret"
"""


def told_of(folder: Path, text: str) -> tuple[str, str]:
    """Which setting the configuration is refused for, and why."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StationFault) as told:
        load(path)
    assert told.value.code == "config-invalid"
    said = {language: str(fact_in_words("problem", told.value.facts["problem"], language)) for language in ("fr", "en")}
    assert said["fr"] != said["en"]  # each in its own words: pydantic's are English alone
    return str(told.value.facts["setting"]), said["en"]


@pytest.mark.parametrize(
    ("block", "setting", "problem"),
    [
        (f"{S3}buckett = 'x'", "host.buckett", "did you mean bucket?"),
        (f"{S3}[host.hds]\nvalid_untill = 2027-01-01", "host.hds.valid_untill", "did you mean valid_until?"),
        ("[host]\nfoldr = 'x'", "host.foldr", "did you mean folder?"),
        ("[host]\nkind = 'ftp'", "host.kind", "folder, s3"),
        ("[host]\nkind = 's3'", "host.endpoint", "it is missing"),
        (S3.replace("env:ACCESS", "AKIAINVENTED"), "host.access_key", "file|env|credential"),
        (f"{S3}retention_mode = 'governance'", "host", "retention_days"),
        (f"{S3}retention_mode = 'compliance'\nretention_days = 1", "host", "GDPR art. 17"),
        (f"{S3}[host.hds]\nactivities = [7]", "host.hds.activities.0", "at most 6"),
        (f"{S3}[host.hds]\ncountry = 'France'", "host.hds.country", "written as"),
    ],
)
def test_a_host_block_that_is_wrong_is_told_by_its_setting(
    tmp_path: Path, block: str, setting: str, problem: str
) -> None:
    named, why = told_of(tmp_path, BASE + block)
    assert named == setting
    assert problem in why
    assert "AKIAINVENTED" not in why


def test_production_speaks_tls_alone(tmp_path: Path) -> None:
    text = BASE.replace('"trial"', '"production"') + S3.replace("https:", "http:")
    assert told_of(tmp_path, text) == ("host.endpoint", "https:// is needed in production")


def test_compliance_needs_its_price_to_be_accepted(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    accepted = "retention_mode = 'compliance'\nretention_days = 365\ncompliance_price_accepted = true\n"
    path.write_text(BASE + S3 + accepted, encoding="utf-8")
    config = load(path)
    settings = config.host.settings(config.path)
    assert repr(getattr(settings, "retention", None)) == "Retention(mode=<LockMode.COMPLIANCE: 'COMPLIANCE'>, days=365)"


def test_a_block_without_a_kind_is_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(BASE, encoding="utf-8")
    config = load(path)
    assert config.host.kind == "folder"
    with pytest.raises(Fault, match="host-not-certified"):
        config.host.hds.certification.require(DAY)
