"""What the gate answers after a decision, of each document that waits still: one that does not open says so."""

from consent_gate.gate import decide
from consent_gate.model import Clearance, CustodyClass
from consent_gate.review import Kind
from pipeline.identify import identify_stored
from pipeline.model import Held
from pipeline.office.answers import Answer
from pipeline.office.deciding import Decided
from pipeline.station import Station


def gate_now(station: Station, decided: Decided) -> list[Answer]:
    """Of the patient's refused documents that are kept, in order of arrival: `document`, `closed` (whether the client's
    key alone opens it) and `answer`, `cleared` or a reason. Empty where the decision neither recorded a fact nor
    took an INS away.
    """
    detached = decided.kind is Kind.DETACH and not decided.waits
    if decided.patient is None or not (decided.facts or detached):
        return []
    moment = station.clock.moment()
    with station.database.read() as session:
        reading = station.register.reading_within(session, decided.patient)
        found = station.documents.documents(session, patient=decided.patient)
    answers: list[Answer] = []
    for stored in found:
        identified = identify_stored(stored)
        kept = stored.state == "refused" and stored.custody in (CustodyClass.CURABLE, CustodyClass.CLOSED)
        if not kept or isinstance(identified, Held):
            continue
        answer = decide(stored.id, identified.patient, identified.doc_type, reading, moment, station.policy)
        said = "cleared" if isinstance(answer, Clearance) else answer.reason.value
        answers.append({"document": stored.id, "closed": stored.custody == CustodyClass.CLOSED, "answer": said})
    return answers
