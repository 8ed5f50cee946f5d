"""A region in a query: the rows inside it, and the part of a code that a level has."""

from typing import Any

from sqlalchemy import ColumnElement, func, true


def inside(column: ColumnElement[Any], region: str | None) -> ColumnElement[bool]:
    """The region itself and whatever lies in it; None is the nation."""
    if not region:
        return true()
    return (column == region) | column.startswith(f"{region}.", autoescape=True)


def cut(column: ColumnElement[Any], length: int) -> ColumnElement[str]:
    """A code cut to the length of a level."""
    return func.substr(column, 1, length)
