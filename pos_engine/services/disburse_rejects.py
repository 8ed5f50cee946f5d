"""What is wrong with a disbursement file: every problem in a CSV, the first for the screen."""

import csv
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

PROBLEMS_MAX = 20  # shown; the file has them all
COLUMNS = ["row", "family_id", "code", "message"]


@dataclass(frozen=True, slots=True)
class FileRefused:
    """The file was not taken. `problems` are the first (row 1 is the header), `counts` all by code.

    `rejects` is the CSV file with every problem, when one was asked for.
    """

    problems: tuple[str, ...]
    counts: dict[str, int] = field(default_factory=dict)
    rejects: Path | None = None
    existing_run: str | None = None  # the run that has credited, or will credit, the same families


class Rejects:
    """Collects problems: written out one by one, never held in memory."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.first: list[str] = []
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __bool__(self) -> bool:
        return bool(self.counts)

    def add(self, row: int, family_id: str, code: str, message: str) -> None:
        """One problem; row 0 is the file as a whole."""
        self.counts[code] += 1
        if len(self.first) < PROBLEMS_MAX:
            self.first.append(f"row {row}: {message}" if row else message)
        if self.path is None:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(COLUMNS)
        self._writer.writerow([row or "", family_id, code, message])

    def refused(self, existing_run: str | None = None) -> FileRefused:
        """Everything that was found."""
        return FileRefused(
            tuple(self.first),
            dict(self.counts),
            self.path if self._file is not None else None,
            existing_run,
        )

    def close(self) -> None:
        """The CSV file is complete."""
        if self._file is not None:
            self._file.close()
