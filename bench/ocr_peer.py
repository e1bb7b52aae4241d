"""The peer: the latest OCRmyPDF in an environment of its own, and how it is run.

    python -m bench.ocr_peer [--venv DIR]

makes the environment (.venv-peer) and says which of Debian's programs are missing. Nothing of it is a dependency of
ours.
"""

import argparse
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PEER: Final = Path(".venv-peer")
_PACKAGES: Final = ("ocrmypdf", "img2pdf")
_PROGRAMS: Final = {
    "tesseract": "tesseract-ocr tesseract-ocr-fra tesseract-ocr-osd",
    "unpaper": "unpaper",
    "pngquant": "pngquant",
    "pdftotext": "poppler-utils",
}
"""What `-l fra`, `--clean`, `-O3` and the score need, and Debian's packages for it."""

DEFAULT: Final = "ocrmypdf"
CLEAN: Final = "ocrmypdf, cleaning"
SMALL: Final = "ocrmypdf -O3"
_ALWAYS: Final = ("-l", "fra", "--output-type", "pdfa-2", "--pdfa-backend", "internal")
_SETTINGS: Final = {DEFAULT: (), CLEAN: ("--deskew", "--rotate-pages", "--clean"), SMALL: ("-O3",)}
_NO_RESOLUTION: Final = ("--image-dpi", "300")
"""What an image without a resolution is taken for, by both engines."""


@dataclass(frozen=True, slots=True)
class Peer:
    """An environment that has it."""

    venv: Path

    def program(self, name: str) -> Path:
        return self.venv / "bin" / name

    @property
    def there(self) -> bool:
        return self.program("ocrmypdf").exists() and self.program("img2pdf").exists()

    def command(self, setting: str, source: Path, target: Path, jobs: int) -> list[str]:
        """As its users run it; `setting`: one of DEFAULT, CLEAN, SMALL."""
        head = [str(self.program("ocrmypdf")), *_ALWAYS, "--jobs", str(jobs), *_SETTINGS[setting]]
        return [*head, str(source), str(target)]

    def commands(
        self, setting: str, files: Sequence[tuple[Path, Path]], jobs: int, together: int, listed: Path
    ) -> list[str]:
        """One program that runs it on every file, `together` at a time; sources and targets are written to `listed`."""
        listed.write_text("".join(f"{name}\n" for pair in files for name in pair), encoding="utf-8")
        each = ["xargs", "--arg-file", str(listed), "--delimiter", r"\n", "--max-args", "2"]
        *command, _, _ = self.command(setting, Path(), Path(), jobs)
        return [*each, "--max-procs", str(together), *command]

    def told(self, setting: str) -> str:
        """The command as it is shown."""
        return " ".join(("ocrmypdf", *_ALWAYS, *_SETTINGS[setting]))

    def version(self) -> str:
        return _said(self.program("ocrmypdf"), "--version")

    def bind(self, images: Sequence[Path], target: Path) -> None:
        """One PDF of all the images, each as it is (img2pdf). Raises CalledProcessError."""
        subprocess.run([self.program("img2pdf"), "-o", target, *images], check=True, capture_output=True)

    def read(self, setting: str, source: Path, target: Path) -> bool:
        """Have it read one image; whether it made a PDF. An image without a resolution is said to have 300 dpi."""
        command = self.command(setting, source, target, 1)
        for asked in (command, [*command[:-2], *_NO_RESOLUTION, *command[-2:]]):
            if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
                return True
            target.unlink(missing_ok=True)
        return False


def tesseract_version() -> str:
    """Of Debian's program, which OCRmyPDF runs, and so does our engine with pytesseract."""
    return _said(Path("tesseract"), "--version").partition("\n")[0].removeprefix("tesseract ")


def _said(program: Path, *asked: str) -> str:
    ran = subprocess.run([program, *asked], check=True, capture_output=True, text=True)
    return (ran.stdout or ran.stderr).strip()


def missing() -> str:
    """Debian's packages that are wanted, of programs that are not there."""
    return " ".join(packages for program, packages in _PROGRAMS.items() if shutil.which(program) is None)


def make(folder: Path) -> Peer:
    """The environment, made unless it is there. Raises CalledProcessError."""
    peer = Peer(folder)
    if not peer.there:
        venv.create(folder, with_pip=True)
        pip = [
            str(peer.program("python")),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--upgrade",
        ]
        subprocess.run([*pip, *_PACKAGES], check=True)
    return peer


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--venv", type=Path, default=PEER)
    peer = make(options.parse_args().venv)
    print(f"OCRmyPDF {peer.version()} in {peer.venv}")
    if wanted := missing():
        sys.exit(f"not installed: apt-get install --no-install-recommends {wanted}")


if __name__ == "__main__":
    main()
