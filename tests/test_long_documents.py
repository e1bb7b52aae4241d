"""A document of a thousand pages costs no more memory than a short one, and room for its scans and its copy once."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("images", ["faithful", "compact"])
def test_a_thousand_pages_are_composed_and_judged_within_600_mib(images: str) -> None:
    """A4 in grey at 300 dpi with 400 words each, the program, validators and the render check; a quarter as many pages
    in layers, each of which takes seconds."""
    pages = 1_000 if images == "faithful" else 250
    ran = subprocess.run(
        [sys.executable, "-m", "bench.long", "--given", "--pages", str(pages), "--images", images],
        cwd=HOUSE, capture_output=True, text=True, check=True,
    )  # fmt: skip
    memory, java, room = map(int, re.findall(r"\d+", ran.stdout.splitlines()[-1]))
    assert memory < 600
    assert java < 512
    assert room < 2 * 0.66 * pages + 64, "MiB: each scan in the spool, and in the copy"
    assert "True by" in ran.stdout.splitlines()[-2]
