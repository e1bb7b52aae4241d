"""Batches, boxes and the list of what is not to be fed, as a terminal shows them."""

from collections.abc import Iterator, Mapping, Sequence

from lexicon.flags import FLAGS
from lexicon.screens import say
from lexicon.sentences import Language
from pipeline.office.answers import Answer
from pipeline.office.report import accounts_text, gaps_text
from pipeline.office.tabling import Telling, at, folded, shown

_INDENT = "      "


def apart_text(closed: Sequence[Answer], paths: Sequence[str], language: Language) -> str:
    """Whose paper is to be taken out, where it lies, and the slug that `refusal list` would show."""
    if not closed:
        return say("apart-none", language)
    lines = [say("apart", language, count=len(closed))]
    for one in closed:
        places = [say(f"apart-{name}", language, **{name: one[name]}) for name in ("box", "position") if one[name]]
        kind = f" {one['doc_type']}" if one["doc_type"] else ""
        told = {"reference": one["patient"], "type": kind, "place": "".join(places), "reason": one["reason"]}
        lines.append(say("apart-line", language, **told))
    return "\n".join([*lines, say("apart-written", language, paths=", ".join(paths))] if paths else lines)


def batch_text(answer: Answer, telling: Telling) -> str:
    """What stands above a batch's files and documents."""
    language = telling.language
    state = say("batch-ended" if answer["closed"] else "batch-open", language)
    lines = [say("batch-title", language, label=shown(answer["label"]), batch=answer["batch"], state=state)]
    if answer["announced"]:
        lines += _announced(answer, language)
    if answer["gaps"] and (answer["closed"] or not answer["announced"]):
        lines.append(say("batch-unlike", language, batch=answer["batch"], counts=gaps_text(answer["gaps"], language)))
    if answer["confirmed_at"]:
        lines.append(say("batch-confirmed-before", language, at=at(answer["confirmed_at"], telling)))
    pairs = ({"first": first, "second": second} for first, second in answer["neighbours"])
    lines += [say("batch-neighbours", language, **pair) for pair in pairs]
    if answer["waiting"]:
        lines.append(say("batch-awaited", language, count=answer["waiting"]))
    lines += _flagged(answer, language)
    return "\n".join(lines)


def _flagged(answer: Answer, language: Language) -> Iterator[str]:
    """How many pages are flagged, and with what."""
    if not answer["flags"]:
        return
    yield say("batch-flagged", language, batch=answer["batch"])
    for slug, count in answer["flags"].items():
        yield say("batch-flag", language, count=count, what=FLAGS[slug].what(language), flag=slug)


def _announced(answer: Answer, language: Language) -> Iterator[str]:
    said = answer["announced"]
    if said["box"]:
        seal = say("batch-seal", language, seal=said["seal"]) if said["seal"] else ""
        yield say("batch-from", language, box=said["box"], seal=seal)
    counts = _counts({name: said[name] for name in ("sheets", "documents", "pages", "patients")}, language)
    if counts:
        yield say("batch-announced", language, counts=counts)
    yield say("batch-seen", language, counts=_counts(answer["seen"], language))
    patients = answer["patients"]
    if patients is None:
        return
    numbers = {name: len(patients[name]) for name in ("seen", "not_seen", "not_announced")}
    yield say("batch-patients", language, announced=said["patients"], **numbers)
    not_seen = [_placed(one) for one in patients["not_seen"]]
    told = (
        ("batch-not-seen", not_seen),
        ("batch-fed", patients["fed_though_apart"]),
        ("batch-not-announced", patients["not_announced"]),
    )
    for name, several in told:
        if several:
            yield from folded(say(name, language, references=", ".join(several)).strip(), _INDENT)


def _placed(one: Mapping[str, str | None]) -> str:
    return f"{one['patient']} ({one['position']})" if one["position"] else str(one["patient"])


def _counts(counts: Mapping[str, int | None], language: Language) -> str:
    return ", ".join(say(f"count-{name}", language, count=count) for name, count in counts.items() if count is not None)


def box_text(answer: Answer, language: Language) -> str:
    """Both equations of a box, then its batches."""
    _, *accounts = accounts_text(answer["images"], answer["paper"], language)
    lines = [say("box-title", language, box=answer["box"]), *accounts]
    paper = answer["paper"]
    if paper["declared"] and paper["announced"] > paper["received"]:
        lines.append(
            say(
                "batch-box-short",
                language,
                **{name: paper[name] for name in ("received", "announced")},
                box=answer["box"],
            )
        )
    for one in answer["batches"]:
        state = say("batch-ended" if one["closed"] else "batch-open", language)
        counts = {
            "documents": one["seen"]["documents"],
            "receipts": one["receipts"],
            "images": one["images"]["captured"],
        }
        lines.append(say("box-batch", language, label=shown(one["label"]), batch=one["batch"], state=state, **counts))
    return "\n".join(lines if answer["batches"] else [*lines, say("box-no-batch", language)])
