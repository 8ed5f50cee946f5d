"""Rows as columns: plain Python values into Arrow tables of a dataset."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pos_engine.lake.datasets import Dataset

INT64_MAX = 2**63 - 1


def table_of(dataset: Dataset, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """A table of rows in the order of the dataset's columns.

    Moments come as microseconds since 1970 UTC; a number that does not fit is the nearest one.
    """
    columns = zip(*rows, strict=True) if rows else ([] for _ in dataset.columns)
    pairs = zip(columns, dataset.columns, strict=True)
    arrays = [_array(values, each.type) for values, each in pairs]
    return pa.Table.from_arrays(arrays, schema=dataset.schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, pa.string()).dictionary_encode().cast(kind)
    plain = pa.int64() if pa.types.is_timestamp(kind) else kind
    try:
        made = pa.array(values, plain)
    except (OverflowError, pa.ArrowInvalid):  # a till may ask for any price; it was refused
        made = pa.array([_fitting(each) for each in values], plain)
    return made if plain is kind else made.cast(kind)


def _fitting(value: Any) -> Any:
    return max(-INT64_MAX, min(INT64_MAX, value)) if isinstance(value, int) else value
