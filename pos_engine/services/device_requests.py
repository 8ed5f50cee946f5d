"""A request that a device signed itself: there is no session when nobody is logged in."""

from pos_engine.engine import Engine
from pos_engine.services.device_signature import Algorithm, PublicKey, signed_by
from pos_engine.store import devices
from pos_engine.store.devices import DeviceKey
from pos_engine.wire.device_header import read_device_header


def device_of_request(
    engine: Engine, authorization: str, method: str, path: str, body: bytes
) -> DeviceKey | None:
    """The device that signed exactly this request; None when none did.

    A revoked device is found too: what it sold before is still judged. The caller looks at `state`.
    """
    header = read_device_header(authorization)
    if header is None:
        return None
    with engine.database.read() as tx:
        key = devices.find_key(tx, header.device_id)
    if key is None:
        return None
    text = header.signed_text(method, path, body)
    return key if signed_by(public_key_of(key), text, header.signature) else None


def public_key_of(key: DeviceKey) -> PublicKey:
    """The key of a device as the checks take it."""
    return PublicKey(Algorithm(key.algorithm), key.public_key)
