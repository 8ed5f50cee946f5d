"""All that is held about a family, and what it means: her right of access (Law 27/2022)."""

import html
import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.family_keys import Sealer, opener
from pos_engine.services.install import Refused
from pos_engine.store import families, family_data, privacy_events
from pos_engine.store.database import Tx
from pos_engine.store.family_data import HELD, Held
from pos_engine.store.family_keys import PLACES
from pos_engine.store.privacy_events import Act, PrivacyEvent

FILE_MODE = 0o600
SECRET = "sidik kunci; isinya tidak bisa dibaca dari sini"  # noqa: S105 - a sentence
_CSS = (
    "body{font:16px/1.5 sans-serif;max-width:70rem;margin:auto;padding:1rem}td{padding:.2rem .6rem}"
)


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """One kind of thing that is held."""

    name: str
    meaning: str
    rows: tuple[dict[str, Any], ...]


def export(engine: Engine, kpm_id: str, by: str, to: Path) -> int | Refused:
    """Write `to` (HTML, or JSON by its ending; 0600, a new file); how many rows. It is logged."""

    def work(tx: Tx) -> list[Section] | Refused:
        if families.find_family(tx, kpm_id) is None:
            return Refused("kpm_id", "no such family")
        now = engine.now()
        event = PrivacyEvent(new_uuid7(now), kpm_id, Act.EXPORTED.value, to.suffix, by, None, now)
        privacy_events.add_event(tx, event)
        hers = opener(tx, engine, [kpm_id])
        return [_section(tx, held, kpm_id, hers) for held in HELD]

    try:
        handle = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return Refused("file", f"{to} exists already and is kept")
    found = engine.database.transact(work)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        if isinstance(found, Refused):
            to.unlink()
            return found
        sections = [each for each in found if each.rows]
        text = _json(sections) if to.suffix == ".json" else _page(kpm_id, sections, engine.now())
        file.write(text)
    return sum(len(each.rows) for each in sections)


def _section(tx: Tx, held: Held, kpm_id: str, hers: Sealer) -> Section:
    rows = [_shown(held, row, kpm_id, hers) for row in family_data.rows_of(tx, held, kpm_id)]
    return Section(held.name, held.meaning, tuple(rows))


def _shown(held: Held, row: dict[str, Any], kpm_id: str, hers: Sealer) -> dict[str, Any]:
    place = next((each for each in PLACES if each.table.name == held.name), None)
    shown: dict[str, Any] = {}
    for name, value in row.items():
        if place is not None and name == place.column and value:
            shown[name] = hers.open(kpm_id, value, place.bound_to(row[place.key]))
        elif isinstance(value, bytes):
            shown[name] = SECRET if value else None
        elif isinstance(value, datetime | date):
            shown[name] = value.isoformat()
        else:
            shown[name] = value
    return shown


def _json(sections: list[Section]) -> str:
    whole = {each.name: {"arti": each.meaning, "baris": each.rows} for each in sections}
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _page(kpm_id: str, sections: list[Section], now: datetime) -> str:
    body = [f"<h1>Data yang kami simpan tentang {html.escape(kpm_id)}</h1>"]
    body.append(
        f"<p>Dibuat {now.isoformat(timespec='minutes')}. Ibu berhak meminta perbaikan, menarik "
        "persetujuan, dan meminta penghapusan (UU 27/2022).</p>"
    )
    for each in sections:
        body.append(f"<h2>{html.escape(each.meaning)}</h2><table>")
        names = list(each.rows[0])
        body.append("<tr>" + "".join(f"<th>{html.escape(name)}</th>" for name in names) + "</tr>")
        for row in each.rows:
            cells = "".join(f"<td>{html.escape(_cell(row[name]))}</td>" for name in names)
            body.append(f"<tr>{cells}</tr>")
        body.append("</table>")
    inside = "\n".join(body)
    return (
        f'<!doctype html><html lang="id"><meta charset="utf-8"><title>Data saya</title>'
        f"<style>{_CSS}</style>\n{inside}</html>\n"
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
