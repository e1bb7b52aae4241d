"""Authorization forms as rows: which was printed for whom, and what came back of each.

Whose form it is, is sealed; the number that is printed says nothing. What came back without a form that is known has no
patient. Each row is bound by a keyed digest: moved to another form by a hand in the database, a signature would
authorize somebody else.
"""

from storage.forms.counts import UNCHECKED, document_types, in_hand, is_return, pages_by_state, waiting
from storage.forms.returned import (
    CHECKED,
    DISCARDED,
    HELD,
    IN_HAND,
    ROLE,
    SEALED,
    STATES,
    TO_CHECK,
    TO_SEAL,
    UNMATCHED,
    Returned,
    StoredForm,
    StoredReturn,
    envelope_name,
    return_of,
)
from storage.forms.rows import Forms

__all__ = [
    "CHECKED",
    "DISCARDED",
    "HELD",
    "IN_HAND",
    "ROLE",
    "SEALED",
    "STATES",
    "TO_CHECK",
    "TO_SEAL",
    "UNCHECKED",
    "UNMATCHED",
    "Forms",
    "Returned",
    "StoredForm",
    "StoredReturn",
    "document_types",
    "envelope_name",
    "in_hand",
    "is_return",
    "pages_by_state",
    "return_of",
    "waiting",
]
