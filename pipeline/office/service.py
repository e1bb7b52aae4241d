"""A unit for systemd (systemd.service(5), systemd.exec(5)) that lets a station do its work and nothing else."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lexicon.faults import EXIT_CONFIGURATION, EXIT_EVIDENCE, EXIT_PROGRAM_MISSING, EXIT_REGISTER, EXIT_USAGE
from pipeline.config import Config
from pipeline.hosting import folders_of
from pipeline.pdfa.verapdf import verapdf_facts

_FOR_A_PERSON: Final = (EXIT_USAGE, EXIT_CONFIGURATION, EXIT_PROGRAM_MISSING, EXIT_REGISTER, EXIT_EVIDENCE)
"""What starting again does not mend."""
_HOMES: Final = tuple(map(Path, ("/home", "/root", "/run/user")))
_CREDENTIAL: Final = re.compile(r"credential:([A-Za-z0-9_-][A-Za-z0-9._-]*)")

_FENCE: Final = """\
UMask=0077
LimitCORE=1
MemorySwapMax=0
OOMPolicy=continue
RemoveIPC=yes
KeyringMode=private
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
PrivateTmp=yes
PrivateDevices=yes
PrivateIPC=yes
DevicePolicy=closed
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
# setpriv (Tesseract's starter) asks for the capabilities it has; decoders fence themselves in with landlock(7).
SystemCallFilter=capset landlock_create_ruleset landlock_add_rule landlock_restrict_self
SystemCallErrorNumber=EPERM
"""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's file name and its text."""

    name: str
    text: str


def unit(config: Config, program: Path, user: str, *, worker: bool = False) -> Unit:
    """The unit of a station's daemon, or the template of its workers, with the paths of its configuration.

    `program` is the `liasse` command; `user` the account, of a group of the same name, that owns the station.
    """
    about = "workers" if worker else "daemon"
    name = f"liasse-worker-{config.station.id}@.service" if worker else f"liasse-{config.station.id}.service"
    lines = [
        f"# Liasse, {about} of one station. Made by `liasse service unit`: make it anew after a change of settings.",
        "[Unit]",
        f"Description=Liasse {config.station.id}" + (" (worker %i)" if worker else ""),
        "After=network-online.target time-sync.target remote-fs.target",
        "Wants=network-online.target time-sync.target",
        "# Drop folders and the host's are not here: the daemon waits for a share that went, and must not be stopped.",
        *(f"RequiresMountsFor={_word(path)}" for path in dict.fromkeys((config.folder, config.shared, config.file))),
        "StartLimitIntervalSec=2h",
        "StartLimitBurst=20",
        "",
        "[Service]",
        *_running(config, program, user, worker=worker),
        "",
        *_fence(config, program, worker=worker),
        "",
        "[Install]",
        "WantedBy=multi-user.target",
    ]
    return Unit(name, "\n".join(lines) + "\n")


def _running(config: Config, program: Path, user: str, *, worker: bool) -> Iterator[str]:
    yield "Type=notify"
    yield "NotifyAccess=main"
    yield f"User={user}"
    yield f"Group={user}"
    yield f"Environment={_word(f'LIASSE_CONFIG={config.file}')} LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1"
    yield f"ExecStart={_word(program)} {'worker' if worker else 'watch'}"
    yield "# Standard output names scanned files: it is for an operator's terminal, not for the machine's journal."
    yield "StandardOutput=null"
    yield "StandardError=journal"
    yield "Restart=on-failure"
    yield "RestartSec=30"
    yield "# With systemd 254 and later, longer and longer: RestartSteps=6 and RestartMaxDelaySec=10min"
    yield f"RestartPreventExitStatus={' '.join(map(str, _FOR_A_PERSON))}"
    yield "TimeoutStartSec=10min"
    yield "WatchdogSec=15min"
    yield "WatchdogSignal=SIGKILL"
    yield "# The daemon ends the step in hand; then the programs it had started go too."
    yield "KillMode=mixed"
    yield "TimeoutStopSec=5min"
    yield from (f"LoadCredentialEncrypted={name}" for name in credentials(config))


def _fence(config: Config, program: Path, *, worker: bool) -> Iterator[str]:
    yield from _FENCE.splitlines()
    if config.pdfa.verapdf == "never" or not verapdf_facts().available:
        yield "MemoryDenyWriteExecute=yes"
    else:
        yield "# veraPDF runs in Java, which makes its code as it runs: without it (pdfa.verapdf), this can be yes."
        yield "MemoryDenyWriteExecute=no"
    yield from _network(config)
    yield from _places(config, program, worker=worker)


def _network(config: Config) -> Iterator[str]:
    """None at all for a station whose host, database, numbers and alarms need none."""
    elsewhere = config.several or config.host.kind != "folder" or bool(config.alarms.command)
    listens = config.metrics.listen
    if not elsewhere and not listens:
        yield "PrivateNetwork=yes"
        yield "RestrictAddressFamilies=AF_UNIX"
        yield "IPAddressDeny=any"
        return
    yield "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"
    if not elsewhere and _is_loopback(listens):
        yield "IPAddressDeny=any"
        yield "IPAddressAllow=localhost"
    else:
        yield "# Narrow it to the host, the database and the name servers: IPAddressDeny=any, then IPAddressAllow=..."


def _is_loopback(listens: str) -> bool:
    try:
        return ipaddress.ip_address(listens.rpartition(":")[0].strip("[]")).is_loopback
    except ValueError:
        return False


def _places(config: Config, program: Path, *, worker: bool) -> Iterator[str]:
    """What may be written; under people's homes, which are hidden, what may be seen."""
    written = _written(config, worker=worker)
    read = (program.parent.parent, config.file.parent)
    at_home = [path for path in (*written, *read) if _is_home(path)]
    yield f"ProtectHome={'tmpfs' if at_home else 'yes'}"
    for path in written:
        yield f"{'BindPaths' if _is_home(path) else 'ReadWritePaths'}={_word(path)}"
    for path in read:
        if _is_home(path):
            yield f"BindReadOnlyPaths={_word(path)}"


def _written(config: Config, *, worker: bool) -> tuple[Path, ...]:
    """The station's folder, its shared one, its work, the host's; of the daemon, its drop folders and the backups'.

    A worker takes no file and makes no backup: on another machine those folders need not be, and systemd asks for each.
    """
    own = () if worker else tuple(config.path(inbox.folder) for inbox in config.inbox)
    places = [config.folder, config.shared, *own, *folders_of(config.host, config.path)]
    places += [config.path(config.backup.folder)] if config.backup.folder and not worker else []
    work = Path(config.station.work)
    places += [] if work.is_relative_to("/dev") else [work]  # /dev is not among what is protected
    return tuple(dict.fromkeys(places))


def credentials(config: Config) -> tuple[str, ...]:
    """Names of the secrets that the configuration wants of systemd, in order."""
    return tuple(sorted(set(_CREDENTIAL.findall(config.model_dump_json()))))


def _is_home(path: Path) -> bool:
    return any(path.is_relative_to(home) for home in _HOMES)


def _word(word: Path | str) -> str:
    """One word of a unit: systemd expands `%` and splits at blanks."""
    plain = str(word).replace("\\", "\\\\").replace("%", "%%").replace('"', '\\"')
    return f'"{plain}"' if re.search(r"[\s'\"\\;]", plain) else plain
