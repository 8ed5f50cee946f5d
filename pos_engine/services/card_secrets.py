"""Make the sticker of a card: a fresh 128-bit secret; the one before never works again."""

import secrets

from pos_engine.engine import Engine
from pos_engine.rules.card import WORKING, CardState
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.services.install import Refused
from pos_engine.services.payer import CARD
from pos_engine.store import card_secrets, cards, families
from pos_engine.store.cards import CardRow
from pos_engine.store.database import Tx
from pos_engine.wire.card_qr import CARD_SECRET_BYTES, CARD_TOKEN_LETTERS, CardQr

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def make_sticker(engine: Engine, card_id: str, officer: str) -> CardQr | Refused:
    """A sticker for a card that works or will; its text is shown now and kept nowhere.

    Money that lies aside under the old sticker is sold with the old one until it ends.
    """
    with engine.database.begin() as tx:
        found = cards.find_card(tx, card_id, lock=True)
        if found is None:
            return Refused("card_id", f"no card {card_id}")
        if CardState(found.status) not in WORKING:
            return Refused("card_id", f"is {found.status}: issue another card first")
        return _make(tx, engine, found, officer)


def _make(tx: Tx, engine: Engine, card: CardRow, officer: str) -> CardQr:
    now, kpm_id = engine.now(), KpmId(card.kpm_id)
    token = "".join(secrets.choice(LETTERS) for _ in range(CARD_TOKEN_LETTERS))
    made = CardQr(token, secrets.token_bytes(CARD_SECRET_BYTES))
    lookup = engine.keys.lookup(CARD, made.text)
    card_secrets.end_secret(tx, CARD, kpm_id, card.card_id, now)
    kept = card_secrets.CardSecret(made.token, card.card_id, kpm_id, lookup, officer, now)
    card_secrets.add_secret(tx, kept)
    known = families.Known(kpm_id, PersonId(card.person_id), card.card_id)
    families.add_credential(tx, CARD, lookup, known, now)
    return made
