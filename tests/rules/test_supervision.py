"""Two who vouch for her: two different people; above a quota a case, never a refusal."""

from dataclasses import replace

import pytest

from pos_engine.rules.money import Rupiah
from pos_engine.rules.supervision import (
    COOL_DOWN_RUPIAH_MAX,
    FAMILY_QUOTA,
    PAIR_QUOTA,
    SHOP_QUOTA,
    SupervisionState,
    Vouching,
    case_reasons,
    may_confirm,
)

PLAIN = Vouching(
    amount=COOL_DOWN_RUPIAH_MAX,
    cool_down=True,
    home_shop=True,
    of_family=FAMILY_QUOTA - 1,
    of_shop=SHOP_QUOTA - 1,
    of_pair=PAIR_QUOTA - 1,
)


def against(state=SupervisionState.ASKED, officer="budi", *, own=False, late=False):
    refusal = may_confirm(state, asked_by="ani", officer=officer, own_family=own, late=late)
    return refusal and refusal.reason


def test_another_person_in_time_may():
    assert against() is None


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"own": True, "officer": "ani"}, "OWN_FAMILY"),
        ({"officer": "ani"}, "SECOND_PERSON_NEEDED"),
        ({"state": SupervisionState.REFUSED, "late": True}, "WRONG_STATUS"),
        ({"state": SupervisionState.CONFIRMED}, "WRONG_STATUS"),
        ({"late": True}, "EXPIRED"),
    ],
    ids=str,
)
def test_the_first_reason_that_holds_is_told(case, reason):
    assert against(**case) == reason


def test_the_plain_one_of_a_cool_down_makes_no_case():
    assert case_reasons(PLAIN) == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"of_family": FAMILY_QUOTA}, "FAMILY_QUOTA"),
        ({"of_shop": SHOP_QUOTA}, "SHOP_QUOTA"),
        ({"of_pair": PAIR_QUOTA}, "PAIR_QUOTA"),
        ({"amount": Rupiah(COOL_DOWN_RUPIAH_MAX + 1)}, "ABOVE_COOL_DOWN_SUM"),
        ({"home_shop": False}, "OTHER_SHOP"),
    ],
    ids=str,
)
def test_what_is_above_a_quota_is_a_case(change, reason):
    assert case_reasons(replace(PLAIN, **change)) == (reason,)


def test_outside_a_cool_down_the_sum_is_no_case():
    assert case_reasons(replace(PLAIN, amount=Rupiah(600_000), cool_down=False)) == ()
