"""The engine that reads where a test or a benchmark has no station: one for the whole run."""

import atexit
from functools import cache

from pipeline.reading.engine import Engine
from pipeline.reading.engines import open_engine


@cache
def engine() -> Engine:
    opened = open_engine("auto", "fra", 1)
    atexit.register(opened.close)
    return opened
