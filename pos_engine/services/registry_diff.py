"""Compare two lists: only in A, only in B, changed; a page to print, CSV and JSON with all rows."""

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.zones import region_exists, region_path
from pos_engine.services.registry_file import Looked, Unreadable, headings_at, look_through
from pos_engine.services.registry_page import VILLAGES_SHOWN_MAX, Compared, page
from pos_engine.services.registry_words import words
from pos_engine.services.report import harmless
from pos_engine.store.registry_diff import (
    CHANGED,
    COMPARED,
    ONLY_A,
    ONLY_B,
    SHOWN,
    Comparison,
    ListFile,
    Row,
    UnreadableRowsError,
    compare,
    differences,
)

NIK_SHOWN = 4  # digits at each end
REGION_DIGITS = 10
COLUMNS = (
    "village", "place", "kind", "family_id", "nik", "name", "changed", "reason", "date", "decree",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the results go; None is not wanted."""

    html: Path | None = None
    csv: Path | None = None
    json: Path | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which of the two files cannot be read, and why."""

    file: Path
    why: Unreadable


def diff(a: Path, b: Path, targets: Targets) -> Compared | Refusal:
    """Compare two files and write what is wanted. NIKs are masked everywhere."""
    lists = []
    for path in (a, b):
        looked = look_through(path)
        if isinstance(looked, Unreadable):
            return Refusal(path, looked)
        lists.append(_list(path, looked))
    try:
        with compare(*lists) as found:
            return _write(found, (a.name, b.name), targets)
    except UnreadableRowsError as error:
        return Refusal(a, Unreadable(0, "ROW_SHAPE", str(error)))


def _list(path: Path, looked: Looked) -> ListFile:
    layout = looked.layout
    known = words()
    regions = {old.replace(".", ""): new.replace(".", "") for old, new in known.regions.items()}
    values = {field: known.values[field] for field in ("role", "status")}
    columns = {field: at for field, at in headings_at(layout).items() if field in SHOWN}
    return ListFile(path, layout.separator, layout.headings, columns, values, regions)


def _write(found: Comparison, names: tuple[str, str], targets: Targets) -> Compared:
    counts = found.counts()
    compared = Compared(
        rows_a=counts["a"],
        rows_b=counts["b"],
        twice_a=counts["twice_a"],
        twice_b=counts["twice_b"],
        only_a=counts[ONLY_A],
        only_b=counts[ONLY_B],
        changed=counts[CHANGED],
    )
    if targets.html is not None:
        villages = [(_place(v), *n) for v, *n in found.villages(VILLAGES_SHOWN_MAX)]
        with _whole(targets.html) as file:
            for piece in page(names, compared, villages, map(_shown, found.rows())):
                file.write(piece)
    if targets.csv is not None:
        with _whole(targets.csv) as file:
            _write_csv(file, found)
    if targets.json is not None:
        with _whole(targets.json) as file:
            _write_json(file, found)
    return compared


@contextmanager
def _whole(path: Path) -> Iterator[Any]:
    """A file that is there whole or not at all."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        yield file
    part.replace(path)


def _write_csv(file: Any, found: Comparison) -> None:
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in found.rows():
        shown = _shown(row)
        changes = "; ".join(f"{f}: {a} -> {b}" for f, a, b in shown["changes"])
        cells = [shown[name] if name != "changed" else changes for name in COLUMNS]
        writer.writerow([harmless(each) for each in cells])


def _write_json(file: Any, found: Comparison) -> None:
    file.write("[")
    for number, row in enumerate(found.rows()):
        shown = _shown(row)
        shown["changes"] = [{"field": f, "a": a, "b": b} for f, a, b in shown["changes"]]
        file.write(f"{',' if number else ''}\n{json.dumps(shown, ensure_ascii=False)}")
    file.write("\n]\n")


def _shown(row: Row) -> Row:
    """A difference as people read it: the NIK masked, the village named."""
    nik = row["nik"]
    changes = [
        (field, _dotted(a), _dotted(b)) if field == "region" else (field, a, b)
        for field, a, b in differences(row)
    ]
    return {
        "village": _dotted(row["village"]),
        "place": _place(row["village"]),
        "kind": row["kind"],
        "family_id": row["family_id"],
        "nik": masked(nik),
        "name": row["name"],
        "changes": changes,
        "reason": row["reason"],
        "date": row["date"],
        "decree": row["decree"],
    }


def masked(nik: str) -> str:
    """The ends of a NIK: enough to find the person on paper, too little to use."""
    hidden = len(nik) - 2 * NIK_SHOWN
    return f"{nik[:NIK_SHOWN]}{'*' * hidden}{nik[-NIK_SHOWN:]}" if hidden > 0 else "*" * len(nik)


def _dotted(code: str) -> str:
    if len(code) != REGION_DIGITS:
        return code
    return f"{code[:2]}.{code[2:4]}.{code[4:6]}.{code[6:]}"


def _place(code: str) -> str:
    dotted = _dotted(code)
    return region_path(dotted) if region_exists(dotted) else dotted or "?"


__all__ = ["COMPARED", "Compared", "Refusal", "Targets", "diff"]
