"""A certificate authority of one shop: it can sign names of its own network and nothing else."""

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_LIFE = timedelta(days=3650)
LEAF_LIFE = timedelta(days=397)  # browsers refuse longer ones
BACKDATED = timedelta(days=2)  # a tablet's clock may lag
HOSTS_MAX = 50
LOCAL_NAMES = ("localhost", "local", "lan", "home.arpa", "internal", "test")
LOCAL_NETWORKS = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip


class LocalCaError(Exception):
    """What was asked cannot be certified; the message says why."""


@dataclass(frozen=True)
class TlsFiles:
    """Where certificate and keys are; keys are readable by their owner alone."""

    folder: Path

    @property
    def ca_key(self) -> Path:
        """Signs certificates of this installation."""
        return self.folder / "ca.key"

    @property
    def ca(self) -> Path:
        """What tablets install."""
        return self.folder / "ca.crt"

    @property
    def leaf_key(self) -> Path:
        """The server's key."""
        return self.folder / "server.key"

    @property
    def leaf(self) -> Path:
        """The server's certificate, the authority behind it."""
        return self.folder / "server.crt"

    @property
    def ready(self) -> bool:
        """Can a server start with these."""
        return self.leaf.exists() and self.leaf_key.exists() and self.ca.exists()


def make_certificates(files: TlsFiles, hosts: list[str], now: datetime, *, new_ca: bool) -> bool:
    """Write a certificate for these names; the authority is made once. True when it is new.

    Raises LocalCaError for a name that is not of the own network, before anything is written.
    """
    if len(hosts) > HOSTS_MAX:
        raise LocalCaError(f"At most {HOSTS_MAX} names.")
    names = [_local(host) for host in dict.fromkeys(hosts)]
    files.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files.folder.chmod(0o700)
    made = new_ca or not (files.ca.exists() and files.ca_key.exists())
    if made:
        key = ec.generate_private_key(ec.SECP256R1())
        _write_key(files.ca_key, key)
        files.ca.write_bytes(_authority(key, now).public_bytes(serialization.Encoding.PEM))
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    signer = serialization.load_pem_private_key(files.ca_key.read_bytes(), None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise LocalCaError(f"{files.ca_key} is no key of ours.")
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    _write_key(files.leaf_key, leaf_key)
    leaf = _leaf(leaf_key, names, authority, signer, now)
    chain = leaf.public_bytes(serialization.Encoding.PEM) + files.ca.read_bytes()
    files.leaf.write_bytes(chain)
    return made


def names_of(files: TlsFiles) -> list[str]:
    """The names that the server's certificate holds."""
    leaf = x509.load_pem_x509_certificate(files.leaf.read_bytes())
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(name.value) for name in names]


def ends_on(files: TlsFiles) -> datetime:
    """When the server's certificate ends."""
    return x509.load_pem_x509_certificate(files.leaf.read_bytes()).not_valid_after_utc


def fingerprint(files: TlsFiles) -> str:
    """SHA-256 of the authority in pairs of letters, as a tablet shows it before it installs it."""
    digest = x509.load_pem_x509_certificate(files.ca.read_bytes()).fingerprint(hashes.SHA256())
    return digest.hex(":").upper()


def is_local(address: str) -> bool:
    """Is this an address of a network of one's own."""
    known = ipaddress.ip_address(address)
    return any(known in ipaddress.ip_network(each) for each in LOCAL_NETWORKS)


def _local(host: str) -> x509.GeneralName:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.lower().rstrip(".")
        if not name.isascii() or not all(part for part in name.split(".")):
            raise LocalCaError(f"{host!r} is no name of a computer.") from None
        if not any(name == each or name.endswith(f".{each}") for each in LOCAL_NAMES):
            ways = ", ".join(f".{each}" for each in LOCAL_NAMES[1:])
            raise LocalCaError(
                f"{host} is not a name of an own network ({ways}): a public name gets its "
                "certificate from a public authority, and a computer is found as NAME.local."
            ) from None
        return x509.DNSName(name)
    if not is_local(host):
        raise LocalCaError(f"{host} is a public address, not one of the shop's own network.")
    return x509.IPAddress(address)


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    """Name constraints: whoever steals its key cannot play a bank to the tablets."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"e-warong lokal {now:%Y-%m-%d}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "e-warong"),
        ]
    )
    permitted: list[x509.GeneralName] = [x509.DNSName(each) for each in LOCAL_NAMES]
    permitted += [x509.IPAddress(ipaddress.ip_network(each)) for each in LOCAL_NETWORKS]
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + CA_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs=True), critical=True)
        .add_extension(x509.NameConstraints(permitted, None), critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, hashes.SHA256())
    )


def _leaf(
    key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    authority: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> x509.Certificate:
    behind = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "e-warong")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(min(now + LEAF_LIFE, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(behind, critical=False)
        .sign(signer, hashes.SHA256())
    )


def _key_usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Made with its mode, never readable by others in between."""
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(pem)
