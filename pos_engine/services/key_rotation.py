"""Exchange a key while the tills sell: begun once, gone on with after a kill, old ones still read.

Families' keys are wrapped anew and what they sealed stays as it is; a signing key leaves its
public half behind, by which what it signed is checked.
"""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from joserfc.jwk import OKPKey

from pos_engine.engine import Engine
from pos_engine.keyring.families import of_a_family
from pos_engine.keyring.file import Content
from pos_engine.keyring.signers import ALLOWANCES, SIGNING, OfflineKey, Signers, retire
from pos_engine.keys import ALGORITHM, KEY_BYTES
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.family_keys import sealer
from pos_engine.services.install import Refused
from pos_engine.services.two_officers import Pair
from pos_engine.store import family_keys, privacy_events
from pos_engine.store.database import Tx
from pos_engine.store.family_keys import PLACES, Place
from pos_engine.store.privacy_events import Act, PrivacyEvent

KEYS_AT_ONCE = 500  # in one transaction: tills wait for it on SQLite
Progress = Callable[[int, int], None]


class What(StrEnum):
    """What can be exchanged."""

    KEK = "kek"  # what wraps the families' keys
    PERSONAL = "personal"  # rows of before, sealed with the installation's key, to the families'
    SIGNING = "signing"  # receipts, catalogues, days, tokens
    ALLOWANCES = "allowances"  # papers and checkpoints for tablets


@dataclass(frozen=True, slots=True)
class Rotated:
    """The key in use now, how many rows went over to it; `resumed`: an earlier one was finished."""

    what: What
    key: str
    rows: int
    resumed: bool = False


def rotate(engine: Engine, what: What, officers: Pair, told: Progress) -> Rotated | Refused:
    """Do it, or go on with it. `told` hears how many shards of how many are done."""
    if what is What.KEK:
        done = _rotate_kek(engine, officers, told)
    elif what is What.PERSONAL:
        done = Rotated(what, "families' own keys", _move_old(engine, told))
    else:
        done = Rotated(what, _rotate_signer(engine, what), 0)
    if isinstance(done, Rotated):
        _note(engine, Act.KEY_ROTATED, f"{what.value} {done.key} {done.rows} rows", officers)
    return done


def _note(engine: Engine, act: Act, detail: str, officers: Pair) -> None:
    now = engine.now()
    event = PrivacyEvent(
        new_uuid7(now), None, act.value, detail, officers.first, officers.second, now
    )
    with engine.database.begin() as tx:
        privacy_events.add_event(tx, event)


def _rotate_kek(engine: Engine, officers: Pair, told: Progress) -> Rotated | Refused:
    ring = engine.keys.families.ring
    resumed = _left(engine, ring.current.kek_id) > 0
    if not resumed:
        if ring.source.make(engine.now()) is None:
            return Refused(
                "EWARONG_KEK_SECRETS", "put the new secret in front, restart, then ask again"
            )
        ring.read_again()
        _note(engine, Act.KEY_BEGUN, f"kek {ring.current.kek_id}", officers)
    newest, rows = ring.current.kek_id, 0
    while _left(engine, newest) > 0:  # a process that looked late wrapped with the old one
        rows += _rewrap(engine, newest, told)
    return Rotated(What.KEK, newest, rows, resumed)


def _left(engine: Engine, newest: str) -> int:
    left = 0
    for each in engine.each_database():
        with each.database.read() as tx:
            left += sum(one.families for one in family_keys.under(tx) if one.kek_id != newest)
    return left


def _rewrap(engine: Engine, newest: str, told: Progress) -> int:
    with_work = set()
    for each in engine.each_database():
        with each.database.read() as tx:
            with_work |= set(family_keys.shards_not_under(tx, newest))
    rows = 0
    for number, shard in enumerate(sorted(with_work), start=1):
        step = partial(_rewrap_some, engine=engine, shard=shard, newest=newest)
        rows += _until_done(engine, shard, step)
        told(number, len(with_work))
    return rows


def _until_done(engine: Engine, shard: int, step: Callable[[Tx], int]) -> int:
    """Some rows a transaction, so that the tills go on between two of them."""
    rows = 0
    while True:
        done = engine.database_of(shard).transact(step)
        rows += done
        if done < KEYS_AT_ONCE:
            return rows


def _rewrap_some(tx: Tx, engine: Engine, shard: int, newest: str) -> int:
    old = family_keys.not_under(tx, shard, newest, KEYS_AT_ONCE)
    families = engine.keys.families
    family_keys.rewrap(tx, shard, {kpm: families.rewrapped(kpm, key) for kpm, key in old.items()})
    return len(old)


def _move_old(engine: Engine, told: Progress) -> int:
    with_work: list[tuple[int, Place]] = []
    for each in engine.each_database():
        with each.database.read() as tx:
            for place in PLACES:
                with_work += [(shard, place) for shard in family_keys.count_of_before(tx, place)]
    rows = 0
    for number, (shard, place) in enumerate(with_work, start=1):
        step = partial(_reseal_some, engine=engine, place=place, shard=shard)
        rows += _until_done(engine, shard, step)
        told(number, len(with_work))
    return rows


def _reseal_some(tx: Tx, engine: Engine, place: Place, shard: int) -> int:
    found = family_keys.of_before(tx, place, shard, KEYS_AT_ONCE)
    hers = sealer(tx, engine, {each.kpm_id for each in found})
    for each in found:
        bound = place.bound_to(each.row_id)
        plain = engine.keys.open_personal(each.sealed, bound)
        sealed = hers.seal(each.kpm_id, plain, bound)
        if not of_a_family(sealed):
            raise LookupError(place.name)  # never: it would be asked for again and again
        family_keys.reseal(tx, place, shard, each, sealed)
    return len(found)


def _rotate_signer(engine: Engine, what: What) -> str:
    until = engine.now().isoformat(timespec="seconds")

    def act(content: Content) -> None:
        now = Signers.of(content)
        before = OfflineKey.seed_of_before(now.pair[:KEY_BYTES])
        content.setdefault(ALLOWANCES, base64.b64encode(before).decode())
        if what is What.SIGNING:
            retire(content, SIGNING, now.own.public_key, until)
            content[SIGNING] = OKPKey.generate_key(ALGORITHM).as_dict(private=True)
        else:
            retire(content, ALLOWANCES, now.offline.public_key, until)
            fresh = secrets.token_bytes(KEY_BYTES)
            content[ALLOWANCES] = base64.b64encode(fresh).decode()
        content.setdefault("made_at", {})[what.value] = until

    engine.keys.file.change(act)
    engine.keys.look_again()
    return engine.keys.key_id if what is What.SIGNING else engine.keys.offline.kid
