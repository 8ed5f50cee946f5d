"""A request that its tablet signed beside its token: a stolen token alone opens nothing."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_engine.services.device_signature import PublicKey, signed_by
from pos_engine.wire.device_header import DeviceHeader

PROOF_WINDOW = timedelta(seconds=120)  # the tablet's idea of our clock may be this far off
PROOFS_REMEMBERED_MAX = 400_000  # of one process; more than it can answer in two windows


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request with the signature that came with it, not looked at yet. `path` has the query."""

    header: DeviceHeader
    method: str
    path: str
    body: bytes

    def signed_by(self, key: PublicKey, device_id: str, token: str = "") -> bool:
        """Did this device sign exactly this request, under this access token."""
        if self.header.device_id != device_id:
            return False
        text = self.header.proof_text(self.method, self.path, self.body, token)
        return signed_by(key, text, self.header.signature)


class ProofsSeen:
    """The signatures of these minutes: none is taken twice, none from another time.

    Each process of a server has its own: behind several of them a request that somebody recorded
    and plays again within that time may be read once by each. What it does is done once: every
    act has a name of its caller's.
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self, header: DeviceHeader, now: datetime) -> bool:
        """Is this signature of now and new. Only after it was found to be right."""
        at, moment, window = (
            int(header.unix_ms) / 1000,
            now.timestamp(),
            PROOF_WINDOW.total_seconds(),
        )
        if abs(at - moment) > window:
            return False
        name = f"{header.device_id}.{header.unix_ms}.{header.nonce}"
        with self._lock:
            self._forget(moment)
            if name in self._until:
                return False
            self._until[name] = at + window
        return True

    def _forget(self, moment: float) -> None:
        """Those that are too old to be taken anyway; the oldest when there are too many."""
        known = self._until
        while known:
            first = next(iter(known))
            if known[first] >= moment and len(known) < PROOFS_REMEMBERED_MAX:
                return
            del known[first]
