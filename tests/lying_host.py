"""An S3-speaking host in memory that can be told to lie, to be slow or to break off, as hosts, proxies and disks do."""

import hashlib
import re
import socket
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from storage.hosts.settings import S3Settings

BUCKET = "bucket"
_NEVER = 30.0
"""Seconds: longer than any test waits."""
_DRIP = 0.05
_ENDLESS = b"<Contents><Key>x</Key><Size>1</Size></Contents>" * 2048


class Lie(Enum):
    NONE = auto()
    SLOW = auto()
    """Answers after a while, and honestly."""
    HANGS = auto()
    DRIPS = auto()
    """An object's bytes come one by one."""
    REFUSES = auto()
    FULL = auto()
    BUSY = auto()
    FAILS = auto()
    LOSES = auto()
    """Says that it stored, and did not."""
    TRUNCATES = auto()
    CORRUPTS = auto()
    """Flips one bit of what it stores, and names the checksum that it was told."""
    SERVES_OLD = auto()
    """Gives an older object of the key."""
    REPLACES = auto()
    """Ignores the condition, and says that nothing is there."""
    PRETENDS = auto()
    """Answers a creation as if it had made it, though another's object is there, and keeps that."""
    DROPS_THE_PUT = auto()
    DROPS_THE_ANSWER = auto()
    """Stores, and breaks off before it says so."""
    DROPS_THE_READ = auto()
    GARBAGE = auto()
    REDIRECTS = auto()
    ENDLESS = auto()
    TALKS_ENDLESSLY = auto()
    FAILS_WITHIN_SUCCESS = auto()
    """HTTP 200 with an error in it."""
    NAMES_ANOTHER_VERSION = auto()
    NO_SUCH_CONDITION = auto()
    """501 for a conditional creation, as hosts answer that do not know it: no lie."""


@dataclass
class LyingHost:
    """The server. `objects` are what it really keeps; `elsewhere` counts what reached the place it redirects to."""

    lie: Lie = Lie.NONE
    objects: dict[str, bytes] = field(default_factory=dict)
    older: dict[str, bytes] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    elsewhere: int = 0
    port: int = 0
    other_port: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def settings(self, folder: Path) -> S3Settings:
        """An impatient station's; its invented keys lie in `folder`."""
        for name in ("access", "secret"):
            (folder / name).write_text("invented", encoding="utf-8")
            (folder / name).chmod(0o600)
        return S3Settings(
            endpoint=f"http://127.0.0.1:{self.port}",
            bucket=BUCKET,
            access_key=f"file:{folder / 'access'}",
            secret_key=f"file:{folder / 'secret'}",
            connect_seconds=2.0,
            read_seconds=1.0,
            attempts=1,
        )


