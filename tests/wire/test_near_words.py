"""Where to go next, and how an officer reads a refused act."""

from pos_engine.rules.ceilings import ActKind, ActRefusal, DraftState
from pos_engine.wire.ceiling_words import ACTS, STATES, WRONG, wrong
from pos_engine.wire.near_words import is_near_told, near_told

STEP = "Turunkan harga menjadi Rp13.500 atau keluarkan barang."


def test_shops_stand_behind_the_step():
    told = near_told(STEP, "Beras medium", [("Kios A", "Desa X"), ("Kios B", "Desa Y")])
    assert told == (
        f"{STEP} Warung dekat yang menjual Beras medium dengan harga sah minggu ini: "
        "Kios A (Desa X), Kios B (Desa Y)."
    )
    assert is_near_told(told, STEP, "Beras medium")
    assert not is_near_told(told, STEP, "Telur ayam")


def test_without_shops_nothing_is_added():
    assert near_told(STEP, "Beras medium", []) == STEP
    assert is_near_told(STEP, STEP, "Beras medium")


def test_every_state_and_refusal_has_words():
    assert set(STATES) == {each.value for each in DraftState}
    assert set(ACTS) == {each.value for each in ActKind}
    assert {each.value.lower() for each in ActRefusal} <= set(WRONG)
    assert wrong("same_person") == WRONG["same_person"]
    assert wrong("?") == WRONG["draft"]
