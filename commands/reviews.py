"""What was refused or is held, and what waits for somebody: lists, one document, decisions of two."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands import deciding
from commands.proving import proved
from commands.setting import Setting, as_json, out, out_json, setting, show, talk
from lexicon.faults import EXIT_DONE, EXIT_WAITING
from lexicon.screens import say

if TYPE_CHECKING:
    from pipeline.office.people import Presented


@click.group()
def refusal() -> None:
    """Documents refusés ou en attente / refused or held documents."""


refusal.add_command(deciding.review)


@refusal.command("release")
@click.option("--count", type=click.IntRange(min=1), required=True, help="Combien repartent / how many go on.")
@setting
@proved
def refusal_release(setting: Setting, by: Callable[[], Presented], count: int) -> None:
    """Confirmer combien de documents repartent (autre chose que « liasse release ») / confirm how many documents go on
    (another thing than 'liasse release').
    """
    from pipeline.office.rejudging import release

    with setting.station() as station:
        rejudged = release(station, count, by)
    out(say("went-on", setting.tongue, count=len(rejudged.gone_on)))


@refusal.command("list")
@as_json
@setting
def refusal_list(setting: Setting, as_json: bool) -> None:
    """Ce qui attend une personne, et pourquoi / what waits for a person, and why."""
    from pipeline.office import showing
    from pipeline.office.report import refusals_text

    with setting.station() as station:
        found = showing.waiting(station)
    if as_json:
        show(setting, found, "documents", as_json=True)
    else:
        out(refusals_text(found, setting.tongue))
        releasable = sum(one["releasable"] for one in found)
        if releasable:
            out(say("due-releasable", setting.tongue, count=releasable))


@refusal.command("show")
@click.argument("identifier", metavar="DOCUMENT|DECISION")
@click.option("--strip", type=click.Path(dir_okay=False, path_type=Path), help="Bande masquée / masked strip (PNG).")
@as_json
@setting
@proved
def refusal_show(
    setting: Setting, identifier: str, by: Callable[[], Presented], strip: Path | None, *, as_json: bool
) -> None:
    """Un document, ou une décision qui attend ; la consultation est tracée / a document, or a decision that waits."""
    from pipeline.office import reviews, second, showing
    from pipeline.office.review_text import decision_text, show_text

    with setting.station() as station:
        if any(one.id == identifier for one in reviews.waiting(station)):
            answer, text = second.show(station, identifier, by()), decision_text
        else:
            answer, text = showing.show(station, identifier, by(), strip), show_text
    out_json(answer) if as_json else out(text(answer, setting.tongue))


@refusal.command("waiting")
@as_json
@setting
def refusal_waiting(setting: Setting, as_json: bool) -> None:
    """Décisions qui attendent une deuxième personne / decisions that wait for a second person."""
    from pipeline.office import reviews

    with setting.station() as station:
        found = [
            {"review": one.id, "decision": one.kind, "object": one.object, "person": one.person, "at": str(one.at)}
            for one in reviews.waiting(station)
        ]
    show(setting, found, "reviews", as_json=as_json)


@refusal.command("confirm")
@click.argument("review")
@as_json
@setting
@proved
def refusal_confirm(setting: Setting, review: str, by: Callable[[], Presented], *, as_json: bool) -> None:
    """Confirmer, en deuxième personne, la décision montrée / confirm the decision that is shown, as a second person."""
    from pipeline.office import reviews, second
    from pipeline.office.review_text import decision_text

    with setting.station() as station:
        talk(decision_text(second.told(station, reviews.get_waiting(station, review)), setting.tongue))
        decided = reviews.confirm(station, review, by())
        waits = deciding.told(setting, station, decided, as_json=as_json)
    raise SystemExit(EXIT_WAITING if waits else EXIT_DONE)


@refusal.command("decline")
@click.argument("review")
@setting
@proved
def refusal_decline(setting: Setting, review: str, by: Callable[[], Presented]) -> None:
    """Écarter une décision qui attend / decline a decision that waits."""
    from pipeline.office import reviews

    with setting.station() as station:
        reviews.decline(station, review, by())
    talk(say("review-declined", setting.tongue, id=review))
