"""The people of a station: who may decide, and how they prove to be the ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.proving import ask, proved
from commands.setting import Setting, a_file, as_json, out, out_json, setting, show, talk
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.office.enrolling import NewFactor
    from pipeline.office.people import Presented
    from pipeline.station import Station

_ROLES = ("reviewer", "controller", "administrator", "operator")

_public_key = click.option("--key", "key", type=a_file, help="Sa clé publique (PEM) / the person's public key (PEM).")


@click.group()
def person() -> None:
    """Personnes habilitées / enrolled people."""


@person.command("enrol")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="Rôle / role.")
@_public_key
@as_json
@setting
@proved
def person_enrol(setting: Setting, by: Callable[[], Presented], role: str, key: Path | None, *, as_json: bool) -> None:
    """Habiliter une personne, dont le nom est demandé / enrol a person, whose name is asked for.

    La première d'un poste est un administrateur. / The first of a station is an administrator.
    """
    from consent_gate.people import Role
    from pipeline.office import enrolling

    with setting.station() as station:
        enrolling.require_vouching(station, Role(role), _vouching())
        name = ask(setting, "ask-name", hidden=False) or ""
        factor = _factor(setting, station, name, key, as_json=as_json)
        vouching = None if enrolling.nobody(station) else by()
        made = enrolling.enrol(station, name, Role(role), factor, vouching)
    if as_json:
        out_json({"person": made.id, "role": made.role.value, "factor": made.factor.value})
    else:
        out(say("person-enrolled", setting.tongue, id=made.id))


@person.command("list")
@click.option("--names", is_flag=True, help="Avec les noms : un second facteur est demandé / with names, by a factor.")
@as_json
@setting
@proved
def person_list(setting: Setting, by: Callable[[], Presented], *, names: bool, as_json: bool) -> None:
    """Les personnes habilitées, par leur numéro / the enrolled people, by their numbers."""
    from pipeline.office import enrolling

    with setting.station() as station:
        found = enrolling.named_people(station, by()) if names else enrolling.people(station)
        answers = [
            {
                "person": one.id,
                **({"name": one.name} if names else {}),
                "role": one.role.value,
                "factor": one.factor.value,
                "enrolled_at": one.enrolled_at.isoformat(),
                "disabled_at": one.disabled_at.isoformat() if one.disabled_at else None,
                "locked_at": one.locked_at.isoformat() if one.locked_at else None,
            }
            for one in found
        ]
    show(setting, answers, "people", as_json=as_json)


@person.command("disable")
@click.argument("identifier", metavar="ID")
@setting
@proved
def person_disable(setting: Setting, by: Callable[[], Presented], identifier: str) -> None:
    """Retirer son habilitation à une personne / let a person do nothing any more."""
    from pipeline.office import enrolling

    with setting.station() as station:
        enrolling.disable(station, identifier, by())
    talk(say("person-disabled", setting.tongue, id=identifier))


@person.command("unlock")
@click.argument("identifier", metavar="ID")
@setting
@proved
def person_unlock(setting: Setting, by: Callable[[], Presented], identifier: str) -> None:
    """Débloquer une personne après trop de codes faux / after too many wrong codes."""
    from pipeline.office import enrolling

    with setting.station() as station:
        enrolling.unlock(station, identifier, by())
    talk(say("person-unlocked", setting.tongue, id=identifier))


@person.command("renew")
@click.argument("identifier", metavar="ID")
@_public_key
@as_json
@setting
@proved
def person_renew(
    setting: Setting, by: Callable[[], Presented], identifier: str, key: Path | None, *, as_json: bool
) -> None:
    """Donner un autre second facteur (perdu, vu par un tiers) / another second factor (lost, seen by others)."""
    from pipeline.office import enrolling

    with setting.station() as station:
        enrolling.require_administrator(station, _vouching(), "renew")
        factor = _factor(setting, station, identifier, key, as_json=as_json)
        enrolling.renew(station, identifier, factor, by())
    talk(say("person-renewed", setting.tongue, id=identifier))


def _vouching() -> str:
    """The number of who vouches, as it was given."""
    return str(click.get_current_context().params.get("person") or "")


def _factor(setting: Setting, station: Station, label: str, key: Path | None, *, as_json: bool) -> NewFactor:
    """The person's public key; or a secret, shown once, and the code that the device makes of it."""
    from pipeline.office.enrolling import NewCodes, NewKey, offer
    from pipeline.office.text_codes import text_code

    if key is not None:
        return NewKey(key.read_bytes())
    offered = offer(station, label)
    if as_json:
        out_json({"otpauth": offered.uri})
    else:
        out(say("person-secret", setting.tongue, code=text_code(offered.uri), uri=offered.uri))
    return NewCodes(offered.secret, ask(setting, "ask-first-code") or "")
