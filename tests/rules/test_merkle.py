"""The tree and the texts of the audit chain."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.audit import (
    Day,
    Proof,
    Seal,
    canonical,
    closable_day,
    day_of_number,
    local_day,
    proof_holds,
    receipt_leaf,
    row_leaf,
)
from pos_engine.rules.merkle import (
    EMPTY_ROOT,
    NO_HASH,
    Side,
    Step,
    Tree,
    climbed,
    leaf_hash,
    node_hash,
    root_of,
)

leaf_lists = st.lists(st.binary(max_size=8).map(leaf_hash), min_size=1, max_size=70)
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
RECEIPT = "EW1*3507-261121-1A2B3C4D*67000*2611211000*0123456789abcdef*0193-id"


def by_the_book(leaves):
    """RFC 6962 §2.1: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_the_book(leaves[:split]), by_the_book(leaves[split:]))


def path_of(leaves, index):
    tree = Tree()
    for at, leaf in enumerate(leaves):
        tree.add(leaf, wanted=at == index)
    return tree.finish()


@given(leaf_lists)
def test_the_root_is_that_of_rfc_6962(leaves):
    assert root_of(leaves) == by_the_book(leaves)


@given(leaf_lists, st.data())
def test_every_leaf_proves_itself_and_nothing_else_does(leaves, data):
    index = data.draw(st.integers(0, len(leaves) - 1))
    root, path = path_of(leaves, index)
    assert root == root_of(leaves)
    assert climbed(leaves[index], path) == root
    assert len(path) <= (len(leaves) - 1).bit_length()
    assert climbed(leaf_hash(b"a stranger's"), path) != root


@given(leaf_lists, st.data())
def test_any_change_of_the_leaves_changes_the_root(leaves, data):
    at = data.draw(st.integers(0, len(leaves) - 1))
    changed = [*leaves[:at], leaf_hash(b"a stranger's"), *leaves[at + 1 :]]
    others = [changed, leaves[:at] + leaves[at + 1 :], [*leaves, leaf_hash(b"one more")]]
    swapped = [*leaves[:at], *reversed(leaves[at : at + 2]), *leaves[at + 2 :]]
    others += [swapped] if swapped != leaves else []
    assert root_of(leaves) not in [root_of(each) for each in others]


def test_a_tree_grows_on_after_it_was_asked():
    tree = Tree()
    assert tree.finish() == (EMPTY_ROOT, ())
    for count in range(1, 6):
        tree.add(leaf_hash(b"x"))
        assert tree.finish()[0] == by_the_book([leaf_hash(b"x")] * count)


def test_a_leaf_is_no_node():
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)
    assert leaf_hash(b"") == hashlib.sha256(b"\x00").digest()


def test_a_value_is_written_the_same_whoever_stored_it():
    wita = timezone(timedelta(hours=8))
    assert canonical(AT) == canonical(AT.astimezone(wita)) == "2026-11-21T03:00:00.000000+00:00"
    assert canonical(date(2026, 11, 21)) == "2026-11-21"
    assert (canonical(b"\x00\xff"), canonical(None), canonical([1])) == ("00ff", None, [1])


def test_a_row_hash_is_fixed_for_ever():
    """A changed value here makes every sealed row of the nation look altered."""
    row = {"purchase_id": "p", "amount": 67_000, "decided_at": AT, "lines": [{"b": 1, "a": "é"}]}
    first = "e75cfb4b4dc2454d6bb75dc7e9be578e30638aeb3410d62839cab2d1a0d82b35"
    second = "f4da47de8d01"
    assert row_leaf("PURCHASE", [row], 1).hex() == first
    assert row_leaf("PURCHASE", [row], 2).hex().startswith(second)
    assert row_leaf("PURCHASE", [dict(reversed(row.items()))]) == row_leaf("PURCHASE", [row])
    assert row_leaf("MOVEMENT", [row]) != row_leaf("PURCHASE", [row])
    assert row_leaf("PURCHASE", [row]) == row_leaf("PURCHASE", [row], 2)


def test_days_are_those_of_wib_and_close_ten_minutes_late():
    midnight = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
    assert local_day(midnight) == date(2026, 11, 22)
    assert closable_day(midnight + timedelta(minutes=9)) == date(2026, 11, 20)
    assert closable_day(midnight + timedelta(minutes=10)) == date(2026, 11, 21)


def test_a_number_names_its_day():
    assert day_of_number("3507-261121-1A2B3C4D") == date(2026, 11, 21)
    for other in ("3507-261321-1A2B3C4D", "3507-261121-1a2b3c4d", "x", ""):
        assert day_of_number(other) is None


def a_proof():
    others = [leaf_hash(bytes([each])) for each in range(6)]
    leaf, row = receipt_leaf(RECEIPT), leaf_hash(b"the whole row")
    root, path = path_of([*others, node_hash(leaf, row)], 6)
    seal = Seal(7, 3, leaf_hash(b"prev"), root, 7, date(2026, 11, 21), AT)
    day_root, seal_path = path_of([leaf_hash(b"another link"), seal.leaf], 1)
    day = Day(date(2026, 11, 21), NO_HASH, day_root, 2, AT)
    return Proof(RECEIPT, leaf, (Step(Side.RIGHT, row), *path), seal.text, seal_path, day.text)


def test_a_proof_holds():
    proof = a_proof()
    assert proof_holds(proof)
    assert proof_holds(replace(proof, receipt=None))


SOUND = a_proof()
TAMPERED = {
    "another amount": replace(SOUND, receipt=RECEIPT.replace("67000", "76000")),
    "not a receipt": replace(SOUND, receipt="EW1*x"),
    "another leaf": replace(SOUND, receipt=None, leaf=NO_HASH),
    "a step less": replace(SOUND, path=SOUND.path[1:]),
    "a side turned": replace(SOUND, path=(Step(Side.LEFT, SOUND.path[0].neighbour),)),
    "another link": replace(SOUND, seal=SOUND.seal.replace("*7*", "*8*", 1)),
    "no link": replace(SOUND, seal="EWS1*"),
    "a link cut off": replace(SOUND, seal_path=()),
    "another day": replace(SOUND, day=SOUND.day.replace(SOUND.day.split("*")[3], "00" * 32)),
    "no day": replace(SOUND, day="EWD2*2026-11-21"),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_a_tampered_proof_does_not_hold(name):
    assert not proof_holds(TAMPERED[name])


def test_links_and_days_hash_everything_they_say():
    seal = Seal(7, 3, NO_HASH, leaf_hash(b"r"), 7, date(2026, 11, 21), AT)
    day = Day(date(2026, 11, 21), NO_HASH, leaf_hash(b"r"), 2, AT)
    changes = {"shard": 8, "n": 4, "prev": leaf_hash(b""), "root": NO_HASH, "count": 8,
               "day": date(2026, 11, 22), "sealed_at": AT + timedelta(microseconds=1)}  # fmt: skip
    assert len({seal.hash, *(replace(seal, **{k: v}).hash for k, v in changes.items())}) == 8
    changes = {"day": date(2026, 11, 22), "prev": leaf_hash(b""), "root": NO_HASH, "seals": 3,
               "closed_at": AT + timedelta(microseconds=1)}  # fmt: skip
    assert len({day.hash, *(replace(day, **{k: v}).hash for k, v in changes.items())}) == 6
