"""Seal and open a family's personal data with her own key; old rows open as they did."""

from collections.abc import Collection

from pos_engine.engine import Engine
from pos_engine.keyring.families import FamilyKey, of_a_family
from pos_engine.keys import Keys
from pos_engine.store import family_keys
from pos_engine.store.database import Tx


class Sealer:
    """The keys of some families, read once: seals for those, opens what was sealed for them."""

    def __init__(self, keys: Keys, known: dict[str, FamilyKey]) -> None:
        self._keys, self._known = keys, known

    def seal(self, kpm_id: str, text: str, bound_to: str) -> bytes:
        """For the row that `bound_to` names. Raises `ErasedError`."""
        return self._keys.families.seal(kpm_id, self._known[kpm_id], text, bound_to)

    def open(self, kpm_id: str, sealed: bytes, bound_to: str) -> str:
        """Of the same row. Raises `KeyFileError`."""
        if not of_a_family(sealed):
            return self._keys.open_personal(sealed, bound_to)
        return self._keys.families.open(kpm_id, self._known.get(kpm_id), sealed, bound_to)


def opener(tx: Tx, engine: Engine, kpm_ids: Collection[str]) -> Sealer:
    """For reading alone: no key is made."""
    return Sealer(engine.keys, family_keys.keys_of(tx, kpm_ids))


def sealer(tx: Tx, engine: Engine, kpm_ids: Collection[str]) -> Sealer:
    """For writing: a family without a key gets one."""
    known = family_keys.keys_of(tx, kpm_ids)
    missing = {each: engine.keys.families.new_key(each) for each in set(kpm_ids) - set(known)}
    if missing:
        family_keys.add_keys(tx, missing, engine.now())
        known |= family_keys.keys_of(tx, list(missing))  # a rival's, where it was first
    return Sealer(engine.keys, known)


def seal(tx: Tx, engine: Engine, kpm_id: str, text: str, bound_to: str) -> bytes:
    """One value of one family."""
    return sealer(tx, engine, [kpm_id]).seal(kpm_id, text, bound_to)


def open_sealed(tx: Tx, engine: Engine, kpm_id: str, sealed: bytes, bound_to: str) -> str:
    """One value of one family."""
    return opener(tx, engine, [kpm_id]).open(kpm_id, sealed, bound_to)
