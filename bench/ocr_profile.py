"""Where the page engine's processor time goes, stage by stage: of this process and of all that it starts."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Final

from bench.ocr_tree import cpu_of_tree

TESSERACT: Final = "tesseract"
VERAPDF: Final = "veraPDF"
START: Final = "start, first file, end"
_OUTSIDE: Final = frozenset((TESSERACT, VERAPDF))


@dataclass(frozen=True, slots=True)
class Part:
    """A function of ours whose time is a stage's, less that of stages within it."""

    stage: str
    module: str
    name: str
    """Dotted, within the module."""


PARTS: Final = (
    Part("decode", "bench.ocr_engine", "Engine._images"),
    Part("clean, choose, words", "pipeline.recognise", "Recogniser.recognise"),
    Part(TESSERACT, "pipeline.reading.library", "Library.lines"),
    Part(TESSERACT, "pipeline.reading.library", "Library.words"),
    Part(TESSERACT, "pipeline.reading.library", "Library.turns"),
    Part(TESSERACT, "pipeline.reading.program", "Program.lines"),
    Part(TESSERACT, "pipeline.reading.program", "Program.words"),
    Part(TESSERACT, "pipeline.reading.program", "Program.turns"),
    Part("compose", "pipeline.copies", "compose"),
    Part("pikepdf verdict", "pipeline.validate", "_pikepdf_verdict"),
    Part(VERAPDF, "pipeline.validate", "Validator._verapdf_verdict"),
    Part("render check", "pipeline.validate", "require_same_look"),
)


@dataclass(slots=True)
class Meter:
    """Sums processor time by stage. For one document at a time, a page at a time: then all that runs is the stage's."""

    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds, by stage."""
    _stack: list[str] = field(default_factory=lambda: [START])
    _since: float = field(default_factory=lambda: cpu_of_tree(os.getpid()))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._pass()
        self._stack.append(name)
        try:
            yield
        finally:
            self._pass()
            self._stack.pop()

    def started(self) -> None:
        """What was spent until now is the start's: programs and libraries, each with its first page."""
        self._pass()
        self.spent = defaultdict(float, {START: sum(self.spent.values())})

    def _pass(self) -> None:
        now = cpu_of_tree(os.getpid())
        self.spent[self._stack[-1]] += now - self._since
        self._since = now

    def profile(self, engine: str, pages: int) -> "Profile":
        """Of what was spent until now, over these pages."""
        self._pass()
        return Profile(engine, pages, dict(self.spent))


@dataclass(frozen=True, slots=True)
class Profile:
    """Seconds of processor time by stage, `pages` pages together."""

    engine: str
    pages: int
    spent: dict[str, float]

    @property
    def a_page(self) -> dict[str, float]:
        """Seconds a page, by stage, the start left out."""
        return {stage: seconds / max(1, self.pages) for stage, seconds in self.spent.items() if stage != START}

    @property
    def outside(self) -> float:
        """Seconds a page outside recognition, veraPDF apart."""
        return sum(seconds for stage, seconds in self.a_page.items() if stage not in _OUTSIDE)

    def __str__(self) -> str:
        sums = {"outside recognition, veraPDF apart": self.outside, f"{START}: once": self.spent.get(START, 0.0)}
        return "\n".join(f"{name:<36} {seconds:7.3f}" for name, seconds in (self.a_page | sums).items())


@contextmanager
def metered(meter: Meter, parts: Sequence[Part] = PARTS) -> Iterator[None]:
    """Have these functions tell the meter when they begin and end."""
    with ExitStack() as undone:
        for part in parts:
            *path, name = part.name.split(".")
            owner: Any = import_module(part.module)
            for step in path:
                owner = getattr(owner, step)
            plain = getattr(owner, name)
            setattr(owner, name, _timed(plain, meter, part.stage))
            undone.callback(setattr, owner, name, plain)
        yield


def _timed(plain: Callable[..., Any], meter: Meter, stage: str) -> Callable[..., Any]:
    def timed(*given: Any, **named: Any) -> Any:
        with meter.stage(stage):
            return plain(*given, **named)

    return timed
