"""The correction file: every row that waits or was changed, with why; it can be imported again."""

import csv
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from pos_engine.engine import Engine
from pos_engine.rules.registry import MEANINGS, Code, Disposition
from pos_engine.services.registry_file import Unreadable, lines_from, look_through
from pos_engine.services.registry_import import run_id_of
from pos_engine.services.report import harmless
from pos_engine.store import registry_runs
from pos_engine.store.registry_runs import Found

ADDED = ("row", "disposition", "code", "column", "meaning", "other_family")
OWNER_ONLY = 0o600
_ORDER = list(Disposition)
RowOut = list[object]


def write_corrections(engine: Engine, file: Path | bytes, target: Path) -> int | Unreadable:
    """Write the rows of a file that was imported that have a finding; how many they are.

    Only the file itself has the content of a row: the database keeps what was found.
    """
    looked = look_through(file)
    if isinstance(looked, Unreadable):
        return looked
    layout = looked.layout
    count = 0
    part = target.with_suffix(".part")
    part.touch(mode=OWNER_ONLY)  # it holds people's numbers
    with engine.database.read() as tx, part.open("w", encoding="utf-8", newline="") as out:
        found = registry_runs.findings(tx, run_id_of(looked.sha256))
        writer = csv.writer(out, delimiter=layout.separator)
        writer.writerow([*ADDED, *layout.headings])
        by_row = groupby(found, key=lambda each: each.number)
        lines = lines_from(file, layout, layout.first_row_at, 1)
        wanted = next(by_row, None)
        while wanted is not None:
            number, said = wanted
            cells: list[str] = []
            if number > 0:
                cells = next((x.cells or [] for x in lines if x.number == number), [])
            writer.writerow([harmless(each) for each in (*_said(number, list(said)), *cells)])
            count += 1
            wanted = next(by_row, None)
    part.replace(target)
    return count


def _said(number: int, said: list[Found]) -> Iterator[object]:
    """The heaviest disposition, then everything that was said of the row."""
    yield number if number > 0 else ""
    yield max((Disposition(each.disposition) for each in said), key=_ORDER.index)
    yield " ".join(each.code for each in said)
    yield " ".join(each.field for each in said)
    yield "; ".join(MEANINGS[Code(each.code)] for each in said)
    yield " ".join(sorted({each.other_kpm_id for each in said if each.other_kpm_id}))
