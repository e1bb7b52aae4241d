"""Events, answers and verdicts as JSON lines and as plain text for a terminal. Nothing is printed here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from lexicon.catalogue import ALARMS, FAULTS, FLAWS, REASONS
from lexicon.conflicts import CONFLICTS
from lexicon.reviews import DECISIONS, said
from lexicon.screens import say
from lexicon.sentences import Language, Sentence
from pipeline.events import (
    Accounts,
    BatchClosed,
    DocumentSettled,
    Event,
    FileSettled,
    FilesLeft,
    FileTaken,
    Hindered,
    InboxGone,
    PagesRead,
)
from pipeline.office.answers import Answer, images_answer, paper_answer
from pipeline.office.pages import flags_text
from pipeline.office.tabling import folded, ranges, shown
from storage.evidence import Return, Verdict
from storage.times import write_time

_SEVERAL: Final = 2


def lines_of(event: Event) -> Iterator[Answer]:
    """The JSON Lines of the command contract: documents, files, accounts; and beside them batches and files left."""
    match event:
        case DocumentSettled():
            yield {
                "kind": "document",
                "document": event.document,
                "batch": event.batch,
                "file": event.name,
                "pages": list(event.pages),
                "patient": event.patient,
                "doc_type": event.doc_type,
                "outcome": event.outcome,
                "reason": event.reason,
                "identified_by": list(event.identified_by),
                "object": event.object_key,
                "sha256": event.sha256,
            }
        case FileSettled():
            yield {
                "kind": "file",
                "file": event.name,
                "sha256": event.sha256,
                "pages": event.pages,
                "accounted": event.accounted,
                "columns": dict(event.columns),
                "reason": event.reason or event.kept,
                "batch": event.batch,
                "flags": {str(page): list(flags) for page, flags in event.flags.items()},
            }
        case Accounts():
            yield _accounts_line(event)
        case BatchClosed():
            yield {
                "kind": "batch",
                "batch": event.batch,
                "documents": event.documents,
                "deposited": event.deposited,
                "unlike": {name: list(counts) for name, counts in event.unlike.items()},
            }
        case FilesLeft():
            yield {"kind": "left", "reason": event.kind, "files": event.count}
        case InboxGone():
            yield {"kind": "inbox", "folder": event.folder, "back": event.back}
        case Hindered():
            yield {"kind": "hindered", "fault": event.fault, "over": event.over}
        case PagesRead():
            place = {"document": event.document, "batch": event.batch, "file": event.name}
            yield {"kind": "reading", **place, "read": event.read, "pages": event.of}
        case FileTaken():
            return


def _by(event: DocumentSettled, language: Language) -> str:
    """The sources by which its patient is known, in brackets; nothing where the separator alone is asked."""
    if len(event.identified_by) < _SEVERAL:
        return ""
    return f"({', '.join(say(f'source-{one}', language) for one in event.identified_by)})"


def _accounts_line(event: Accounts) -> Answer:
    return {
        "kind": "accounts",
        "images": images_answer(event.images),
        "paper": paper_answer(event.paper),
        "station": {"images": images_answer(event.station_images)},
        "custody": {
            "purged": event.custody.purged,
            "median_seconds": event.custody.median,
            "longest_seconds": event.custody.longest,
        },
        "waiting": dict(event.waiting),
    }


def spoken(event: Event, language: Language) -> Iterator[str]:
    """The same for an operator's terminal."""
    match event:
        case FileTaken():
            yield say("file-taken", language, name=shown(event.name))
        case PagesRead(document=document, read=read, of=of):
            yield say("pages-read", language, document=document, read=read, of=of, name=shown(event.name))
        case DocumentSettled():
            yield say(
                f"document-{event.outcome}",
                language,
                document=event.document,
                pages=ranges(event.pages),
                patient=event.patient or "—",
                doc_type=event.doc_type or "",
                by=_by(event, language),
                what=f"{reason_sentence(event.reason).what(language)} [{event.reason}]" if event.reason else "",
            ).rstrip()
            if event.look_at:
                yield say("refusals-look", language, page=event.look_at, seen="")
        case FileSettled():
            yield from _file_text(event, language)
        case BatchClosed():
            yield from _closed(event, language)
        case FilesLeft():
            yield say("files-left", language, count=event.count, what=say(f"left-{event.kind}", language))
        case InboxGone() | Hindered():
            yield from _hindrance(event, language)
        case Accounts():
            yield from accounts_text(
                images_answer(event.images),
                paper_answer(event.paper),
                language,
                title="accounts-run",
            )
            yield say(
                "accounts-custody",
                language,
                purged=event.custody.purged,
                median=event.custody.median,
                longest=event.custody.longest,
            )
            yield from waiting_text(event.waiting, language)


