"""What a device signs of a request that has no session: its header, read and put together."""

import re
from dataclasses import dataclass
from hashlib import sha256

SCHEME = "Device "
HEADER_LENGTH_MAX = 256
_HEADER = re.compile(
    r"Device ([A-Za-z0-9-]{1,64})\.([0-9]{1,16})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{86})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class DeviceHeader:
    """`Authorization: Device <device_id>.<unix_ms>.<nonce>.<signature>`, in its parts.

    The time is the tablet's own and is never judged: with the nonce it only makes each request's
    signature its own. What such a request does is done once, however often it comes.
    """

    device_id: str
    unix_ms: str
    nonce: str
    signature: str

    def signed_text(self, method: str, path: str, body: bytes) -> bytes:
        """The bytes that the signature covers."""
        digest = sha256(body).hexdigest()
        return f"{method}\n{path}\n{self.unix_ms}\n{self.nonce}\n{digest}".encode()

    def proof_text(self, method: str, path: str, body: bytes, token: str) -> bytes:
        """The same of a request within a session: one line more, the hash of its access token.

        So neither can stand for the other. At a log-in or refresh there is no token yet: empty.
        """
        of_token = sha256(token.encode()).hexdigest()
        return self.signed_text(method, path, body) + f"\n{of_token}".encode()


def read_proof_header(text: str) -> DeviceHeader | None:
    """The same of `Device-Proof: <device_id>.<unix_ms>.<nonce>.<signature>`."""
    return read_device_header(f"{SCHEME}{text}")


def read_device_header(text: str) -> DeviceHeader | None:
    """The parts of such a header; None for anything else."""
    found = _HEADER.fullmatch(text) if len(text) <= HEADER_LENGTH_MAX else None
    return DeviceHeader(*found.groups()) if found else None
