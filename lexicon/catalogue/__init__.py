"""Every fault and every reason, said in French and English. Keys are slugs; a test holds this list against the code."""

from typing import Final

from lexicon.alarms import ALARMS
from lexicon.catalogue.backup import BACKUP
from lexicon.catalogue.batches import BATCHES
from lexicon.catalogue.custody import CUSTODY
from lexicon.catalogue.documents import DOCUMENTS
from lexicon.catalogue.envelopes import ENVELOPES
from lexicon.catalogue.flaws import FLAWS
from lexicon.catalogue.forms import FORMS
from lexicon.catalogue.hosts import HOSTS
from lexicon.catalogue.indexing import INDEXING
from lexicon.catalogue.lines_fhir import LINES_FHIR
from lexicon.catalogue.lines_sheet import LINES_SHEET
from lexicon.catalogue.pages import PAGES
from lexicon.catalogue.people import PEOPLE
from lexicon.catalogue.sheets import SHEETS
from lexicon.catalogue.station import STATION
from lexicon.reasons import REASONS
from lexicon.sentences import Sentence

__all__ = ["ALARMS", "FAULTS", "FLAWS", "LINES", "REASONS"]

FAULTS: Final[dict[str, Sentence]] = {
    **PEOPLE,
    **FORMS,
    **DOCUMENTS,
    **BATCHES,
    **INDEXING,
    **SHEETS,
    **HOSTS,
    **CUSTODY,
    **BACKUP,
    **ENVELOPES,
    **PAGES,
    **STATION,
}
LINES: Final[dict[str, Sentence]] = {**LINES_SHEET, **LINES_FHIR}
