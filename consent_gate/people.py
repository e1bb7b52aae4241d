"""Who may do what: the people of a station by their role, and what each role may do."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person is at a station. The value is stored: never rename one."""

    REVIEWER = "reviewer"
    """Medical staff of the client, bound by professional secrecy (CSP L.1110-4)."""
    CONTROLLER = "controller"
    """The controller (RGPD art. 4(7)) or the data-protection officer."""
    ADMINISTRATOR = "administrator"
    """Enrols people; sees no patient and decides about none."""
    OPERATOR = "operator"
    """Feeds paper and watches."""


DECIDING: Final = frozenset({Role.REVIEWER, Role.CONTROLLER})
"""Who may decide about a patient."""
REVIEWING: Final = frozenset({Role.REVIEWER})
"""Who may look at what was read on the paper, and say whose it is."""
CONTROLLING: Final = frozenset({Role.CONTROLLER})
"""Who may order what only the controller can."""
ADMINISTERING: Final = frozenset({Role.ADMINISTRATOR})
"""Who may enrol people."""
DESTROYING: Final = CONTROLLING | ADMINISTERING
"""Who may say that paper was destroyed."""
NAMING: Final = DECIDING | ADMINISTERING
"""Who may see whose number is whose."""
