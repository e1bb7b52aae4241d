"""Requests to one bucket, and answers with an end: no redirect followed, no answer longer or slower than it may be.

Botocore reads most answers whole into memory and waits as long as something trickles in; a host that is broken or
hostile would hold a worker for ever. Its `before-send` event lets the answer's stream be replaced by one with limits.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.httpsession import URLLib3Session

from lexicon.faults import HostFault

SLOWEST: Final = 8 << 10
"""Bytes a second below which, after the first `read_seconds`, an answer is given up."""
TALK: Final = 8 << 20
"""Bytes of an answer that is no object: a page of a list has a thousand keys, and that is less than a tenth of it."""
_CHUNK: Final = 256 << 10
_REDIRECTS: Final = range(300, 400)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something may take: `seconds` first, then one more for each `SLOWEST` bytes that came."""

    seconds: float
    clock: Callable[[], float] = time.monotonic

    def started(self) -> Callable[[int], None]:
        """A check to be called with the bytes so far. Raises `HostFault("host-slow")`."""
        began = self.clock()

        def check(so_far: int) -> None:
            if self.clock() - began > self.seconds + so_far / SLOWEST:
                raise HostFault("host-slow")

        return check


class BoundedAnswer:
    """The stream of one answer (as urllib3's, as far as botocore uses it), with a deadline and a largest size."""

    def __init__(self, raw: Any, patience: Patience, largest: int | None) -> None:
        self._raw, self._check, self._largest, self._read = raw, patience.started(), largest, 0

    def read(self, amt: int | None = None) -> bytes:
        """As urllib3's: up to `amt` bytes, empty at the end. What has come is given at once, not what is asked for."""
        if amt is None:
            return b"".join(self.stream())
        self._check(self._read)
        chunk: bytes = self._raw.read1(amt) if amt else b""
        self._read += len(chunk)
        if self._largest is not None and self._read > self._largest:
            self.close()
            raise HostFault("host-failing")
        return chunk

    def stream(self, amt: int = _CHUNK, **_: object) -> Iterator[bytes]:
        while chunk := self.read(amt):
            yield chunk

    def close(self) -> None:
        self._raw.close()

    def release_conn(self) -> None:
        self._raw.release_conn()


class Wire:
    """Sends botocore's prepared requests to the endpoint and nowhere else."""

    def __init__(self, endpoint: str, session: URLLib3Session, patience: Patience) -> None:
        self._session, self._patience = session, patience
        self._scheme, self._host = _place(endpoint)

    def send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """For botocore's event `before-send`. Raises `HostFault("host-elsewhere")` where the way leads elsewhere."""
        scheme, host = _place(str(request.url))
        if scheme != self._scheme or not (host == self._host or host.endswith(f".{self._host}")):
            raise HostFault("host-elsewhere")
        whole = bool(request.stream_output)
        request.stream_output = True
        answer = self._session.send(request)
        if answer.status_code in _REDIRECTS:
            # Botocore would ask for the bucket's region, and go on asking a host that redirects that too.
            answer.raw.close()
            raise HostFault("host-elsewhere")
        largest = None if whole and answer.status_code < 300 else TALK  # noqa: PLR2004  the object itself
        answer.raw = BoundedAnswer(answer.raw, self._patience, largest)
        return answer

    def close(self) -> None:
        self._session.close()


def _place(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()
