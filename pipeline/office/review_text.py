"""A document that waits for a decision, and a decision that waits for a second person, for a terminal."""

from collections.abc import Iterator

from lexicon.reviews import (
    DECISIONS,
    DETACH_REASONS,
    DISMISS_REASONS,
    EVIDENCE,
    FACTS,
    GIVERS,
    MAINTAIN_REASONS,
    READING,
    SETTLE_REASONS,
    said,
)
from lexicon.screens import say
from lexicon.sentences import Language
from lexicon.words import FORM_OUTCOMES, OPPOSITIONS, TRAIT_STANDINGS, TRAITS
from pipeline.office.answers import Answer
from pipeline.office.fact_words import rests_on
from pipeline.office.report import reason_sentence
from pipeline.office.tabling import shown


def show_text(answer: Answer, language: Language) -> str:
    """Reason with its next step, what stays of the document and for how long, facts, and what was read to identify."""
    return "\n".join(_lines(answer, language))


def decision_text(answer: Answer, language: Language) -> str:
    """What was decided, of whom, why and on what evidence, as a second person has to know it (`second.told`)."""
    return "\n".join(_decision(answer, language))


def gate_text(answers: list[Answer], language: Language) -> str:
    """What the gate answers of each document now (`afterwards.gate_now`), with the next step."""
    lines: list[str] = []
    for one in answers:
        document, answer = one["document"], one["answer"]
        if answer == "cleared":
            lines.append(say("review-gate-open", language, id=document))
            lines += [f"  {say('refusals-openable', language, id=document)}"] if one["closed"] else []
            continue
        sentence = reason_sentence(answer)
        lines.append(say("review-gate", language, id=document, what=sentence.what(language), reason=answer))
        lines.append(f"  {sentence.hint(language)}")
    return "\n".join(lines)


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
    for other in answer["same_person"]:
        yield say("register-same-person", language, patient=other["patient"])
        yield from (_fact(fact, language) for fact in other["facts"])
    for several in answer["contradictions"]:
        yield say("review-contradiction", language, facts=", ".join(several))
    if answer["doubtful"]:
        yield say("review-doubtful", language)
    if answer["identity"] is not None:
        yield from _identity(answer["identity"], language)


def _fact(fact: Answer, language: Language) -> str:
    until = f" → {fact['until']}" if fact["until"] else ""
    slugs = ((OPPOSITIONS, "opposition"), (GIVERS, "given_by"))
    more = [said(words, fact[name], language) for words, name in slugs if fact[name]]
    more += rests_on(fact, language)
    if fact["about"]:
        more.append(f"({fact['about']})")
    text = f"{fact['on']}{until}  {said(FACTS, fact['kind'], language)}  {'  '.join(more)}".rstrip()
    return say("review-fact" if fact["stands"] else "review-fact-retracted", language, fact=fact["fact"], text=text)


def _identity(identity: Answer, language: Language) -> Iterator[str]:
    named = identity["named"]
    if named is not None:
        traits = traits_text(named["traits"] or {}, language)
        yield say(f"review-named-{named['by']}", language, patient=shown(named["patient"]), traits=traits).rstrip()
    yield say("review-identity", language)
    for one in identity["read"]:
        trait, standing = said(TRAITS, one["trait"], language), said(TRAIT_STANDINGS, one["standing"], language)
        yield say("review-trait", language, trait=trait, value=shown(one["value"]), standing=standing)
    if identity["unread"]:
        unread = ", ".join(said(TRAITS, one, language) for one in identity["unread"])
        yield say("review-unread", language, traits=unread)
    if identity["strip"]:
        yield say("review-strip", language, path=identity["strip"])


def _decision(answer: Answer, language: Language) -> Iterator[str]:
    what = said({**DECISIONS, "reading": READING}, answer["decision"], language)
    yield say("decision-head", language, id=answer["review"], at=answer["at"], person=answer["person"], what=what)
    for name, key in (("document", "document"), ("form", "form"), ("was", "was")):
        yield from _value(key, answer.get(name), language)
    yield from _value("becomes" if "was" in answer else "patient", answer["patient"], language)
    yield from _value("candidate", traits_text(answer.get("candidate") or {}, language), language)
    yield from _value("type", answer.get("doc_type"), language)
    yield from _value("reason", _reason(answer, language), language)
    yield from _of_kind(answer, language)
    for fact in answer.get("facts", ()):
        yield _fact(fact, language)
    spoken = "decision-on" if answer["decision"] != "dismiss" else "decision-dismissed-on"
    yield from _authorization(answer.get("said") or {}, spoken, language)
    if isinstance(answer.get("evidence"), str):
        yield from _value("evidence", answer["evidence"], language)
    yield say("decision-to-say", language, id=answer["review"])


def _of_kind(answer: Answer, language: Language) -> Iterator[str]:
    match answer["decision"]:
        case "maintain":
            yield say("decision-final", language)
        case "check":
            yield say("decision-passed" if answer["passed"] else "decision-rejected", language)
        case "settle":
            yield say("decision-lifts" if answer["lifts"] else "decision-retracts", language)
        case "reading":
            yield from _value("outcome", said(FORM_OUTCOMES, answer["outcome"], language), language)
        case _:
            pass


def _authorization(authorized: Answer, spoken: str, language: Language) -> Iterator[str]:
    if authorized.get("on"):
        yield say(spoken, language, value=authorized["on"])
    yield from _value("until", authorized.get("until"), language)
    yield from _value("doc-types", ", ".join(authorized.get("doc_types") or ()), language)
    yield from _value("purposes", ", ".join(authorized.get("purposes") or ()), language)
    yield from _value("given-by", said(GIVERS, authorized.get("given_by") or "", language), language)
    yield from _value("authority", authorized.get("authority_until"), language)
    yield from _value("evidence", _evidence(authorized.get("evidence") or {}, language), language)


def _evidence(evidence: Answer, language: Language) -> str:
    if not evidence:
        return ""
    witness = say("decision-witness", language) if evidence["witness"] else None
    more = (witness, evidence["on"], evidence["reference"], evidence["sha256"], evidence["envelope"])
    return ", ".join([said(EVIDENCE, evidence["kind"], language), *filter(None, more)])


def _reason(answer: Answer, language: Language) -> str:
    reason = answer.get("reason")
    words = {**MAINTAIN_REASONS, **SETTLE_REASONS, **DISMISS_REASONS, **DETACH_REASONS}
    return f"{said(words, reason, language)} [{reason}]" if reason else ""


def _value(key: str, value: str | None, language: Language) -> Iterator[str]:
    if value:
        yield say(f"decision-{key}", language, value=shown(value))


def traits_text(traits: Answer, language: Language) -> str:
    """Masked traits of a patient, those that are known."""
    known = ((name.replace("_", "-"), value) for name, value in traits.items() if value)
    return "  ".join(f"{said(TRAITS, name, language)} {value}" for name, value in known)
