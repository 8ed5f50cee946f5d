"""Columns of plain Python values into Arrow tables of a dataset."""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from pos_engine.lake.datasets import Dataset

INT64_MAX = 2**63 - 1
Columns = Mapping[str, Sequence[Any]]


def table_of(dataset: Dataset, columns: Columns) -> pa.Table:
    """A table of columns by their names; each must be there.

    Moments come as microseconds since 1970 UTC; a number that does not fit is the nearest one.
    """
    arrays = [_array(columns[each.name], each.type) for each in dataset.schema]
    return pa.Table.from_arrays(arrays, schema=dataset.schema)


def exploded(dataset: Dataset, heads: Columns, lines: Columns, at: Sequence[int]) -> pa.Table:
    """A table with a row for each line; `at` says which head each line belongs to.

    What stands in a head is made once, not once for each of its lines.
    """
    places = pa.array(at, pa.int32())
    arrays = [
        _array(lines[each.name], each.type)
        if each.name in lines
        else _array(heads[each.name], each.type).take(places)
        for each in dataset.schema
    ]
    return pa.Table.from_arrays(arrays, schema=dataset.schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    plain = pa.int64() if pa.types.is_timestamp(kind) else kind
    try:
        made = pa.array(values, plain)
    except (OverflowError, pa.ArrowInvalid):  # a till may ask for any price; it was refused
        made = pa.array([_fitting(each) for each in values], plain)
    return made if plain is kind else made.cast(kind)


def _fitting(value: Any) -> Any:
    return max(-INT64_MAX, min(INT64_MAX, value)) if isinstance(value, int) else value
