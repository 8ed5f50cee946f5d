"""To a snapshot and back, with one key and one sequence number."""

import io

import pytest

from biometrics.snapshot_header import SnapshotHeader, SnapshotRefused
from tests.biometrics.galleries import MODEL

KEY = bytes(range(32))
HEADER = SnapshotHeader("blocks", MODEL, 7, 66, 128)


def saved(gallery, save, key=KEY):
    file = io.BytesIO()
    save(gallery, file, key)
    return file.getvalue()


def loaded(data, load, key=KEY, model_id=MODEL, newest=7):
    return load(io.BytesIO(data), key, model_id=model_id, newest_sequence=newest)


def reason(data, load, **changes):
    with pytest.raises(SnapshotRefused) as refused:
        loaded(data, load, **changes)
    return refused.value.reason
