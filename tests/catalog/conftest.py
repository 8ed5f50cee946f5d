"""Builders: the shipped files, and copies of them with one cell, row or column changed."""

import csv
import io
from collections.abc import Callable

import pytest

from catalog.catalogue import Catalogue
from catalog.load import CatalogueError, Problem, load_files, load_shipped, shipped_files

Table = list[list[str]]


def to_table(content: bytes) -> Table:
    return list(csv.reader(io.StringIO(content.decode())))


def to_bytes(table: Table) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue().encode()


class Files(dict[str, bytes]):
    """The shipped files, to be spoiled cell by cell; rows count as in a spreadsheet."""

    def edit(self, name: str, change: Callable[[Table], None]) -> "Files":
        table = to_table(self[name])
        change(table)
        self[name] = to_bytes(table)
        return self

    def set(self, name: str, row: int, column: str, value: str) -> "Files":
        def change(table: Table) -> None:
            if column not in table[0]:
                table[0].append(column)
                for cells in table[1:]:
                    cells.append("")
            table[row - 1][table[0].index(column)] = value

        return self.edit(name, change)

    def add(self, name: str, **cells: str) -> int:
        """Append a row and return its number; a cell that is not named copies the first row's."""

        def change(table: Table) -> None:
            first = dict(zip(table[0], table[1], strict=True))
            table.append([{**first, **cells}[column] for column in table[0]])

        self.edit(name, change)
        return len(to_table(self[name]))

    def row_of(self, name: str, **cells: str) -> int:
        header, *rows = to_table(self[name])
        for number, row in enumerate(rows, start=2):
            found = dict(zip(header, row, strict=True))
            if all(found[column] == value for column, value in cells.items()):
                return number
        raise AssertionError(f"no row {cells} in {name}")

    def drop(self, name: str, **cells: str) -> "Files":
        def change(table: Table) -> None:
            header = table[0]
            table[1:] = [
                row
                for row in table[1:]
                if any(row[header.index(column)] != value for column, value in cells.items())
            ]

        return self.edit(name, change)

    def problems(self) -> list[Problem]:
        with pytest.raises(CatalogueError) as caught:
            load_files(self)
        return caught.value.problems

    def places(self) -> list[tuple[str, int, str]]:
        return [(problem.file, problem.row, problem.column) for problem in self.problems()]


@pytest.fixture
def files() -> Files:
    return Files(shipped_files())


@pytest.fixture(scope="session")
def shipped() -> Catalogue:
    return load_shipped()
