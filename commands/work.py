"""Paper going through: process, watch, status."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from commands.setting import Setting, a_folder, as_json, out, out_json, setting, talk
from lexicon.faults import EXIT_INTERRUPTED
from lexicon.screens import say

_ENDING = (signal.SIGTERM, signal.SIGINT)


@click.command()
@click.argument("folder", type=a_folder)
@as_json
@setting
def process(setting: Setting, folder: Path, as_json: bool) -> None:
    """Le parcours, une fois, sur FOLDER / the journey, once, over a folder.

    Les fichiers d'un dossier de dépôt sont pris ; ceux d'un autre dossier sont lus et laissés en place.
    A drop folder's files are taken; another folder's are read and left in place.
    """
    from pipeline.runs import process_folder

    with setting.station() as station:
        reporter = _reporter(setting, as_json=as_json)
        with _stopping() as stop:
            outcome = process_folder(station, folder, reporter, stop)
    raise SystemExit(EXIT_INTERRUPTED if stop.is_set() else outcome)


@click.command()
@as_json
@setting
def watch(setting: Setting, as_json: bool) -> None:
    """Le démon : surveille les dossiers de dépôt / the daemon: watches the drop folders."""
    from pipeline.daemon import watch_inboxes
    from pipeline.office.attendance import attended

    with setting.station() as station, attended(station, rings=True) as attendance:
        folders = ", ".join(str(station.config.path(inbox.folder)) for inbox in station.config.inbox)
        reporter = _reporter(setting, as_json=as_json)

        def started() -> None:
            attendance.ready()
            talk(say("watching", setting.tongue, folder=folders))

        def tell(event: Any) -> None:
            attendance.tell(event)
            reporter(event)

        with _stopping() as stop:
            watch_inboxes(station, tell, stop, started)
        talk(say("stopped", setting.tongue))


@click.command()
@setting
def worker(setting: Setting) -> None:
    """Un processus de plus au travail, sur cette machine ou une autre / one more process at work (PostgreSQL)."""
    from pipeline.daemon import work_along
    from pipeline.office.attendance import attended

    with setting.station() as station, attended(station, rings=False) as attendance:

        def started() -> None:
            attendance.ready()
            talk(say("working", setting.tongue))

        with _stopping() as stop:
            work_along(station, stop, started)
        talk(say("stopped", setting.tongue))


def _reporter(setting: Setting, *, as_json: bool) -> Any:
    from pipeline.office.journal import note
    from pipeline.office.report import lines_of, spoken

    def tell(event: Any) -> None:
        note(event)
        if as_json:
            for line in lines_of(event):
                out_json(line)
        else:
            for text in spoken(event, setting.tongue):
                out(text)

    return tell


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """What SIGTERM and Ctrl-C set, to end the work after the step in hand.

    A thread hears of them: a handler would run within whatever the main thread does, the locks of the stop held.
    """
    from pipeline.office.attendance import Stop

    stop = Stop()
    heard, tell = os.pipe()
    os.set_blocking(tell, False)
    for number in _ENDING:
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(tell, warn_on_full_buffer=False)

    def hear() -> None:
        while told := os.read(heard, 1):
            if told[0] in _ENDING:
                stop.set()

    hearing = threading.Thread(target=hear, name="signals")
    hearing.start()
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(-1)
        os.close(tell)
        hearing.join()
        os.close(heard)


@click.command()
@as_json
@setting
def status(setting: Setting, as_json: bool) -> None:
    """Où en est le poste, ce qui attend / where the station stands, what waits."""
    from pipeline.office import answers
    from pipeline.office.report import status_text

    with setting.station() as station:
        answer = answers.status(station)
    out_json(answer) if as_json else out(status_text(answer, setting.tongue))
