"""Two registry lists side by side: joined on disk, in bounded memory, by DuckDB."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

MEMORY_MAX = "2GB"
COMPARED = ("name", "birth_date", "role", "region", "programme", "status")
SHOWN = ("family_id", "nik", "name", "birth_date", "role", "region", "programme", "status",
         "reason", "date", "decree")  # fmt: skip
FETCHED_AT_ONCE = 2_000
ONLY_A, ONLY_B, CHANGED = "ONLY_A", "ONLY_B", "CHANGED"


def _quoted(field: str) -> str:
    return f'"{field}"'


@dataclass(frozen=True, slots=True)
class ListFile:
    """A list that was looked through: where it is and which column each field is."""

    path: Path
    separator: str
    headings: tuple[str, ...]
    columns: Mapping[str, int]  # place of each field
    values: Mapping[str, Mapping[str, str]]  # how lists write roles and statuses
    regions: Mapping[str, str]  # first digits of older codes, and today's


class UnreadableRowsError(Exception):
    """Rows that are no CSV: which file and which row. Nothing was compared."""


Row = dict[str, Any]


class Comparison:
    """Two lists that were joined: how many differ by village, and the rows themselves."""

    def __init__(self, connection: "duckdb.DuckDBPyConnection", twice: dict[str, int]) -> None:
        self._sql, self._twice = connection, twice

    def counts(self) -> dict[str, int]:
        """Rows of A and B, and how many of each kind of difference."""
        found = self._sql.execute("SELECT kind, count(*) FROM found GROUP BY kind").fetchall()
        rows = {
            name: _how_many(self._sql, f"SELECT count(*) FROM {name}")  # noqa: S608 - a or b
            for name in ("a", "b")
        }
        twice = {f"twice_{name}": count for name, count in self._twice.items()}
        return rows | twice | {ONLY_A: 0, ONLY_B: 0, CHANGED: 0} | dict(found)

    def villages(self, limit: int) -> list[tuple[str, int, int, int]]:
        """The villages with the most differences: only in A, only in B, changed."""
        return self._sql.execute(_VILLAGES, [limit]).fetchall()

    def rows(self, limit: int | None = None) -> Iterator[Row]:
        """Every difference by village, kind and family."""
        # a cursor of its own: the page and the files are written from one comparison
        cursor = self._sql.cursor().execute(f"{_ROWS} {f'LIMIT {limit}' if limit else ''}")
        names = [each[0] for each in cursor.description or ()]
        while part := cursor.fetchmany(FETCHED_AT_ONCE):
            for row in part:
                yield dict(zip(names, row, strict=True))


def _how_many(connection: "duckdb.DuckDBPyConnection", query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


_TWICE = "SELECT count(*) - count(DISTINCT key) FROM {}"
_VILLAGES = f"""
SELECT village, count(*) FILTER (kind = '{ONLY_A}'), count(*) FILTER (kind = '{ONLY_B}'),
       count(*) FILTER (kind = '{CHANGED}')
FROM found GROUP BY village ORDER BY count(*) DESC, village LIMIT ?
"""  # noqa: S608 - our own words
_ROWS = "SELECT * EXCLUDE (key) FROM found ORDER BY village, kind, family_id, key"


# Lists of one month and the next are nearly the same. So rows are first told apart by their key and
# a mark of what is compared (equal marks of different rows: 1 in 2^64), and only those that have no
# twin are read again, whole.
_SUSPECTS = """
CREATE TABLE suspects AS
SELECT key FROM a ANTI JOIN b USING (key, mark)
UNION SELECT key FROM b ANTI JOIN a USING (key, mark)
"""


@contextmanager
def compare(a: ListFile, b: ListFile) -> Iterator[Comparison]:
    """Join two lists by NIK, else by family and name; temporary files go when it ends."""
    with tempfile.TemporaryDirectory(prefix="ewarong-diff-") as folder:
        connection = duckdb.connect(str(Path(folder, "diff.db")))
        try:
            connection.execute(f"SET memory_limit = '{MEMORY_MAX}'")
            connection.execute("SET preserve_insertion_order = false")
            connection.execute("SET enable_progress_bar = false")
            connection.execute("SET temp_directory = ?", [folder])
            by_nik = all("nik" in each.columns for each in (a, b))
            alike = a.headings == b.headings
            for name, file in (("a", a), ("b", b)):
                _read(connection, name, file, _marks(file, by_nik=by_nik, alike=alike))
            twice = {name: _how_many(connection, _TWICE.format(name)) for name in ("a", "b")}
            connection.execute(_SUSPECTS)
            for name, file in (("a", a), ("b", b)):
                _read(connection, f"{name}_rows", file, _rows(file, by_nik=by_nik))
            connection.execute(_join())
            yield Comparison(connection, twice)
        except duckdb.InvalidInputException as error:
            raise UnreadableRowsError(str(error).splitlines()[0]) from None
        finally:
            connection.close()


def _read(connection: "duckdb.DuckDBPyConnection", name: str, file: ListFile, wanted: str) -> None:
    cells = [f"c{n}" for n in range(len(file.headings))]
    columns = "{" + ", ".join(f"'{cell}': 'VARCHAR'" for cell in cells) + "}"
    source = (
        f"read_csv(?, delim = ?, header = false, skip = 1, quote = '\"', escape = '\"',"
        f" strict_mode = true, null_padding = false, columns = {columns}, auto_detect = false)"
    )
    query = f"CREATE TABLE {name} AS WITH raw AS (SELECT * FROM {source}) {wanted}"  # noqa: S608
    connection.execute(query, [str(file.path), file.separator])


def _marks(file: ListFile, *, by_nik: bool, alike: bool) -> str:
    """Key and mark of every row.

    Lists of one shape are marked by their bare text: that is quick, and rows that differ in
    blanks alone are looked at again and found equal.
    """
    fields = [field for field in COMPARED if not alike or field in file.columns]
    marked = [f"c{file.columns[f]}" if alike else _field(file, f) for f in fields]
    key, mark = _key(file, by_nik=by_nik), f"hash({', '.join(marked) or '0'})"
    return f"SELECT {key} AS key, {mark} AS mark FROM raw"  # noqa: S608 - our own words


def _rows(file: ListFile, *, by_nik: bool) -> str:
    """The suspects' rows, every field as it is compared and shown."""
    chosen = ", ".join(f"{_field(file, field)} AS {_quoted(field)}" for field in SHOWN)
    return (
        f", keyed AS (SELECT {_key(file, by_nik=by_nik)} AS key, * FROM raw), "  # noqa: S608
        f"kept AS (SELECT * FROM keyed SEMI JOIN suspects USING (key)) "
        f"SELECT key, {chosen} FROM kept"
    )


