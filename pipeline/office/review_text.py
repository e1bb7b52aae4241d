"""A document that waits for a decision, for a terminal."""

from collections.abc import Iterator

from lexicon.reviews import DECISIONS, FACTS, said
from lexicon.screens import say
from lexicon.sentences import Language
from pipeline.office.answers import Answer
from pipeline.office.report import reason_sentence, shown


def show_text(answer: Answer, language: Language) -> str:
    """Reason with its next step, what stays of the document and for how long, facts, and what was read to identify."""
    return "\n".join(_lines(answer, language))


def may_text(may: list[str], language: Language) -> str:
    return ", ".join(f"{kind} ({said(DECISIONS, kind, language)})" for kind in may)


def _lines(answer: Answer, language: Language) -> Iterator[str]:
    reason = answer["reason"]
    sentence = reason_sentence(reason)
    yield say("review-document", language, id=answer["document"], patient=shown(answer["patient"] or "—"))
    yield say("review-reason", language, what=sentence.what(language), reason=reason)
    yield f"  {sentence.hint(language)}"
    yield say(f"review-custody-{answer['custody'] or 'none'}", language, days=answer["days_left"] or 0)
    if answer["may"]:
        yield say("review-may", language, may=may_text(answer["may"], language))
    if answer["second"]:
        yield say("review-second", language, id=answer["second"])
    if answer["facts"]:
        yield say("review-facts", language)
    for fact in answer["facts"]:
        yield _fact(fact, language)
    for several in answer["contradictions"]:
        yield say("review-contradiction", language, facts=", ".join(several))
    if answer["doubtful"]:
        yield say("review-doubtful", language)
    if answer["identity"] is not None:
        yield from _identity(answer["identity"], language)


def _fact(fact: Answer, language: Language) -> str:
    until = f" → {fact['until']}" if fact["until"] else ""
    limits = [*(fact["doc_types"] or ()), *(fact["purposes"] or ())]
    more = [shown(", ".join(limits))] if limits else []
    more += [value for value in (fact["opposition"], fact["given_by"], fact["check"]) if value]
    evidence = fact.get("evidence")
    if evidence:
        more.append(evidence["kind"])
    if fact["about"]:
        more.append(f"({fact['about']})")
    text = f"{fact['on']}{until}  {said(FACTS, fact['kind'], language)}  {'  '.join(more)}".rstrip()
    return say("review-fact" if fact["stands"] else "review-fact-retracted", language, fact=fact["fact"], text=text)


def _identity(identity: Answer, language: Language) -> Iterator[str]:
    yield say("review-identity", language)
    for one in identity["read"]:
        yield f"  {one['trait']}: {shown(one['value'])} ({one['standing']})"
    if identity["unread"]:
        yield say("review-unread", language, traits=", ".join(identity["unread"]))
    if identity["strip"]:
        yield say("review-strip", language, path=identity["strip"])
