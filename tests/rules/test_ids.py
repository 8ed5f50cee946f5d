"""Ids: made by the caller, sortable by time, and each with one shard for life."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.ids import SHARDS, new_uuid7, parse_uuid7, shard_of

NOW = datetime(2026, 11, 21, 9, 14, tzinfo=UTC)
KNOWN = "019aa5f4-7c10-7abc-8def-0123456789ab"


@given(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - the zone is added
def test_a_new_id_is_a_version_7_uuid_of_its_millisecond(now):
    made = UUID(new_uuid7(now))
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    told = timedelta(milliseconds=made.int >> 80)
    assert abs(now - (datetime(1970, 1, 1, tzinfo=UTC) + told)) <= timedelta(milliseconds=1)


def test_ids_sort_by_the_time_they_were_made():
    made = [new_uuid7(NOW + timedelta(milliseconds=step)) for step in range(200)]
    assert made == sorted(made)


def test_a_thousand_ids_of_one_millisecond_are_a_thousand_ids():
    assert len({new_uuid7(NOW) for _ in range(1000)}) == 1000


def test_what_we_make_we_can_read():
    made = new_uuid7(NOW)
    assert parse_uuid7(made) == made


def test_upper_case_is_the_same_id():
    assert parse_uuid7(KNOWN.upper()) == KNOWN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0",
        "garbage",
        KNOWN[:-1],
        f"{KNOWN}0",
        f" {KNOWN}",
        f"{KNOWN}\n",
        f"{{{KNOWN}}}",
        f"urn:uuid:{KNOWN}",
        KNOWN.replace("-", ""),
        KNOWN.replace("a", "g"),
        "24e7e60b-b165-4528-825c-ae51448e3226",
        "703c54ea-e63f-11f1-b748-02fc00000001",
        str(UUID(int=0)),
        str(UUID(int=2**128 - 1)),
        "019aa5f4-7c10-7abc-cdef-0123456789ab",  # version 7 of another variant
    ],
)
def test_anything_else_is_no_id(text):
    assert parse_uuid7(text) is None


@pytest.mark.parametrize(
    "text",
    [
        f"urn:{KNOWN.replace('-', '')}",
        f"{{{{{KNOWN.replace('-', '')}}}}}",
        f"----{KNOWN.replace('-', '')}",
        KNOWN.replace("019a", "01_a", 1),
        KNOWN.replace("0", "\N{ARABIC-INDIC DIGIT ZERO}", 1),
    ],
)
def test_an_oddly_written_id_is_no_id(text):
    assert len(text) == len(KNOWN)
    assert parse_uuid7(text) is None


@given(st.text(max_size=40))
def test_any_text_is_refused_or_read_as_one_canonical_id(text):
    parsed = parse_uuid7(text)
    assert parsed is None or parsed == str(UUID(parsed)) == text.lower()


# Written down on 2026-11-22. A change here would lose every family's wallet: shards are for life.
@pytest.mark.parametrize(
    ("key", "shard"),
    [
        ("", 668),
        ("kpm-1", 176),
        ("3507010000000001", 24),
        ("0199aaaa-0000-7000-8000-000000000001", 520),
    ],
)
def test_a_shard_is_for_life(key, shard):
    assert shard_of(key) == shard


def test_shards_share_the_nation_evenly():
    families = Counter(shard_of(f"3507{number:012d}") for number in range(64 * SHARDS))
    assert set(families) == set(range(SHARDS))
    assert max(families.values()) < 2 * 64
