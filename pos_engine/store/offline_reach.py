"""How many families of each shop could buy without signal, and what the others lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, and_, case, cast, exists, func, select

from pos_engine.rules.card import CardState
from pos_engine.store.database import Tx
from pos_engine.store.families import ACTIVE
from pos_engine.store.schema import card, family, pin, shop, template
from pos_engine.store.schema_allowances import card_secret

SHOPS_REPORTED_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Counts of one shop's families. A family is in one of the last three, or is ready."""

    region: str
    shop_id: str
    shop_name: str
    families: int
    ready: int
    face_only: int  # no card, but a face
    no_card: int  # no card, and no face either
    no_sticker: int  # a card without a sticker, or no PIN belanja


def reach(tx: Tx, region: str | None) -> Sequence[Reach]:
    """Shops of a region with the counts of the families whose home they are."""
    own_card = and_(
        card.c.shard == family.c.shard,
        card.c.kpm_id == family.c.kpm_id,
        card.c.status == CardState.ACTIVE.value,
    )
    sticker = and_(
        card_secret.c.shard == card.c.shard,
        card_secret.c.card_id == card.c.card_id,
        card_secret.c.ended_at.is_(None),
    )
    has_card = exists().where(own_card)
    has_sticker = exists().where(own_card, sticker)
    has_pin = exists().where(pin.c.shard == family.c.shard, pin.c.kpm_id == family.c.kpm_id)
    has_face = exists().where(
        template.c.shard == family.c.shard,
        template.c.kpm_id == family.c.kpm_id,
        template.c.number.is_not(None),
    )
    state = case(
        (and_(has_sticker, has_pin), "READY"),
        (has_card, "NO_STICKER"),
        (has_face, "FACE_ONLY"),
        else_="NO_CARD",
    ).label("state")
    each = (
        select(family.c.home_shop_id, state)
        .where(family.c.status == ACTIVE)
        .subquery("each_family")
    )
    query = (
        select(
            shop.c.region,
            shop.c.shop_id,
            shop.c.name,
            func.count(),
            *(
                _count(each.c.state, kind)
                for kind in ("READY", "FACE_ONLY", "NO_CARD", "NO_STICKER")
            ),
        )
        .join_from(each, shop, shop.c.shop_id == each.c.home_shop_id)
        .group_by(shop.c.region, shop.c.shop_id, shop.c.name)
        .order_by(shop.c.region, shop.c.shop_id)
        .limit(SHOPS_REPORTED_MAX)
    )
    if region:
        query = query.where((shop.c.region == region) | shop.c.region.startswith(f"{region}."))
    return [Reach(*row) for row in tx.execute(query)]


def _count(state: Any, kind: str) -> Any:
    return cast(func.sum(case((state == kind, 1), else_=0)), BigInteger)
