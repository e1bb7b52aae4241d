"""What one person read on a form, where two are asked for: it waits as a whole, and nothing of it is recorded.

The return stays to be checked, and readable, until another person read the very same.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from consent_gate.review import Kind
from lexicon.faults import StationFault
from pipeline.forms.readings import Reading
from pipeline.forms.standings import is_reading, of_return
from pipeline.office.people import Authenticated
from pipeline.station import Station
from storage.custody import Draft, EntryType
from storage.forms import StoredReturn
from storage.reviews import CONFIRMED, OVERTAKEN, Reviews, new_waiting

_TWO: Final = frozenset({Kind.CHECK.value, Kind.AUTHORIZE.value})
"""A grant that is read on a form is an authorization, and the check of its evidence."""
_WAITS: Final = "waits-for-second"
_SAME: Final = "second-person-same"


def needs_two(station: Station, reading: Reading) -> bool:
    """Whether `review.four_eyes` asks for a second person; never for a refusal: a no is not hard to say."""
    return reading.opens and not _TWO.isdisjoint(station.config.review.four_eyes)


def waits(station: Station, returned: StoredReturn, reading: Reading, who: Authenticated) -> bool:
    """Whether what this person read waits from now on; False: it is to take effect, by them or as the second one.

    Raises `StationFault("second-person-same")`.
    """
    if not needs_two(station, reading):
        return False
    reviews, now, act = Reviews(station.columns), station.clock.now(), who.act
    with station.database.write("form.wait") as session:
        found = reviews.waiting_for(session, act.digest())
        if found is not None and found.person != who.id:
            return False
        asked = found or new_waiting(act.kind, act.object, act.digest(), reading.content(), who.id, now)
        if found is None:
            reviews.keep(session, asked)
        entry = _about(returned, asked.id, _SAME if found else _WAITS, asked.act, who)
        station.ledger.append(session, entry, at=now)
    if found is not None:
        raise StationFault("second-person-same")
    return True


def settled(
    station: Station, session: Session, returned: StoredReturn, reading: Reading, who: Authenticated, at: datetime
) -> Sequence[Draft]:
    """What waited about this return waits no more: the same is confirmed, whatever else was read is overtaken.

    Raises `StationFault("review-not-waiting")` where two are asked for and the first one's does not wait any more.
    """
    reviews, drafts, confirmed = Reviews(station.columns), list[Draft](), False
    for one in reviews.all_waiting(session):
        if is_reading(one) and of_return(one) == returned.id:
            same = one.act == who.act.digest()
            confirmed |= same and one.person != who.id
            reviews.settle(session, one.id, CONFIRMED if same else OVERTAKEN, who.id, at)
            outcome = f"decided-{one.kind}" if same else f"{OVERTAKEN}-{one.kind}"
            drafts.append(_about(returned, one.id, outcome, one.act, who))
    if needs_two(station, reading) and not confirmed:
        raise StationFault("review-not-waiting")
    return drafts


def _about(returned: StoredReturn, review: str, outcome: str, act: str, who: Authenticated) -> Draft:
    return Draft(
        EntryType.REVIEW,
        f"review:{review}",
        outcome,
        within={"file": returned.file},
        hashes_in=(act,),
        parent=who.entry,
        person=who.id,
    )
