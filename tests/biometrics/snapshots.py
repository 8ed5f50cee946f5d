"""To a snapshot and back, with one key and one sequence number."""

import io

import pytest

from biometrics.index_snapshot import load_index, save_index
from biometrics.snapshot_header import SnapshotHeader, SnapshotRefused
from tests.biometrics.galleries import MODEL

KEY = bytes(range(32))
HEADER = SnapshotHeader("faces", MODEL, 7, 66, 128)


def saved(index, key=KEY):
    file = io.BytesIO()
    save_index(index, file, key, lambda number: f"entry {number}")
    return file.getvalue()


def loaded(data, key=KEY, model_id=MODEL, newest=7):
    return load_index(io.BytesIO(data), key, model_id=model_id, newest_sequence=newest)


def reason(data, **changes):
    with pytest.raises(SnapshotRefused) as refused:
        loaded(data, **changes)
    return refused.value.reason
