"""Whether an image is that of a film held against the light, or laid on the glass: dark, many greys, hardly a word.

NF Z42-026 excludes medical films from faithful copies, and so from what may be destroyed.
"""

from typing import Final

import numpy as np

from pipeline.model import Colour, PageImage, RecognisedPage
from pipeline.pages import grey

_WORDS: Final = 25
"""Words read with confidence from which a page is text, however dark."""
_CONFIDENT: Final = 65.0
_LETTERS: Final = 3
_DARK: Final = 110
"""Grey level below which a point is dark; paper is above 200."""
_MOSTLY: Final = 0.5
_TONES: Final = 12
"""Of 32 steps of grey, how many a film's picture has at least; black paper and a shut lid have a few."""
_TONE_SHARE: Final = 0.002
_TONES_BILEVEL: Final = 0.04
"""Of a bilevel scan, the least share of white: what is all black shows nothing."""


def is_film(image: PageImage, page: RecognisedPage) -> bool:
    """Of a page that was read. Looks at the image only where there are few words.

    Raises `SheetFault("unreadable-scan")` where the image does not decode.
    """
    sure = sum(word.confidence >= _CONFIDENT and len(word.text) >= _LETTERS for word in page.words)
    return sure < _WORDS and _dark_picture(image)


def _dark_picture(image: PageImage) -> bool:
    pixels = grey(image)
    step = max(1, min(pixels.shape) // 400)
    few = pixels[::step, ::step]
    dark = float(np.mean(few < _DARK))
    if image.colour is Colour.BILEVEL:
        return _MOSTLY < dark < 1 - _TONES_BILEVEL
    steps = np.bincount((few >> 3).ravel(), minlength=32) / few.size
    return dark >= _MOSTLY and int(np.count_nonzero(steps >= _TONE_SHARE)) >= _TONES