def _field(file: ListFile, field: str) -> str:
    place = file.columns.get(field)
    if place is None:
        return "''"
    text = f"trim(coalesce(c{place}, ''))"
    # plain functions: a regular expression a cell would take most of the time
    if field in {"nik", "region"}:
        text = _without(text, " .-'")
    elif field == "name":
        text = f"replace(replace(upper({text}), '  ', ' '), '  ', ' ')"
    elif field == "birth_date":
        text = f"translate({text}, '/.', '--')"
        turned = f"{text}[7:10] || '-' || {text}[4:5] || '-' || {text}[1:2]"
        text = f"CASE WHEN {text}[3] = '-' THEN {turned} ELSE {text} END"
    if field == "region" and file.regions:
        ways = "".join(f" WHEN '{old}' THEN '{new}'" for old, new in file.regions.items())
        text = f"(CASE left({text}, 4){ways} ELSE left({text}, 4) END || substr({text}, 5))"
    elif file.values.get(field):
        words = file.values[field].items()
        ways = "".join(f" WHEN '{_plain(w)}' THEN '{_plain(v)}'" for w, v in words)
        text = f"CASE upper({text}){ways} ELSE {text} END"
    return text


def _key(file: ListFile, *, by_nik: bool) -> str:
    """What makes two rows one person: the NIK where both lists have it, else family and name."""
    nik, family_id, name = (_field(file, field) for field in ("nik", "family_id", "name"))
    family = f"{family_id} || '|' || {name}"
    return f"CASE WHEN {nik} <> '' THEN {nik} ELSE {family} END" if by_nik else f"({family})"


def _without(text: str, characters: str) -> str:
    for each in characters:
        text = f"replace({text}, '{_plain(each)}', '')"
    return text


def _plain(word: str) -> str:
    return word.replace("'", "''")


def _join() -> str:
    """Of a key that a list has more than once one row."""
    a, b = (
        f"(SELECT * FROM {name}_rows QUALIFY row_number() OVER (PARTITION BY key) = 1)"  # noqa: S608
        for name in ("a", "b")
    )
    changes = ", ".join(
        f"CASE WHEN a.{_quoted(f)} <> b.{_quoted(f)} AND a.{_quoted(f)} <> '' "
        f"AND b.{_quoted(f)} <> '' THEN '{f}' END"
        for f in COMPARED
    )
    both = ", ".join(
        f"coalesce(nullif(b.{_quoted(f)}, ''), a.{_quoted(f)}, '') AS {_quoted(f)}" for f in SHOWN
    )
    return (
        f"CREATE TABLE found AS SELECT * FROM (SELECT "  # noqa: S608 - our own words
        f"CASE WHEN b.key IS NULL THEN '{ONLY_A}' WHEN a.key IS NULL THEN '{ONLY_B}' "
        f"WHEN changes <> '' THEN '{CHANGED}' END AS kind, "
        f"coalesce(nullif(b.region, ''), a.region, '') AS village, changes, "
        f"coalesce(a.key, b.key) AS key, {both}, {_sides()} "
        f"FROM {a} a FULL JOIN {b} b ON a.key = b.key, "
        f"LATERAL (SELECT concat_ws(' ', {changes}) AS changes)) WHERE kind IS NOT NULL"
    )


def _sides() -> str:
    """What each list said of the fields that are compared."""
    return ", ".join(
        f"coalesce({side}.{_quoted(f)}, '') AS {side}_{f}" for f in COMPARED for side in "ab"
    )


def differences(row: Row) -> Sequence[tuple[str, str, str]]:
    """The fields in which two rows differ, with what A and what B says."""
    return [(f, row[f"a_{f}"], row[f"b_{f}"]) for f in row["changes"].split()]