def _closed(event: BatchClosed, language: Language) -> Iterator[str]:
    yield say("batch-closed", language, batch=event.batch, documents=event.documents, deposited=event.deposited)
    if event.unlike:
        yield say("batch-unlike", language, batch=event.batch, counts=gaps_text(event.unlike, language))


def gaps_text(gaps: Mapping[str, Sequence[int]], language: Language) -> str:
    """What was counted otherwise than announced, in words."""
    told = (
        say(f"gap-{name}", language, announced=announced, seen=came, gap=f"{came - announced:+}")
        for name, (announced, came) in gaps.items()
    )
    return ", ".join(told)


def _hindrance(event: InboxGone | Hindered, language: Language) -> Iterator[str]:
    """What keeps the station for now, with what to do about it; and that it is over."""
    match event:
        case InboxGone():
            yield say("inbox-back" if event.back else "inbox-gone", language, folder=event.folder)
        case Hindered(over=True):
            yield say("hindered-no-more", language, fault=event.fault)
        case Hindered():
            yield say("hindered", language, fault=event.fault, hint=FAULTS[event.fault].hint(language))


def accounts_text(
    images: Mapping[str, Any], paper: Mapping[str, Any], language: Language, *, title: str = "accounts"
) -> Iterator[str]:
    """Both equations, each with its verdict. `title` is a screen: `accounts-run` where the images are a run's own."""

    def verdict(equation: Mapping[str, Any]) -> str:
        return say("balanced" if equation["balanced"] else "unbalanced", language)

    yield say(title, language)
    places = {name.replace("-", "_"): count for name, count in images.items() if name != "balanced"}
    yield say("accounts-images", language, verdict=verdict(images), **places)
    moved = {name: paper[name] for name in ("received", "workshop", "returned", "destroyed")}
    remark = "" if paper["declared"] else say("accounts-undeclared", language)
    if paper["waiting"] > 0:
        remark = say("accounts-waiting", language, sheets=paper["waiting"])
    yield say("accounts-paper", language, verdict=verdict(paper), remark=remark, **moved)


def status_text(answer: Answer, language: Language) -> str:
    """The station at a glance."""
    lines = [f"{answer['station']} ({answer['mode']})", *accounts_text(answer["images"], answer["paper"], language)]
    lines += forms_text(answer["forms"], language)
    lines += waiting_text(answer["waiting"], language)
    if answer["restricted"]:
        lines.append(say("restricted", language, count=answer["restricted"]))
    lines += due_text(answer["due"], language)
    lines += alarms_text(answer["alarms"], language)
    return "\n".join(lines)


def forms_text(forms: Mapping[str, Any], language: Language) -> Iterator[str]:
    """The equation of what was scanned into an inbox of authorizations, where anything was."""
    if forms["captured"]:
        places = {name.replace("-", "_"): count for name, count in forms.items() if name != "balanced"}
        verdict = say("balanced" if forms["balanced"] else "unbalanced", language)
        yield say("accounts-forms", language, verdict=verdict, **places)


def due_text(counts: Mapping[str, int], language: Language) -> Iterator[str]:
    """What is due of a person, each with its command."""
    if any(counts.values()):
        yield say("due", language)
    for name, count in counts.items():
        if count:
            yield f"  {say(f'due-{name}', language, count=count)}"


def alarms_text(standing: Sequence[Answer], language: Language) -> Iterator[str]:
    """What has lasted too long: how many, since when (UTC), and what to do."""
    if standing:
        yield say("alarms", language)
    for alarm in standing:
        sentence = ALARMS[alarm["alarm"]]
        since = f"{alarm['since'][:16].replace('T', ' ')} UTC" if alarm["since"] else "—"
        what, hint = sentence.what(language), sentence.hint(language)
        yield say("alarm-line", language, count=alarm["count"], what=what, hint=hint, since=since, slug=alarm["alarm"])


