"""A snapshot that was cut, shuffled or damaged is refused, whoever did it."""

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.snapshot import BLOCK_BYTES_MAX, read_snapshot, write_snapshot
from biometrics.snapshot_header import SnapshotHeader, SnapshotReason, SnapshotRefused
from tests.biometrics.galleries import MODEL, live, population
from tests.biometrics.snapshots import HEADER, KEY, loaded, reason, saved

PEOPLE, _ = population(20)


def test_cut_between_blocks_it_is_truncated():
    blocks = [b"a" * 100, b"b" * 100]
    file = io.BytesIO()
    write_snapshot(file, KEY, HEADER, blocks)
    short = file.getvalue()[: -(4 + 12 + 16)]  # without the last, empty block
    _, read = read_snapshot(
        io.BytesIO(short), KEY, index="faces", model_id=MODEL, newest_sequence=7
    )
    with pytest.raises(SnapshotRefused, match="TRUNCATED"):
        list(read)


def test_blocks_cannot_be_exchanged_left_out_or_moved_to_another_header():
    def pieces(header):
        file = io.BytesIO()
        write_snapshot(file, KEY, header, [b"a" * 100, b"b" * 100])
        size, whole = 4 + 12 + 100 + 16, file.getvalue()
        start = len(whole) - 2 * size - 32
        return whole[:start], whole[start : start + size], whole[start + size : -32], whole[-32:]

    head, one, two, end = pieces(HEADER)
    newer, *_ = pieces(SnapshotHeader("faces", MODEL, 6, 66, 128))
    for forged in (head + two + one + end, head + two + end, head + end, newer + one + two + end):
        _, read = read_snapshot(
            io.BytesIO(forged), KEY, index="faces", model_id=MODEL, newest_sequence=7
        )
        with pytest.raises(SnapshotRefused, match="CORRUPT"):
            list(read)


SMALL = saved(live(PEOPLE[:7]).index)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, len(SMALL) - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_goes_unseen(at, bit):
    data = bytearray(SMALL)
    data[at] ^= 1 << bit
    with pytest.raises(SnapshotRefused):
        loaded(bytes(data))


@settings(max_examples=100, deadline=None)
@given(noise=st.binary(max_size=200))
def test_noise_is_refused_not_a_crash(noise):
    for data in (noise, b"EWFACES\x00" + noise):
        with pytest.raises(SnapshotRefused):
            loaded(data)


def test_another_format_is_named():
    head = json.dumps({"format_version": 2, "key_check": ""}).encode()
    data = b"EWFACES\x00" + len(head).to_bytes(4, "little") + head
    assert reason(data) is SnapshotReason.FORMAT


def test_a_length_that_would_fill_the_memory_is_refused():
    data = SMALL[: SMALL.index(b"}") + 1] + (2**32 - 1).to_bytes(4, "little")
    assert reason(data) is SnapshotReason.CORRUPT


@pytest.mark.parametrize("block", [b"", bytes(BLOCK_BYTES_MAX + 1)])
def test_a_writer_keeps_to_the_block_size(block):
    with pytest.raises(ValueError, match="a block has"):
        write_snapshot(io.BytesIO(), KEY, HEADER, [block])
