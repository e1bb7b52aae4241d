"""The host: what it really does."""

from __future__ import annotations

import click

from commands.setting import Setting, as_json, out, out_json, setting, talk
from lexicon.faults import EXIT_DONE, EXIT_HOST
from lexicon.screens import say


@click.group()
def host() -> None:
    """L'hébergeur / the host."""


@host.command("check")
@as_json
@setting
def host_check(setting: Setting, as_json: bool) -> None:
    """Essayer ce que l'hébergeur fait vraiment, et l'écrire / try what the host really does, and write it down."""
    from pipeline.office.host_check import check_host, told

    with setting.station() as station:
        report = check_host(station)
    if as_json:
        out_json(report.answer())
    else:
        out(told(report, setting.tongue))
        talk(say("host-unfit" if report.fails else "host-fit", setting.tongue, host=report.host))
    raise SystemExit(EXIT_HOST if report.fails else EXIT_DONE)
