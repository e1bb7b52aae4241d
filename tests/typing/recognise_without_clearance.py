"""Ways around the gate that must not type-check: recognising without a clearance."""

from consent_gate.model import Clearance, Decision, Refused
from pipeline.model import Recognised, Scan
from pipeline.recognise import Recogniser


def omitted(recogniser: Recogniser, scan: Scan) -> Recognised:
    return recogniser.recognise(scan)  # expect: call-arg


def none(recogniser: Recogniser, scan: Scan) -> Recognised:
    return recogniser.recognise(scan, None)  # expect: arg-type


def refusal(recogniser: Recogniser, scan: Scan, refused: Refused) -> Recognised:
    return recogniser.recognise(scan, refused)  # expect: arg-type


def undecided(recogniser: Recogniser, scan: Scan, decision: Decision) -> Recognised:
    return recogniser.recognise(scan, decision)  # expect: arg-type


def a_word_for_it(recogniser: Recogniser, scan: Scan, clearance: Clearance) -> Recognised:
    return recogniser.recognise(scan, clearance.decision)  # expect: arg-type


def with_its_clearance(recogniser: Recogniser, scan: Scan, clearance: Clearance) -> Recognised:
    return recogniser.recognise(scan, clearance)
