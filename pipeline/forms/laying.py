"""Pages of an inbox of authorizations to returned forms: by their codes, and what is doubtful apart, for a person.

Consecutive pages of one form belong together. A page that bears no code of a form is part of none, for no gate is asked
here: a medical record may lie behind a form. Nothing here reads: what was ticked and signed, a person reads.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pipeline.forms.code import FormCode
from pipeline.split import Look, Sighting


class FormReason(StrEnum):
    """Why pages among the authorizations are held. The value is stored, translated and reported: never rename one."""

    UNMATCHED = "form-unmatched"
    """Something is on them, and no code: what they are, nobody knows."""
    UNKNOWN = "form-unknown"
    """This station has not printed it, or has forgotten it, or printed it with another number of pages."""
    OTHER_STATION = "form-of-another-station"
    CODE_DAMAGED = "form-code-damaged"
    """There is a code, and nobody can read it."""
    UNSIGNED_PAGE = "form-page-missing"
    """The page that is signed is not among them."""
    SEPARATOR = "separator-among-forms"
    """A separator, and what follows it: a record in the wrong folder."""


_CODED: Final = frozenset({Look.FORM, Look.SUSPECT})
"""What bears a form's code, readable or not."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Pages that belong together, 1-based in the file, at least one; held where there is a reason."""

    form: str | None
    pages: tuple[int, ...]
    reason: FormReason | None


@dataclass(slots=True)
class FormLaying:
    """Pages laid out one by one, as they come. `length`: how many pages with a code this station printed of a form,
    None where it printed none; `station` is its tag.
    """

    station: str
    length: Callable[[str], int | None]
    blanks: list[int] = field(default_factory=list)
    following: Look | None = None
    """What is seen on the page behind the one that is placed next; None: there is none."""
    _done: list[Laid] = field(default_factory=list)
    _position: int = 0
    _pages: list[int] = field(default_factory=list)
    _code: FormCode | None = None
    _seen: set[int] = field(default_factory=set)
    """Which of its form's pages are there."""
    _reason: FormReason | None = None
    _coded: int = -1
    """The position of the last page with a form's code, readable or not."""
    _alone: bool = False
    """Whether what is held now may be the back of a page beside it."""

    def place(self, sighting: Sighting) -> int | None:
        """The next page's ordinal among what came back, from 1; None for a blank page."""
        self._position += 1
        match sighting.look:
            case Look.BLANK:
                self.blanks.append(self._position)
                return None
            case Look.FORM if sighting.form is not None:
                self._form(sighting.form)
            case Look.SEPARATOR | Look.PLAIN | Look.DAMAGED:
                self._open(FormReason.SEPARATOR)
            case Look.SUSPECT:
                self._open(FormReason.CODE_DAMAGED)
                self._coded = self._position
            case _:
                self._uncoded()
        self._pages.append(self._position)
        return len(self._done) + 1

    def laid(self) -> tuple[Laid, ...]:
        """All that was placed so far."""
        self._close()
        return tuple(self._done)

    def _form(self, code: FormCode) -> None:
        """Another page of the form in hand, or the first of one; the same page once more is another return of it."""
        if self._code is None or self._code.form != code.form or code.page in self._seen:
            self._open(None)
            self._code = code
        self._seen.add(code.page)
        self._coded = self._position

    def _uncoded(self) -> None:
        """Directly before or behind a form's page it may be that sheet's back, and stands alone; others stand together.

        What follows a separator is held with it.
        """
        if self._reason is FormReason.SEPARATOR:
            return
        beside = self.following in _CODED or self._coded == self._position - 1
        if self._reason is FormReason.UNMATCHED and not (self._alone or beside):
            return
        self._open(FormReason.UNMATCHED)
        self._alone = beside

    def _open(self, reason: FormReason | None) -> None:
        self._close()
        self._reason = reason

    def _close(self) -> None:
        if self._pages:
            form, reason = self._judged()
            self._done.append(Laid(form, tuple(self._pages), reason))
        self._pages, self._code, self._seen, self._reason = [], None, set(), None

    def _judged(self) -> tuple[str | None, FormReason | None]:
        """Whose form it is, where that is known; and why it is held, if it is."""
        code = self._code
        if code is None:
            return None, self._reason
        if code.station != self.station:
            return None, FormReason.OTHER_STATION
        if self.length(code.form) != code.pages:
            return None, FormReason.UNKNOWN
        return code.form, None if code.pages in self._seen else FormReason.UNSIGNED_PAGE
