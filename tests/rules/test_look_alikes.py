"""The same person written twice is found; neighbours, twins and namesakes are left alone."""

import random
from datetime import date, timedelta

import pytest

from pos_engine.rules.look_alikes import (
    Someone,
    look_alikes,
    name_key,
    names_score,
    needed_score,
    same_person,
)
from tests.registry_files import misspelt, mistyped, people

BORN = date(1980, 8, 15)
PEOPLE_OF_A_VILLAGE = 800
PLANTED_OF_A_VILLAGE = 25
VILLAGES = 20


def someone(family, name="SITI WAHYUNI", born=BORN, sex="P", *, fresh=True):
    return Someone(family, f"p-{family}", name, born, sex, "PENGURUS", 1, fresh)


def villages(seed):
    """People with planted doubles, and as many near misses: another name or another day."""
    rng = random.Random(seed)
    for village in range(VILLAGES):
        found = [
            someone(f"{village}-{n}", name, born, sex)
            for n, (name, born, sex) in enumerate(people(PEOPLE_OF_A_VILLAGE, rng))
        ]
        planted = set()
        for n, double in enumerate(rng.sample(found, PLANTED_OF_A_VILLAGE)):
            again = f"{village}-again-{n}"
            name = misspelt(double.name, rng)
            found.append(someone(again, name, mistyped(double.birth_date, rng), double.sex))
            planted.add((double.kpm_id, again))
        for n, near in enumerate(rng.sample(found[:PEOPLE_OF_A_VILLAGE], PLANTED_OF_A_VILLAGE)):
            other_day = near.birth_date + timedelta(days=rng.randrange(400, 3000))
            found.append(someone(f"{village}-namesake-{n}", near.name, other_day, near.sex))
            stranger = people(1, rng)[0][0]
            found.append(someone(f"{village}-same-day-{n}", stranger, near.birth_date, near.sex))
        yield found, planted


def test_planted_doubles_are_found_and_strangers_are_not():
    right = wrong = missed = 0
    for found, planted in villages(seed=5):
        pairs = {(a.kpm_id, b.kpm_id) for a, b in look_alikes(found)}
        right += len(pairs & planted)
        missed += len(planted - pairs)
        wrong += len(pairs - planted)
    recall, precision = right / (right + missed), right / (right + wrong)
    print(f"recall {recall:.4f} of {right + missed}, precision {precision:.4f}")  # noqa: T201
    assert recall >= 0.99
    assert precision >= 0.95


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Hj. St. Djoemiati", "SITI JUMIATI"),
        ("MOCH. SOELAIMAN", "MUHAMMAD SULAIMAN"),
        ("Haji", "HAJI"),
        ("  nur'aini ", "NURAINI"),
    ],
)
def test_a_name_key_has_no_title_short_form_or_old_spelling(written, key):
    assert name_key(written) == key


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ("SITI WAHYUNI", "WAHYUNI SITI", 100, 100),
        ("SITI NUR WAHYUNI", "SITI N WAHYUNI", 90, 100),
        ("SRIRAHAYU", "SRI RAHAYU", 100, 100),
        ("ANI", "AN", 0, 90),
        ("", "ANI", 0, 50),
        ("BUDI SANTOSO", "YAKOB TABUNI", 0, 55),
        ("A B", "A BUDI", 0, 90),
    ],
)
def test_names_are_compared_as_clerks_write_them(one, other, least, most):
    assert least <= names_score(one, other) <= most


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (BORN, BORN, True),
        (date(1980, 5, 8), date(1980, 8, 5), True),
        (BORN, date(1981, 8, 15), True),
        (BORN, date(1980, 1, 1), True),
        (date(1980, 7, 1), date(1980, 7, 1), True),
        (BORN, date(1984, 9, 15), False),
        (BORN, date(1979, 1, 1), False),
        (BORN, None, False),
    ],
)
def test_birth_dates_are_near_when_a_clerk_could_have_meant_the_same(one, other, near):
    assert (needed_score(one, other) is not None) is near
    assert (needed_score(other, one) is not None) is near
    pair = [someone("a", born=one), someone("b", born=other)]
    assert bool(list(look_alikes(pair))) is near


def test_one_family_old_pairs_and_the_other_sex_are_left_alone():
    same = someone("a")
    assert list(look_alikes([same, same])) == []
    old = [someone("a", fresh=False), someone("b", fresh=False)]
    assert list(look_alikes(old)) == []
    assert not same_person(same, someone("b", "SITI WAHJUNA", sex="L"))
    assert same_person(same, someone("b", sex=None))
    assert not same_person(same, someone("b", born=None))
