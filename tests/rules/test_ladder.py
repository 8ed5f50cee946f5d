"""The fallback ladder: always a next step, never past a limit, never the same state again."""

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pos_engine.rules.identity import TRIES_MAX, Method
from pos_engine.rules.ladder import (
    CLOSES,
    DEVICE_FAILURES_MAX,
    OF_THE_PROOF,
    PERSON_FAILURES_MAX,
    PROVING,
    SHOP_FAILURES_MAX,
    SKIPS_MAX,
    STEPS_MAX,
    Access,
    LadderFacts,
    Outcome,
    Step,
    Tried,
    Way,
    Why,
    after_refusal,
    next_step,
    tries_left,
    way_of,
    way_open,
)
from pos_engine.rules.reasons import Reason

WRONG = Reason.PIN_WRONG


def failed(way, times=1, reason=WRONG):
    return (Tried(way, Outcome.FAILED, reason),) * times


def skipped(*ways):
    return tuple(Tried(way, Outcome.SKIPPED) for way in ways)


def step(*visit, **facts):
    return next_step(LadderFacts(visit=tuple(visit), **facts))


class TestPlain:
    def test_it_begins_with_the_card_and_names_all_others(self):
        assert step() == Step(Way.KKS, Why.FIRST, TRIES_MAX, (*PROVING, Way.SUPERVISED))

    def test_one_miss_is_tried_again_and_the_third_goes_on(self):
        again = step(*failed(Way.KKS))
        assert (again.way, again.why, again.tries_left) == (Way.KKS, Why.AGAIN, 2)
        on = step(*failed(Way.KKS, TRIES_MAX))
        assert (on.way, on.why) == (Way.PHONE, Why.TRIES_SPENT)
        assert Way.KKS not in on.choices

    @pytest.mark.parametrize("reason", sorted(CLOSES))
    def test_what_cannot_work_today_is_not_tried_again(self, reason):
        on = step(*failed(Way.KKS, reason=reason))
        assert (on.way, on.why) == (Way.PHONE, Why.WAY_CLOSED)

    def test_a_skip_costs_nothing_and_the_way_stays_open(self):
        on = step(*skipped(Way.KKS))
        assert (on.way, on.why) == (Way.PHONE, Why.SKIPPED)
        back = step(*skipped(Way.KKS), chosen=Way.KKS)
        assert (back.way, back.why, back.tries_left) == (Way.KKS, Why.CHOSEN, TRIES_MAX)

    def test_who_skips_all_is_helped_by_people(self):
        assert step(*skipped(*PROVING)).way is Way.SUPERVISED

    def test_a_closed_way_cannot_be_chosen(self):
        assert step(*failed(Way.FACE, TRIES_MAX), chosen=Way.FACE).way is Way.KKS

    def test_the_end_is_a_visit_with_a_case(self):
        spent = [each for way in (*PROVING, Way.SUPERVISED) for each in failed(way, TRIES_MAX)]
        assert step(*spent) == Step(Way.VISIT, Why.NOBODY_LEFT, 0, (), case=True)

    def test_when_only_skipped_ways_are_left_the_last_of_them_is_offered(self):
        visit = [*failed(Way.SUPERVISED, TRIES_MAX), *skipped(*PROVING)]
        assert step(*visit).way is Way.DELEGATE


class TestWhatIsKnown:
    @pytest.mark.parametrize(
        ("facts", "first"),
        [
            ({"missing": {Way.KKS}}, Way.PHONE),
            ({"missing": {Way.KKS}, "access": {Access.NO_PHONE}}, Way.FACE),
            ({"missing": {Way.KKS, Way.PHONE}, "access": {Access.NO_FACE}}, Way.DELEGATE),
            ({"access": {Access.BLIND}}, Way.FACE),
            ({"access": {Access.BEDRIDDEN}}, Way.DELEGATE),
            ({"access": {Access.DEAF}}, Way.KKS),
            ({"accepted": {Way.FACE}}, Way.FACE),
            ({"accepted": ()}, Way.SUPERVISED),
        ],
        ids=[
            "no card", "no card nor phone", "no face too", "blind", "bedridden", "deaf",
            "face only", "nothing taken",
        ],
    )  # fmt: skip
    def test_the_right_way_is_first(self, facts, first):
        assert step(**facts).way is first

    def test_a_till_that_failed_too_often_is_left_with_people(self):
        over = step(*failed(Way.KKS), device_failures=DEVICE_FAILURES_MAX)
        assert (over.way, over.why, over.choices) == (
            Way.SUPERVISED, Why.DEVICE_LIMIT, (Way.SUPERVISED,),
        )  # fmt: skip
        assert step(device_failures=DEVICE_FAILURES_MAX - 1).way is Way.KKS

    def test_and_so_is_a_shop(self):
        assert step(shop_failures=SHOP_FAILURES_MAX).why is Why.SHOP_LIMIT
        assert step(shop_failures=SHOP_FAILURES_MAX - 1).way is Way.KKS

    def test_a_number_that_strangers_try_closes_that_way_alone(self):
        tried = step(person_failures={Way.KTP: PERSON_FAILURES_MAX})
        assert Way.KTP not in tried.choices
        assert tried.way is Way.KKS