def waiting_text(waiting: Mapping[str, int], language: Language) -> Iterator[str]:
    """What waits for a person: how many, why, and what to do; the most frequent first."""
    if waiting:
        yield say("waiting", language)
    for reason, count in sorted(waiting.items(), key=lambda item: (-item[1], item[0])):
        sentence = reason_sentence(reason)
        what, hint = sentence.what(language), sentence.hint(language)
        yield say("waiting-line", language, count=count, what=what, hint=hint, reason=reason)


def refusals_text(answers: Sequence[Answer], language: Language) -> str:
    """What is not deposited, by batch and file, each with its reason and the next step."""
    lines: list[str] = []
    last: tuple[str, str] | None = None
    for answer in answers:
        place = (answer["label"], answer["name"])
        if place != last:
            lines.append(say("refusals-file", language, label=shown(place[0]), name=shown(place[1])))
            last = place
        sentence = reason_sentence(answer["reason"])
        told = say(
            f"refusals-{answer['outcome']}",
            language,
            pages=ranges(answer["pages"]) or "—",
            patient=answer["patient"] or "—",
            what=sentence.what(language),
            reason=answer["reason"],
        )
        lines += folded(told.strip(), "      ", first="  ")
        if answer["look_at"]:
            seen = ", ".join(said(CONFLICTS, kind, language) for kind in answer["contradicts"])
            lines.append(say("refusals-look", language, page=answer["look_at"], seen=f" ({seen})" if seen else ""))
        opens = answer.get("openable")
        hint = say("refusals-openable", language, id=answer["document"]) if opens else sentence.hint(language)
        lines += folded(hint, "      ")
        if answer.get("may"):
            key = "refusals-may-closed" if answer["days_left"] is None else "refusals-may"
            may = ", ".join(said(DECISIONS, kind, language) for kind in answer["may"])
            told = say(key, language, id=answer["document"], may=may, days=answer["days_left"] or 0)
            lines += folded(told.strip(), "      ")
    return "\n".join(lines) or say("none-found", language)


def verdict_answer(verdict: Verdict) -> Answer:
    finding = verdict.finding
    return {
        "verified": verdict.verified,
        "entries": verdict.entries,
        "root": verdict.root,
        "checkpoints": verdict.checkpoints,
        "anchored": verdict.anchored,
        "guarantee": verdict.guarantee.value,
        "returns": [return_answer(found) for found in verdict.returns],
        "lost_anchors": verdict.lost_anchors,
        "clocks": list(verdict.clocks),
        "finding": {"flaw": finding.flaw.value, "first": finding.first, "last": finding.last} if finding else None,
    }


def verdict_text(verdict: Verdict, language: Language) -> str:
    """What was found, and what it is worth."""
    finding = verdict.finding
    if finding is None:
        found = say("verified", language, entries=verdict.entries, root=verdict.root)
    else:
        sentence = FLAWS[finding.flaw.value]
        flaw = f"{sentence.what(language)} {sentence.hint(language)} [{finding.flaw.value}]"
        found = say("not-verified", language, flaw=flaw, first=finding.first, last=finding.last)
    lines = [found, *(say("returns", language, **return_answer(one)) for one in verdict.returns)]
    lines += [say("clock-was-accepted", language, seq=seq) for seq in verdict.clocks]
    if verdict.lost_anchors:
        lines.append(say("anchors-lost", language, count=verdict.lost_anchors))
    return "\n".join([*lines, say(f"guarantee-{verdict.guarantee.value}", language, anchored=verdict.anchored)])


def return_answer(found: Return) -> dict[str, int | str]:
    """A return from a backup, as the ledger declares it."""
    return {
        "seq": found.seq,
        "epoch": found.epoch,
        "since": write_time(found.since),
        "at": write_time(found.at),
        "missing": found.missing,
    }


def reason_sentence(reason: str) -> Sentence:
    """How a reason, or the code of a fault that became one, is said."""
    return REASONS.get(reason) or FAULTS[reason]


def _file_text(event: FileSettled, language: Language) -> Iterator[str]:
    """Where a file's images stand, why it goes no further, and which of its pages to look at."""
    ended = {**event.columns, "in-progress": event.pages - event.accounted}
    columns = [(say(f"column-{name}", language), count) for name, count in ended.items() if count]
    counted = " + ".join(f"{count} {column}" for column, count in columns)
    yield say("file-settled", language, name=shown(event.name), pages=event.pages, columns=counted or "0")
    if reason := event.reason or event.kept:
        yield f"             {reason_sentence(reason).what(language)} [{reason}]"
    if event.flags:
        yield say("file-flags", language, what=flags_text(event.flags, language))
