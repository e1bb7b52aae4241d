"""What the register's commands say: a sheet line by line, a patient's facts and what the gate answers, type by type."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from consent_gate.imports import LineOutcome
from lexicon.catalogue import LINES
from lexicon.screens import say
from lexicon.sentences import Language
from pipeline.office.answers import Answer
from pipeline.office.fact_words import rests_on
from pipeline.office.report import reason_sentence
from pipeline.office.tables import FACTS_SHOWN
from pipeline.office.tabling import Telling, at, folded, ranges, shown, table_text
from storage.imports import ImportReport


def import_answer(report: ImportReport, kind: str) -> Answer:
    """What an import did, line by line for what was refused; never a cell's content."""
    return {
        "kind": kind,
        "import": report.id,
        "sha256": report.sha256,
        "lines": len(report.verdicts),
        **{outcome.value: report.count(outcome) for outcome in LineOutcome},
        "refusals": [
            {"line": v.line, "code": v.code, "column": v.column, "doubts": v.doubts}
            for v in report.verdicts
            if v.outcome is LineOutcome.REFUSED
        ],
        **_people_answer(report),
        "unread": list(report.unread),
    }


def _people_answer(report: ImportReport) -> Answer:
    """Of the register: whom its lines put in doubt; of the roster: how many look like another."""
    if report.alike is not None:
        return {"same_ins": report.alike.same_ins, "same_traits": report.alike.same_traits}
    if report.doubted is not None:
        return {"doubted": report.doubted, "doubting": [v.line for v in report.verdicts if v.doubts]}
    return {}


def import_text(report: ImportReport, language: Language) -> str:
    """The same for a terminal."""
    lines = []
    for verdict in report.verdicts:
        if verdict.outcome is LineOutcome.REFUSED:
            column = f" ({verdict.column})" if verdict.column else ""
            what = f"{line_text(verdict.code or '', language)}{column}"
            what += f" {say('import-line-doubts', language)}" if verdict.doubts else ""
            lines.append(say("import-line", language, line=verdict.line, what=what))
    counts = {outcome.value: report.count(outcome) for outcome in LineOutcome}
    lines.append(say("import-sum", language, lines=len(report.verdicts), **counts))
    if report.doubted:
        doubting = ranges([verdict.line for verdict in report.verdicts if verdict.doubts])
        lines.append(say("import-doubted", language, count=report.doubted, lines=doubting))
    if report.alike is not None and report.alike.same_ins:
        lines.append(say("import-same-ins", language, count=report.alike.same_ins))
    if report.alike is not None and report.alike.same_traits:
        lines.append(say("import-same-traits", language, count=report.alike.same_traits))
    if report.unread:
        names = ", ".join(shown(name) for name in report.unread)
        lines.append(say("import-unread", language, names=names))
    if report.id is None:
        lines.append(say("import-dry", language))
    return "\n".join(lines)


def line_text(code: str, language: Language) -> str:
    """Why a line was refused, with its next step."""
    sentence = LINES[code]
    return f"{sentence.what(language)} {sentence.hint(language)} [{code}]"


def register_text(answer: Answer, telling: Telling) -> str:
    """What the gate answers of a patient, type by type, and the facts that are on record."""
    language, known = telling.language, at(answer["known"], telling)
    lines = [say("register-day", language, patient=answer["patient"], on=answer["on"], known=known)]
    alike = defaultdict[str, list[str]](list)
    for one in answer["answers"]:
        alike[one["answer"]].append(one["doc_type"] or say("register-any-type", language))
    for slug, types in alike.items():
        said = say("register-cleared", language)
        if slug != "cleared":
            sentence = reason_sentence(slug)
            said = f"{sentence.what(language)} {sentence.hint(language)} [{slug}]"
        lines += folded(say("register-answer", language, type=", ".join(types), answer=said), "      ", first="  ")
    lines += _facts_text(answer["facts"], telling)
    for other in answer["same_person"]:
        lines += folded(say("register-same-person", language, patient=other["patient"]), "")
        lines += _facts_text(other["facts"], telling)
    return "\n".join(lines)


def _facts_text(facts: Sequence[Answer], telling: Telling) -> Iterator[str]:
    """A table, and under it what limits each fact and what it rests on, where anything does."""
    yield table_text(facts, FACTS_SHOWN, telling)
    for fact in facts:
        more = "  ".join(rests_on(fact, telling.language))
        if more:
            yield from folded(f"{fact['fact']}  {more}", "    ", first="  ")
