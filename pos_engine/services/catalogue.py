"""Load a catalogue into the installation, and sign its snapshot for a till."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalog.catalogue import Catalogue
from catalog.goods import Good, Unit
from catalog.load import load_files
from catalog.policy import Verdict
from catalog.price_book import Action
from pos_engine.engine import Engine
from pos_engine.rules.basket import Line, Market, judge_line
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.services.authorize import market_at
from pos_engine.services.ceiling_files import with_signed
from pos_engine.store import installation
from pos_engine.wire.response import line_message


@dataclass(frozen=True, slots=True)
class Loaded:
    """The catalogue that is now in force. `fresh` False: it was in force already."""

    catalogue: Catalogue
    fresh: bool


def load_catalogue(engine: Engine, files: dict[str, bytes], loaded_by: str) -> Loaded:
    """Check the files and put them in force; `CatalogueError` lists every problem.

    What two officers signed stays in force: rows that the files lack are added.
    """
    checked = load_files(files)
    with engine.database.begin() as tx:
        kept = with_signed(tx, files)
        if kept != files:
            checked = load_files(kept)
        if installation.newest_catalogue_version(tx) == checked.version:
            return Loaded(checked, fresh=False)
        installation.add_catalogue(tx, checked.version, kept, loaded_by, engine.now())
    return Loaded(checked, fresh=True)


def catalogue_in_force(engine: Engine) -> Catalogue:
    """The installation's own catalogue; `NotReadyError` before the first load."""
    with engine.database.read() as tx:
        return engine.catalogue(tx)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The rules of one region and day as a till keeps them: JSON text and its entity tag."""

    body: str
    etag: str


def snapshot(engine: Engine, region: str) -> Snapshot:
    """Goods with units, ceilings, bans and policy of a region today, signed."""
    now = engine.now()
    with engine.database.read() as tx:
        market = market_at(engine, engine.catalogue(tx), region, now)
    content = snapshot_content(market)
    signed = _canonical(content)
    signature = engine.keys.sign(signed.encode())
    zones = market.catalogue.zones
    body = {
        **content,
        "server_time": now.astimezone(zones.time_zone_of(region)).isoformat(timespec="seconds"),
        "signature": signature,
        "key_id": engine.keys.key_id,
    }
    etag = f'"{market.catalogue.version}-{region}-{market.day:%Y%m%d}-{market.policy.id}"'
    return Snapshot(json.dumps(body, ensure_ascii=False), etag)


def snapshot_content(market: Market) -> dict[str, Any]:
    """What the signature covers: everything but the server's time."""
    catalogue = market.catalogue
    goods = sorted(catalogue.goods.values(), key=lambda good: good.position)
    return {
        "region": market.region,
        "day": market.day.isoformat(),
        "version": catalogue.version,
        "policy": {"id": market.policy.id, "title": market.policy.title},
        "programmes": [
            {"code": each.code, "title": each.title} for each in catalogue.programmes.values()
        ],
        "time_zone": str(catalogue.zones.time_zone_of(market.region)),
        "goods": [_good_json(good, market) for good in goods],
        "packs": [
            {"gtin": each.gtin, "sku": each.sku, "name": each.name, "unit": _unit_json(each.unit)}
            for each in catalogue.packs.values()
        ],
    }


def _good_json(good: Good, market: Market) -> dict[str, Any]:
    judgement = market.policy.judge(good, None, market.day)
    catalogue = market.catalogue
    ceiling = catalogue.price_book.ceiling(good.sku, market.region, market.day)
    body: dict[str, Any] = {
        "sku": good.sku,
        "name": good.name,
        "group": good.group.value,
        "category": good.category,
        "picture": good.picture,
        "position": good.position,
        "base_unit": good.base_unit,
        "units": [_unit_json(unit) for unit in good.units.values()],
        "price_rule": good.price_rule.value,
        "verdict": judgement.verdict.value,
        "flags": list(judgement.flags),
        "ceiling": ceiling
        and {
            "amount": ceiling.rupiah,
            "kind": ceiling.kind.value,
            "action": ceiling.action.value,
            "unit": ceiling.unit,
            "regulation": ceiling.regulation,
        },
        "programmes": [
            code
            for code in catalogue.programmes
            if market.policy_of(code).judge(good, None, market.day).verdict is Verdict.OK
        ],
        "daily_limit": _daily_limit_json(good, market),
    }
    if judgement.verdict is not Verdict.OK:
        body["message"] = _refusal(good, Reason(judgement.verdict.value), market)
    return body


def _daily_limit_json(good: Good, market: Market) -> dict[str, Any] | None:
    """What a family may buy of it in a day, in the base unit; None when nothing refuses more."""
    limits = market.catalogue.limits.of_good(good.sku, market.day)
    refusing = next((each for each in limits if each.action is Action.DECLINE), None)
    if refusing is None:
        return None
    return {
        "quantity_milli": refusing.maximum,
        "unit": good.base_unit,
        "regulation": refusing.regulation,
    }


def _refusal(good: Good, reason: Reason, market: Market) -> str:
    """The sentence that the engine itself would answer for this good."""
    asked = Line(good.sku, None, 1000, Rupiah(1000), None)
    judged = judge_line(asked, market)
    return line_message(judged) if judged.reason is reason else ""


def _unit_json(unit: Unit) -> dict[str, Any]:
    return {
        "code": unit.code,
        "numerator": unit.ratio.numerator,
        "denominator": unit.ratio.denominator,
        "whole": unit.whole,
    }


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class ShownCeiling:
    """One good at a place on a day, for `ewarong catalog show`."""

    sku: str
    name: str
    verdict: str
    ceiling: int | None
    unit: str
    kind: str
    action: str
    regulation: str
    scope: str


def show(catalogue: Catalogue, policy_id: str, region: str, day: date) -> list[ShownCeiling]:
    """Ceilings, bans and policy in force there and then."""
    policy = catalogue.policies[policy_id]
    rows = []
    for good in sorted(catalogue.goods.values(), key=lambda each: each.position):
        ceiling = catalogue.price_book.ceiling(good.sku, region, day)
        judgement = policy.judge(good, None, day)
        rows.append(
            ShownCeiling(
                sku=good.sku,
                name=good.name,
                verdict=judgement.verdict.value,
                ceiling=ceiling.rupiah if ceiling else None,
                unit=good.base_unit,
                kind=ceiling.kind.value if ceiling else good.price_rule.value,
                action=ceiling.action.value if ceiling else "",
                regulation=ceiling.regulation if ceiling else judgement.regulation,
                scope=f"{ceiling.scope} {ceiling.scope_code}".strip() if ceiling else "",
            )
        )
    return rows


def today_at(catalogue: Catalogue, region: str, now: datetime) -> date:
    """The local day of a region."""
    return catalogue.zones.local_day(region, now)