class TestAfterARefusedPurchase:
    @pytest.mark.parametrize(
        ("method", "reason", "way"),
        [
            (Method.KKS, Reason.PIN_WRONG, Way.KKS),
            (Method.KKS, Reason.PIN_BLOCKED, Way.PHONE),
            (Method.PHONE, Reason.CODE_EXPIRED, Way.PHONE),
            (Method.DELEGATE, Reason.DELEGATE_NOT_ALLOWED, Way.KKS),
            (Method.UNKNOWN, Reason.PAYER_UNKNOWN, Way.KKS),
            (Method.QR, Reason.PAYER_TOKEN_EXPIRED, Way.KKS),
            (Method.KKS, Reason.PRICE_ABOVE_CEILING, None),
            (Method.KKS, Reason.KPM_SUSPENDED, None),
        ],
        ids=str,
    )
    def test_only_a_refused_proof_has_another_way(self, method, reason, way):
        assert after_refusal(method, reason) is way

    def test_each_method_stands_on_its_rung_but_the_code_of_a_phone(self):
        without = {method for method in Method if way_of(method) is None}
        assert without == {Method.QR, Method.UNKNOWN}


class Visits(RuleBasedStateMachine):
    """Somebody at a till who fails, skips and chooses in any order."""

    def __init__(self):
        super().__init__()
        self.visit = ()
        self.chosen = None
        self.known = {}
        self.seen = set()

    @property
    def facts(self):
        return LadderFacts(visit=self.visit, chosen=self.chosen, **self.known)

    def happened(self, event):
        self.visit, self.chosen = (*self.visit, event), None
        assert self.visit not in self.seen
        self.seen.add(self.visit)

    @precondition(lambda self: not self.visit)
    @rule(
        missing=st.frozensets(st.sampled_from(PROVING)),
        access=st.frozensets(st.sampled_from(Access)),
        accepted=st.none() | st.frozensets(st.sampled_from(PROVING)),
        device=st.sampled_from([0, DEVICE_FAILURES_MAX]),
        person=st.dictionaries(st.sampled_from(Way), st.integers(0, PERSON_FAILURES_MAX)),
    )
    def she_is_somebody(self, missing, access, accepted, device, person):
        self.known = {
            "missing": missing, "access": access, "accepted": accepted,
            "device_failures": device, "person_failures": person,
        }  # fmt: skip

    @precondition(lambda self: not next_step(self.facts).case)
    @rule(reason=st.sampled_from(sorted(OF_THE_PROOF)))
    def it_fails(self, reason):
        self.happened(Tried(next_step(self.facts).way, Outcome.FAILED, reason))

    @precondition(lambda self: not next_step(self.facts).case)
    @rule()
    def she_skips(self):
        self.happened(Tried(next_step(self.facts).way, Outcome.SKIPPED))

    @precondition(lambda self: not next_step(self.facts).case)
    @rule(data=st.data())
    def she_chooses(self, data):
        self.chosen = data.draw(st.sampled_from(next_step(self.facts).choices))
        assert next_step(self.facts).way is self.chosen

    @rule(way=st.sampled_from(Way))
    def she_wants_anything(self, way):
        self.chosen = way

    @invariant()
    def there_is_a_next_step_and_it_is_open(self):
        told = next_step(self.facts)
        assert told.case is (told.way is Way.VISIT)
        if not told.case:
            assert told.way in told.choices
            assert told.tries_left == tries_left(self.facts, told.way) > 0
            assert all(way_open(self.facts, way) for way in told.choices)

    @invariant()
    def no_limit_is_passed_and_it_ends(self):
        for way in Way:
            mine = [each for each in self.visit if each.way is way]
            assert sum(each.outcome is Outcome.FAILED for each in mine) <= TRIES_MAX
            assert sum(each.outcome is Outcome.SKIPPED for each in mine) <= SKIPS_MAX
        assert len(self.visit) <= STEPS_MAX
        assert len(self.visit) < STEPS_MAX or next_step(self.facts).case


TestAnySequence = Visits.TestCase


def test_whoever_goes_on_failing_reaches_people_in_time():
    visit = ()
    while not next_step(LadderFacts(visit=visit)).case:
        way = next_step(LadderFacts(visit=visit)).way
        visit = (*visit, Tried(way, Outcome.FAILED, Reason.PAYER_UNKNOWN))
    assert len(visit) == (len(PROVING) + 1) * TRIES_MAX
    assert visit[-1].way is Way.SUPERVISED
