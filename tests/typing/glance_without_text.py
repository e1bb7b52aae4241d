"""A glance is no recognition: what it gives has no words, and composes into nothing."""

from pathlib import Path

from pipeline.compose import ScanContext, compose
from pipeline.glance import GlanceSettings, Glimpse, glance
from pipeline.identity.zone import Sought
from pipeline.model import PageImage, Recognised, RecognisedPage, Scan


def as_recognised(image: PageImage, sought: Sought, settings: GlanceSettings) -> Recognised:
    return glance(image, sought, settings)  # expect: return-value


def as_a_page(glimpse: Glimpse) -> RecognisedPage:
    return glimpse  # expect: return-value


def its_words(glimpse: Glimpse) -> object:
    return glimpse.words  # expect: attr-defined


def its_text(glimpse: Glimpse) -> object:
    return glimpse.text  # expect: attr-defined


def composed(scan: Scan, glimpse: Glimpse, context: ScanContext, target: Path) -> object:
    return compose(scan, glimpse, context, target)  # expect: arg-type


def looked(image: PageImage, sought: Sought, settings: GlanceSettings) -> bytes:
    return glance(image, sought, settings).png()