@contextmanager
def lying_host() -> Iterator[LyingHost]:
    """A running one, and the place elsewhere."""
    host = LyingHost()
    servers = [_Server(host, _Bucket), _Server(host, _Elsewhere)]
    host.port, host.other_port = (server.server_address[1] for server in servers)
    threads = [threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield host
    finally:
        host.done.set()
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            thread.join()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: LyingHost, handler: type["_Handler"]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.host = host

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has had enough hangs up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def host(self) -> LyingHost:
        assert isinstance(self.server, _Server)
        return self.server.host

    def log_message(self, *_: object) -> None:
        """Nothing to be said."""

    def answer(self, code: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(code)
        for name, value in ({"Content_Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def error(self, code: int, word: str) -> None:
        self.answer(code, f"<Error><Code>{word}</Code><Message>no</Message></Error>".encode())

    def hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


class _Elsewhere(_Handler):
    def do_GET(self) -> None:
        self.host.elsewhere += 1
        self.answer(200, b"")

    do_PUT = do_HEAD = do_DELETE = do_POST = do_GET  # noqa: N815  names that http.server looks for


_ERRORS = {
    Lie.REFUSES: (403, "AccessDenied"),
    Lie.FULL: (507, "QuotaExceeded"),
    Lie.BUSY: (503, "SlowDown"),
    Lie.FAILS: (500, "InternalError"),
}


class _Bucket(_Handler):
    @property
    def key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix(f"/{BUCKET}").removeprefix("/")

    @property
    def query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def do_PUT(self) -> None:
        self.host.asked["PUT"] += 1
        size = int(self.headers["Content-Length"])
        if self.host.lie is Lie.DROPS_THE_PUT:
            self.host.objects[self.key] = self.rfile.read(size // 2)
            self.hang_up()
            return
        content = self.rfile.read(size)
        if not self._said():
            self._store(content)

    def do_HEAD(self) -> None:
        self.host.asked["HEAD"] += 1
        if self._said():
            return
        if self.host.lie in {Lie.REPLACES, Lie.PRETENDS} or self.key not in self.host.objects:
            self.answer(404)
        else:
            self.answer(200, Content_Length=str(len(self.host.objects[self.key])))

    def do_GET(self) -> None:
        self.host.asked["GET"] += 1
        if self._said():
            return
        if not self.key:
            self._list()
        elif self.key not in self.host.objects:
            self.error(404, "NoSuchKey")
        else:
            self._give(self.host.objects[self.key])

    def do_DELETE(self) -> None:
        self.host.asked["DELETE"] += 1
        if not self._said():
            self.host.objects.pop(self.key, None)
            self.answer(204)

    def do_POST(self) -> None:
        self.host.asked["POST"] += 1
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.error(501, "NotImplemented")

    def _said(self) -> bool:
        """Whether a lie has answered already, whatever was asked."""
        lie = self.host.lie
        if lie in _ERRORS and (lie is not Lie.FULL or self.command == "PUT"):
            self.error(*_ERRORS[lie])
        elif lie is Lie.HANGS:
            self.host.done.wait(_NEVER)
            self.hang_up()
        elif lie is Lie.GARBAGE:
            self.answer(200, b"<html><body>It works!" + bytes(range(128, 256)), ETag="?")
        elif lie is Lie.REDIRECTS:
            self.answer(307, Location=f"http://127.0.0.1:{self.host.other_port}{self.path}")
        elif lie is Lie.TALKS_ENDLESSLY:
            self._talk()
        else:
            time.sleep(0.2 if lie is Lie.SLOW else 0)
            return False
        return True

    def _talk(self) -> None:
        self.send_response(200 if self.command != "HEAD" else 404)
        self.end_headers()
        self.close_connection = True
        while not self.host.done.is_set() and self.command != "HEAD":
            self.wfile.write(_ENDLESS)

    def _store(self, content: bytes) -> None:
        conditional = self.headers.get("If-None-Match") == "*"
        if conditional and self.host.lie is Lie.NO_SUCH_CONDITION:
            self.error(501, "NotImplemented")
            return
        if conditional and self.key in self.host.objects and self.host.lie not in {Lie.REPLACES, Lie.PRETENDS}:
            self.error(412, "PreconditionFailed")
            return
        if self.host.lie is not Lie.PRETENDS or self.key not in self.host.objects:
            self._keep(content)
        if self.host.lie is Lie.DROPS_THE_ANSWER:
            self.hang_up()
        elif self.host.lie is Lie.FAILS_WITHIN_SUCCESS:
            self.error(200, "InternalError")
        else:
            told = b64encode(hashlib.sha256(content).digest()).decode()
            named = {"x_amz_version_id": "v1"} if self.host.lie is Lie.NAMES_ANOTHER_VERSION else {}
            self.answer(200, b"", ETag='"x"', x_amz_checksum_sha256=told, **named)

    def _keep(self, content: bytes) -> None:
        match self.host.lie:
            case Lie.LOSES | Lie.FAILS_WITHIN_SUCCESS:
                return
            case Lie.TRUNCATES:
                content = content[: len(content) * 9 // 10]
            case Lie.CORRUPTS:
                middle = len(content) // 2
                content = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
            case _:
                pass
        self.host.objects[self.key] = content

    def _give(self, content: bytes) -> None:
        match self.host.lie:
            case Lie.SERVES_OLD:
                self.answer(200, self.host.older.get(self.key, bytes(len(content))))
            case Lie.NAMES_ANOTHER_VERSION:
                self.answer(200, content, x_amz_version_id="v2")
            case Lie.DROPS_THE_READ:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2])
                self.hang_up()
            case Lie.DRIPS | Lie.ENDLESS:
                self._give_for_ever(content)
            case _:
                self.answer(200, content)

    def _give_for_ever(self, content: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        position = 0
        while not self.host.done.is_set():
            if self.host.lie is Lie.DRIPS:
                self.wfile.write(content[position : position + 1])
                position += 1
                time.sleep(_DRIP)
            else:
                self.wfile.write(content)

    def _list(self) -> None:
        if {"versions", "uploads", "versioning", "object-lock"} & self.query.keys():
            self.error(501, "NotImplemented")
            return
        prefix = self.query.get("prefix", [""])[0]
        lines = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(content)}</Size></Contents>"
            for key, content in sorted(self.host.objects.items())
            if key.startswith(prefix)
        )
        self.answer(200, f"<ListBucketResult><IsTruncated>false</IsTruncated>{lines}</ListBucketResult>".encode())


def keys_of(host: LyingHost, pattern: str) -> list[str]:
    """What is really there."""
    return sorted(key for key in host.objects if re.search(pattern, key))
