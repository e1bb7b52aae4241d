"""What is wrong with a machine: swap and volumes as the kernel's tables tell them, programs, clock, memory."""

import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.config import Config, load
from pipeline.office.doctor import machine, volume
from pipeline.office.doctor.findings import Check, Outcome
from pipeline.office.doctor.machine import of_machine
from pipeline.office.doctor.told import check_answer, check_text
from pipeline.office.doctor.volume import Veil
from pipeline.office.hardening import hardness
from pipeline.reading.engines import EngineUse
from tests.trial_fixtures import Trial


class Kernel:
    """A /proc and a /sys that tell of block devices, as the kernel lays them out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "sys/dev/block").mkdir(parents=True)

    def device(self, name: str, number: str, *below: str, **files: str) -> Path:
        """A device, and links to those it lies on; `files` such as `dm__uuid` stand in its folder."""
        place = self.root / "sys/devices" / name
        (place / "slaves").mkdir(parents=True)
        (place / "dev").write_text(f"{number}\n", encoding="ascii")
        for file, text in files.items():
            path = place / file.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{text}\n", encoding="ascii")
        for other in below:
            (place / "slaves" / Path(other).name).symlink_to(self.root / "sys/devices" / other)
        (self.root / "sys/dev/block" / number).symlink_to(place)
        return place

    def swaps(self, *lines: str) -> None:
        (self.root / "proc").mkdir(exist_ok=True)
        head = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
        (self.root / "proc/swaps").write_text(head + "".join(f"{line}\t8\t0\t-2\n" for line in lines), encoding="ascii")

    def swap(self, numbers: Mapping[str, str]) -> Veil:
        def number_of(path: Path) -> str:
            if str(path) not in numbers:
                raise FileNotFoundError
            return numbers[str(path)]

        return volume.of_swap(self.root, number_of)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


LUKS = "CRYPT-LUKS2-0123-luks-x"


# Volumes


def test_a_disk_and_its_partition_are_in_clear(kernel: Kernel) -> None:
    kernel.device("vda", "254:0")
    kernel.device("vda/vda1", "254:1", partition="1")
    assert volume.of_device("254:0", kernel.root) is Veil.CLEAR
    assert volume.of_device("254:1", kernel.root) is Veil.CLEAR


def test_luks_is_seen_beneath_what_lies_on_it(kernel: Kernel) -> None:
    """A volume of LVM, over LUKS, over a partition; and a plain volume of LVM beside it."""
    kernel.device("sda", "8:0")
    kernel.device("sda/sda2", "8:2", partition="2")
    kernel.device("dm-0", "253:0", "sda/sda2", dm__uuid=LUKS)
    kernel.device("dm-1", "253:1", "dm-0", dm__uuid="LVM-abc")
    kernel.device("dm-2", "253:2", "sda/sda2", dm__uuid="LVM-def")
    assert volume.of_device("253:0", kernel.root) is Veil.ENCRYPTED
    assert volume.of_device("253:1", kernel.root) is Veil.ENCRYPTED
    assert volume.of_device("253:2", kernel.root) is Veil.CLEAR


def test_a_raid_is_as_open_as_its_most_open_disk(kernel: Kernel) -> None:
    kernel.device("dm-0", "253:0", dm__uuid=LUKS)
    kernel.device("dm-1", "253:1", dm__uuid=LUKS)
    kernel.device("sdc", "8:32")
    kernel.device("md0", "9:0", "dm-0", "dm-1")
    kernel.device("md1", "9:1", "dm-0", "sdc")
    assert volume.of_device("9:0", kernel.root) is Veil.ENCRYPTED
    assert volume.of_device("9:1", kernel.root) is Veil.CLEAR


def test_what_is_not_in_the_tables_or_goes_round_in_them_is_unknown(kernel: Kernel) -> None:
    kernel.device("dm-0", "253:0", "dm-1")
    kernel.device("dm-1", "253:1", "dm-0")
    assert volume.of_device("253:0", kernel.root) is Veil.UNKNOWN
    assert volume.of_device("1:99", kernel.root) is Veil.UNKNOWN


def test_a_folder_of_this_machine_has_a_veil(tmp_path: Path) -> None:
    assert volume.of_folder(Path("/dev/shm")) is Veil.MEMORY  # noqa: S108  a memory file system
    assert volume.of_folder(tmp_path) in Veil
    assert volume.of_folder(tmp_path / "absent") is Veil.UNKNOWN
    assert volume.of_folder(Path("/proc")) is Veil.UNKNOWN


def test_a_mount_point_with_a_blank_is_found(tmp_path: Path) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "a b").mkdir()
    escaped = str(tmp_path / "a b").replace(" ", "\\040")
    mounts = f"/dev/vda / ext4 rw 0 0\ntmpfs {escaped} tmpfs rw 0 0\n"
    (tmp_path / "proc/self/mounts").write_text(mounts, encoding="ascii")
    assert volume.file_system(tmp_path / "a b", tmp_path) == "tmpfs"
    assert volume.file_system(tmp_path, tmp_path) == "ext4"


# Swap


def test_no_swap_and_swap_in_memory_are_well(kernel: Kernel) -> None:
    kernel.swaps()
    assert kernel.swap({}) is Veil.MEMORY
    kernel.device("zram0", "252:0", backing_dev="none")
    kernel.swaps("/dev/zram0\tpartition")
    assert kernel.swap({"/dev/zram0": "252:0"}) is Veil.MEMORY


def test_encrypted_swap_is_well_and_one_in_clear_beside_it_is_not(kernel: Kernel) -> None:
    kernel.device("dm-0", "253:0", dm__uuid="CRYPT-PLAIN-swap")
    kernel.device("sda", "8:0")
    numbers = {"/dev/dm-0": "253:0", "/dev/sda": "8:0"}
    kernel.swaps("/dev/dm-0\tpartition")
    assert kernel.swap(numbers) is Veil.ENCRYPTED
    kernel.swaps("/dev/dm-0\tpartition", "/dev/sda\tpartition")
    assert kernel.swap(numbers) is Veil.CLEAR


def test_memory_that_is_written_on_to_a_disk_is_not_trusted(kernel: Kernel) -> None:
    kernel.device("zram0", "252:0", backing_dev="/dev/sda")
    kernel.swaps("/dev/zram0\tpartition")
    assert kernel.swap({"/dev/zram0": "252:0"}) is Veil.UNKNOWN


def test_swap_that_cannot_be_looked_at_is_not_called_encrypted(kernel: Kernel) -> None:
    assert kernel.swap({}) is Veil.UNKNOWN
    kernel.swaps("/dev/gone\tpartition")
    assert kernel.swap({}) is Veil.UNKNOWN


def test_a_swap_file_is_as_open_as_its_volume(kernel: Kernel, tmp_path: Path) -> None:
    place = tmp_path / "swap file"
    place.write_bytes(b"")
    number = place.stat().st_dev
    kernel.device("dm-0", f"{os.major(number)}:{os.minor(number)}", dm__uuid=LUKS)
    kernel.swaps(f"{str(place).replace(' ', chr(92) + '040')}\tfile")
    assert kernel.swap({}) is Veil.ENCRYPTED


# The machine


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load(Trial.found(tmp_path / "st", verapdf="never").config)


def outcomes(config: Config) -> dict[str, tuple[Outcome, str | None]]:
    return {c.name: (c.outcome, c.fault.code if c.fault else None) for c in of_machine(config)}


def produced(config: Config) -> Config:
    return config.model_copy(update={"station": config.station.model_copy(update={"mode": "production"})})


def reading(config: Config, engine: EngineUse) -> Config:
    return config.model_copy(update={"ocr": config.ocr.model_copy(update={"engine": engine})})


def engine_told(config: Config) -> Check:
    (check,) = (check for check in of_machine(config) if check.name == "engine")
    return check


def test_root_swap_in_clear_and_a_free_clock_are_warnings_in_a_trial_and_faults_in_production(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(machine, "of_swap", lambda: Veil.CLEAR)
    monkeypatch.setattr(machine, "_synchronised", lambda: False)
    monkeypatch.setattr(machine, "_SYNCHRONISED", Path("/nonexistent"))
    grave = {"account": "runs-as-root", "swap": "swap-unencrypted", "clock-sync": "clock-unsynchronised"}
    for mode, outcome in ((config, Outcome.WARNING), (produced(config), Outcome.FAULT)):
        found = outcomes(mode)
        assert {name: found[name] for name in grave} == {name: (outcome, code) for name, code in grave.items()}


def test_a_right_machine_has_nothing_to_tell(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(machine, "of_swap", lambda: Veil.ENCRYPTED)
    monkeypatch.setattr(machine, "_synchronised", lambda: True)
    monkeypatch.setattr(machine, "hardness", lambda: type(hardness())(1, dumpable=False))
    config = reading(config, "pytesseract")
    config = config.model_copy(update={"station": config.station.model_copy(update={"work": "/dev/shm"})})  # noqa: S108
    assert {name: told for name, told in outcomes(config).items() if told[0] is not Outcome.OK} == {}


def test_a_clock_that_says_nothing_is_not_called_synchronised(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_synchronised", lambda: None)
    assert outcomes(produced(config))["clock-sync"] == (Outcome.NOT_CHECKED, "clock-unknown")


def test_the_kernel_answers_about_the_clock() -> None:
    assert machine._synchronised() in (True, False)


def test_a_machine_without_its_programs_is_told_what_to_install(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = {(c.name, c.outcome): c.fault for c in of_machine(config) if c.fault and c.fault.code == "program-missing"}
    assert (told := found["tesseract", Outcome.FAULT]) is not None
    assert told.facts["install"] == "apt-get install tesseract-ocr-fra tesseract-ocr-osd"
    assert ("programs", Outcome.WARNING) in found


def test_an_old_tesseract_is_told(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, outcome in (("4.0.0", Outcome.FAULT), ("4.1.1", Outcome.OK), ("5.5.0", Outcome.OK)):
        monkeypatch.setattr(machine, "require_tesseract", lambda _, said=version: said)
        assert outcomes(config)["tesseract"][0] is outcome


def test_the_engine_that_reads_is_named(config: Config) -> None:
    told = engine_told(reading(config, "pytesseract"))
    assert told.outcome is Outcome.OK
    assert re.fullmatch(r"tesseract \d+(\.\d+)+ fra.*", told.seen["engine"])
    assert check_answer(told)["facts"] == told.seen
    assert check_text(told, "fr").endswith(told.seen["engine"])


@pytest.mark.skipif(find_spec("tesserocr") is None, reason="tesserocr is not installed")
@pytest.mark.parametrize("use", ["auto", "tesserocr"])
def test_the_library_reads_where_it_is_installed(config: Config, use: EngineUse) -> None:
    told = engine_told(reading(config, use))
    assert told.outcome is Outcome.OK
    assert told.seen["engine"].startswith("tesserocr ")


@pytest.fixture
def broken_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "tesserocr.py").write_text("raise ImportError\n", encoding="ascii")
    monkeypatch.syspath_prepend(tmp_path / "library")


@pytest.mark.usefixtures("broken_library")
def test_a_station_without_the_library_is_told_what_reads_instead_and_how_to_have_it(config: Config) -> None:
    told = engine_told(reading(config, "auto"))
    assert (told.outcome, told.fault and told.fault.code) == (Outcome.WARNING, "engine-slow")
    assert "pip install 'liasse[fast]'" in check_text(told, "fr")
    assert " (tesseract " in check_text(told, "en")
    assert outcomes(reading(config, "tesserocr"))["engine"] == (Outcome.FAULT, "program-missing")


def test_without_the_program_that_is_to_read_nobody_says_what_would(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert outcomes(reading(config, "pytesseract"))["engine"] == (Outcome.NOT_CHECKED, "program-missing")


def test_files_in_clear_on_a_disk_are_a_fault(config: Config, tmp_path: Path) -> None:
    on_disk = volume.file_system(tmp_path) not in volume.MEMORY_FILE_SYSTEMS
    assert outcomes(config)["work"] == ((Outcome.FAULT, "work-on-disk") if on_disk else (Outcome.OK, None))


def test_memory_is_held_against_the_documents_in_hand() -> None:
    assert machine._memory(1) is None
    told = machine._memory(10_000)
    assert told is not None
    assert told.fault.facts["needed"] == 7_000_500
