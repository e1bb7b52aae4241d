"""What outlives the machine: backups made, opened to be sure, and the way back."""

from __future__ import annotations

import shlex
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.setting import Setting, a_file, a_folder, as_json, client_key, out, out_json, setting, talk
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.office.returning import Returned

_MEMORY = Path("/dev/shm")  # noqa: S108  a memory file system; the folder made in it is 0700 and has no fixed name
_key = click.option(
    "--key", "key_path", type=a_file, required=True, help="Clé privée du client / client's private key."
)
_cert = click.option("--cert", "certificate_path", type=a_file, required=True, help="Son certificat / its certificate.")
_fingerprint = click.option("--fingerprint", help="Empreinte du certificat du poste / of the station's certificate.")


@click.group(invoke_without_command=True)
@click.option("--out", "target", type=click.Path(file_okay=False, path_type=Path), help="Dossier / folder.")
@click.option("--to-host/--not-to-host", default=None, help="Aussi chez l'hébergeur / at the host too.")
@as_json
@setting
@click.pass_context
def backup(context: click.Context, setting: Setting, target: Path | None, to_host: bool | None, as_json: bool) -> None:
    """Faire une sauvegarde, chiffrée pour le client et le séquestre / make a backup, sealed for client and escrow."""
    from pipeline.office.backing import take_backup

    if context.invoked_subcommand is not None:
        return
    with setting.station() as station:
        taken = take_backup(station, out=target, to_host=to_host)
    manifest = taken.manifest
    answer: dict[str, int | str] = {
        "backup": manifest.backup,
        "path": str(taken.path),
        "at_host": taken.at_host,
        "bytes": taken.size,
        "parts": len(manifest.parts),
        "entries": manifest.entries,
        "root": manifest.root,
    }
    out_json(answer) if as_json else out(say("backup-made", setting.tongue, **answer))


@backup.command("list")
@as_json
@setting
def backup_list(setting: Setting, as_json: bool) -> None:
    """Les sauvegardes gardées / the backups that are kept."""
    from commands.setting import show
    from pipeline.office.backing import folder_of, kept

    config = setting.config()
    found = [manifest for manifest in kept(folder_of(config)) if manifest.station == config.station.id]
    answers = [
        {
            "backup": manifest.backup,
            "at": manifest.at,
            "entries": manifest.entries,
            "bytes": sum(part.size for part in manifest.parts),
            "software": manifest.software,
        }
        for manifest in found
    ]
    show(setting, answers, "backups", as_json=as_json)


@backup.command("verify")
@click.argument("folder", type=a_folder)
@_key
@_cert
@_fingerprint
@as_json
@setting
def backup_verify(
    setting: Setting, folder: Path, key_path: Path, certificate_path: Path, fingerprint: str | None, as_json: bool
) -> None:
    """Ouvrir la sauvegarde FOLDER en entier, en mémoire, et la vérifier / open a backup whole and verify it."""
    from pipeline.office.backing import note_verified, open_backup
    from pipeline.workshop import Workshop

    key, certificate = client_key(key_path, certificate_path, setting)
    memory = Workshop(_MEMORY if _MEMORY.is_dir() else Path(tempfile.gettempdir()), "backup-verify")
    with ExitStack() as at_end:
        at_end.callback(memory.leave)  # killed, it leaves the station's keys there: the next one sweeps them away
        opened = open_backup(folder, key, certificate, memory.enter(), fingerprint=fingerprint)
        if setting.config_path is not None:
            with setting.station() as station:
                note_verified(station, opened)
    manifest = opened.manifest
    answer: dict[str, int | str] = {
        "backup": manifest.backup,
        "station": manifest.station,
        "at": manifest.at,
        "entries": manifest.entries,
        "root": manifest.root,
        "fingerprint": manifest.fingerprint,
        "verified": True,
    }
    out_json(answer) if as_json else out(say("backup-verified", setting.tongue, **answer))


@click.command()
@click.argument("backup", type=a_folder)
@_key
@_cert
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), required=True, help="Dossier neuf / new folder."
)
@click.option("--database-url", help="Autre base de données / another database.")
@click.option("--with-config", type=a_file, help="Autre configuration / another configuration.")
@click.option("--saved", type=a_folder, help="Dossier du poste perdu / the lost station's folder.")
@_fingerprint
@as_json
@setting
def restore(
    setting: Setting,
    backup: Path,
    key_path: Path,
    certificate_path: Path,
    into: Path,
    database_url: str | None,
    with_config: Path | None,
    saved: Path | None,
    fingerprint: str | None,
    as_json: bool,
) -> None:
    """Remettre un poste en place, d'une sauvegarde, sur une machine nue / bring a station back on a bare machine."""
    from pipeline.office.returning import Return, restore

    key, certificate = client_key(key_path, certificate_path, setting)
    asked = Return(backup, key, certificate, into, database_url, with_config, saved, fingerprint)
    returned = restore(asked)
    if as_json:
        out_json(_answer(returned))
    else:
        _tell(setting, returned)
    raise SystemExit(EXIT_WAITING if returned.rebuilt.lost else EXIT_DONE)


def _answer(returned: Returned) -> dict[str, object]:
    rebuilt = returned.rebuilt
    return {
        "station": returned.station,
        "config": str(returned.config),
        "return": returned.epoch,
        "backup": returned.backup,
        "backed_up_at": returned.backed_up_at,
        "entries_in_backup": returned.backed_up,
        "entries": returned.entries,
        "records": returned.records,
        "records_damaged": returned.damaged,
        "entries_missing": returned.missing,
        "window": {"since": returned.since.isoformat(), "until": returned.until.isoformat()},
        "working_copies": returned.working_copies,
        "receipts_rebuilt": rebuilt.receipts,
        "documents_under_way": rebuilt.under_way,
        "files_recaptured": rebuilt.recaptured,
        "scan_again": [{"batch": lost.label, "file": lost.name, "pages": list(lost.pages)} for lost in rebuilt.lost],
        "fingerprint": returned.fingerprint,
    }


def _tell(setting: Setting, returned: Returned) -> None:
    from pipeline.office.tabling import shown

    def tell(name: str, **places: int | str) -> None:
        out(say(name, setting.tongue, **places))

    rebuilt = returned.rebuilt
    tell("restored", station=returned.station, epoch=returned.epoch, at=returned.backed_up_at, backup=returned.backup)
    tell("restored-entries", backed_up=returned.backed_up, entries=returned.entries, records=returned.records)
    tell(
        "restored-documents",
        receipts=rebuilt.receipts,
        under_way=rebuilt.under_way,
        recaptured=rebuilt.recaptured,
        copies=returned.working_copies,
    )
    tell("restored-window", since=f"{returned.since:%Y-%m-%d %H:%M:%S}", until=f"{returned.until:%Y-%m-%d %H:%M:%S}")
    if returned.missing or returned.damaged:
        tell("restored-fork", missing=returned.missing, damaged=returned.damaged)
    if rebuilt.lost:
        tell("restored-lost", count=len(rebuilt.lost))
    for lost in sorted(rebuilt.lost, key=lambda one: (one.label, one.name, one.pages)):
        pages = ", ".join(map(str, lost.pages)) or "—"
        tell("restored-lost-line", label=shown(lost.label), file=shown(lost.name), pages=pages)
    tell("restored-fingerprint", fingerprint=returned.fingerprint)
    talk(say("restored-next", setting.tongue, config=shlex.quote(str(returned.config))))
