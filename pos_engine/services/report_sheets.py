"""Spreadsheets (XLSX, ECMA-376) row after row to the disk: a million rows in seconds, no formulas.

Texts are written where they stand, never as formulas, links or numbers. Nothing is kept of a row.
"""

import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from xml.sax.saxutils import escape

CELL_LENGTH_MAX = 32_767
COLUMNS_MAX = 200
CELLS_REMEMBERED = 20_000  # names, words and prices come again and again
LEVEL = 1  # of packing: what takes longest
NO_TIME = (1980, 1, 1, 0, 0, 0)  # of the parts in the package: equal rows are equal bytes
_ILLEGAL = re.compile("[\\x00-\\x08\\x0b-\\x1f\\ufffe\\uffff\\ud800-\\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/>'
    '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="1"><xf/></cellXfs></styleSheet>'
)
_FROZEN = (
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" '
    'activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
)


class Book:
    """A workbook that is being written: one sheet after the other, whole when it is left."""

    def __init__(self, path: Path, created: datetime) -> None:
        self._package = zipfile.ZipFile(
            path, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=LEVEL
        )
        self._created, self._names = created, list[str]()
        self._sheet: IO[bytes] | None = None
        self._row = 0

    def __enter__(self) -> Self:
        """It is closed with the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """After an error it stays half a file, which its caller takes away."""
        self._end_sheet()
        if kind is None:
            self._write_parts()
        self._package.close()

    def begin_sheet(self, name: str, head: Sequence[str] = ()) -> None:
        """The next rows stand on a sheet of this name, below a head that stays in sight."""
        self._end_sheet()
        self._names.append(name)
        part = f"xl/worksheets/sheet{len(self._names)}.xml"
        self._sheet, self._row = self._package.open(_info(part), "w", force_zip64=True), 0
        begin = f'{_HEAD}<worksheet xmlns="{_MAIN}">{_FROZEN if head else ""}<sheetData>'
        self._sheet.write(begin.encode())
        if head:
            self.add([head])

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Rows at the end of the sheet. None is an empty cell."""
        if self._sheet is None:
            raise ValueError("A sheet is begun before its rows.")
        text = []
        for cells in rows:
            self._row += 1
            text.append(_row(self._row, cells))
        self._sheet.write("".join(text).encode())

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._sheet.write(b"</sheetData></worksheet>")
            self._sheet.close()
            self._sheet = None

    def _write_parts(self) -> None:
        numbers = range(1, len(self._names) + 1)
        sheets = "".join(
            f'<sheet name="{escape(name, {chr(34): "&quot;"})}" sheetId="{n}" r:id="rId{n}"/>'
            for n, name in zip(numbers, self._names, strict=True)
        )
        styles = len(self._names) + 1
        parts = {
            "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f"{sheets}</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": _relations(
                {f"rId{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in numbers}
                | {f"rId{styles}": ("styles", "styles.xml")}
            ),
            "xl/styles.xml": _STYLES,
            "docProps/core.xml": _core(self._created),
            "_rels/.rels": _relations({"rId1": ("officeDocument", "xl/workbook.xml")}, core="rId2"),
            "[Content_Types].xml": _types(len(self._names)),
        }
        for name, text in parts.items():
            self._package.writestr(_info(name), text)


def _info(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, NO_TIME)
    found.compress_type = zipfile.ZIP_DEFLATED
    return found


def _row(number: int, cells: Sequence[Any]) -> str:
    said = [f"{head}{number}{_cell(cell)}" for head, cell in zip(_HEADS, cells, strict=False)]
    return f'<row r="{number}">{"".join(said)}</row>'


@lru_cache(CELLS_REMEMBERED, typed=True)
def _cell(cell: Any) -> str:
    """What follows a cell's place."""
    if isinstance(cell, str):
        return f'" t="inlineStr">{_text(cell)}</c>'
    if isinstance(cell, bool):
        return f'" t="b"><v>{cell:d}</v></c>'
    if cell is None or cell - cell != 0:  # a number without end, or none
        return '"/>'
    return f'"><v>{cell}</v></c>'


def _text(text: str) -> str:
    """A text as XML; signs that XML does not know are told by their number, as Excel does."""
    known = _ILLEGAL.sub(lambda found: f"_x{ord(found[0]):04X}_", text[:CELL_LENGTH_MAX])
    space = ' xml:space="preserve"' if known != known.strip() else ""
    return f"<is><t{space}>{escape(known)}</t></is>"


def _column(place: int) -> str:
    """The name of a column, from 0: A, B, ... Z, AA."""
    name, left = "", place + 1
    while left:
        left, letter = divmod(left - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


_HEADS = [f'<c r="{_column(place)}' for place in range(COLUMNS_MAX)]


def _relations(targets: dict[str, tuple[str, str]], core: str = "") -> str:
    said = [
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    ]
    if core:
        kind = f"{_PACKAGE}/relationships/metadata/core-properties"
        said.append(f'<Relationship Id="{core}" Type="{kind}" Target="docProps/core.xml"/>')
    return f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(said)}</Relationships>'


def _core(created: datetime) -> str:
    at = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{at}</dcterms:created></cp:coreProperties>'
    )


def _types(sheets: int) -> str:
    parts = {"/xl/workbook.xml": f"{_TYPE}.sheet.main+xml", "/xl/styles.xml": f"{_TYPE}.styles+xml"}
    parts |= {f"/xl/worksheets/sheet{n + 1}.xml": f"{_TYPE}.worksheet+xml" for n in range(sheets)}
    parts["/docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
    said = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items()
    )
    relations = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="{relations}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{said}</Types>'
    )
