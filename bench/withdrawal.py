"""What is left where when a patient withdraws, stage by stage, on each kind of host.

    python bench/withdrawal.py [--out docs/soak/withdrawal.md]

The steps are the real ones, but for Tesseract and the composing of a PDF; the buckets are SeaweedFS's.
"""

import argparse
import platform
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from storage.hosts import Host
from storage.hosts.settings import LockMode, Retention
from tests.s3_fixtures import WEED, Seaweed, served
from tests.withdrawal_fixtures import STAGES, Left, at_work, withdrawn_at

_DAYS = 2
_HEAD = "| withdrawn just after | document | receipt | at the host | on the station | restricted, deletion |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=Path("docs/soak/withdrawal.md"))
    target: Path = options.parse_args().out
    with tempfile.TemporaryDirectory() as folder:
        target.write_text("\n".join(_report(Path(folder))) + "\n", encoding="utf-8")


def _report(folder: Path) -> Iterator[str]:
    now = datetime.now(UTC).date().isoformat()
    yield f"# A withdrawal at each stage\n\nBy `bench/withdrawal.py`, {now}, Python {platform.python_version()}.\n"
    yield "`locked` is the moment between the object's lock and its receipt; `after`: the receipt counts.\n"
    with ExitStack() as running:
        weed = running.enter_context(served(folder)) if WEED.exists() else None
        for title, host in _hosts(weed):
            yield from (f"## {title}\n", _HEAD, "|---|---|---|---|---|---|")
            with host as opened, at_work(Path(tempfile.mkdtemp(dir=folder)) / "station", opened) as workshop:
                yield from (_row(withdrawn_at(workshop, stage)) for stage in STAGES)
            yield ""


def _hosts(weed: Seaweed | None) -> Iterator[tuple[str, "_Opening"]]:
    yield "A folder", _Opening(None)
    if weed is None:
        return
    yield "SeaweedFS, with versions", _Opening(closing(weed.host(weed.bucket(versions=True))))
    for mode in LockMode:
        settings = replace(weed.bucket(lock=True), retention=Retention(mode, _DAYS))
        title = f"SeaweedFS, with versions and object lock ({mode.value}, {_DAYS} days)"
        yield title, _Opening(closing(weed.host(settings)))


class _Opening:
    """A host until the end of the block; None: the station's own folder."""

    def __init__(self, host: "closing[Host] | None") -> None:
        self._host = host

    def __enter__(self) -> Host | None:
        return None if self._host is None else self._host.__enter__()

    def __exit__(self, *error: object) -> None:
        if self._host is not None:
            self._host.__exit__(*error)


def _row(left: Left) -> str:
    objects = [
        f"{'a marker' if one.marker else 'one object'}{f', {one.lock} until {one.until}' if one.lock else ''}"
        for one in left.at_host
    ]
    here = [
        name
        for name, there in (
            ("working copy", left.spool),
            ("envelope waiting", bool(left.waiting_envelopes)),
            ("under the release key", left.under_release_key),
            ("sealed for client and escrow", left.sealed_for_client),
        )
        if there
    ]
    cells = (
        left.stage,
        left.document,
        "yes" if left.receipt else "no",
        "; ".join(objects) or "nothing",
        "; ".join(here) or "nothing",
        ", ".join(filter(None, (left.restricted, left.deletion))) or "—",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
