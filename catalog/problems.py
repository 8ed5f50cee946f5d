"""What is wrong with a catalogue file, told so that a person finds the cell in a spreadsheet."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault; the header is row 1, row 0 and an empty column mean the file as a whole."""

    file: str
    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"{self.file} row {self.row}" if self.row else self.file
        return (
            f"{place}, {self.column}: {self.message}" if self.column else f"{place}: {self.message}"
        )


class CatalogueError(Exception):
    """The files hold no usable catalogue; `problems` lists every fault, in order of place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
