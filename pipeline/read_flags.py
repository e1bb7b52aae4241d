"""What is told of a document's pages once they were read: those read with little confidence, writing that was not read.

A page without a word to rely on is told to be not read: that it bears ink was decided before, by its ink alone.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from lexicon.flags import LOW_CONFIDENCE, NOT_READ, slug_of
from pipeline.model import UNREAD, Recognised, RecognisedPage, confidence
from pipeline.reading.confidence import places_not_read

FLAGS_READ: Final = frozenset({LOW_CONFIDENCE, NOT_READ})
"""What a later reading of the same page replaces."""


def flags_read(
    recognised: Recognised, positions: Sequence[int], blanks: Collection[int], low: float
) -> dict[int, tuple[str, ...]]:
    """Position in the file -> flags, of each of the document's pages that has any.

    `positions`: of its pages, in order; `blanks`: of those that were kept though nothing is on them; `low`: the page
    confidence (0 to 100) below which a page is told.
    """
    pages = zip(positions, recognised.pages, strict=True)
    told = {position: tuple(_flags(page, low)) for position, page in pages if position not in blanks}
    return {position: flags for position, flags in told.items() if flags}


def counts_read(recognised: Recognised, flags: Mapping[int, Sequence[str]]) -> dict[str, int]:
    """For the custody entry: pages, words, how sure of them, how many pages are told of what, and what was done on how
    many copies to read them."""
    words = [word for page in recognised.pages for word in page.words]
    told = [slug_of(flag) for several in flags.values() for flag in several]
    done = Counter(slug_of(operation) for page in recognised.pages for operation in page.operations)
    return {
        **{slug: done[slug] for slug in sorted(done)},
        "pages": len(recognised.pages),
        "words": len(words),
        "unread": sum(UNREAD in page.operations for page in recognised.pages),
        "confidence": round(confidence(words)),
        **{slug: told.count(slug) for slug in sorted(FLAGS_READ)},
    }


def _flags(page: RecognisedPage, low: float) -> list[str]:
    """With a number behind the slug: the confidence; how many places."""
    sure, flags = page.confidence, list[str]()
    if page.words and sure < low:
        flags.append(f"{LOW_CONFIDENCE}:{sure:.0f}")
    places = places_not_read(page)
    if places:
        flags.append(f"{NOT_READ}:{places}")
    return flags
