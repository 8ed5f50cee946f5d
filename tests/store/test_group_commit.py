"""The queue in front of the database: one transaction for all that wait, an answer for each."""

import threading
import time

import pytest

from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.store.group_commit import BATCH_MAX, GroupCommit

WAIT_S_MAX = 10


class Recorder:
    """Stands in for the database: remembers its transactions, and can be held or gone."""

    dialect = "sqlite"  # one writer: what waits behind it is one batch

    def __init__(self):
        self.gate, self.gone, self.batches = threading.Event(), False, []
        self.gate.set()
        self.inside = threading.Event()

    def transact(self, work):
        self.inside.set()
        assert self.gate.wait(WAIT_S_MAX)
        if self.gone:
            raise UnavailableError
        return work(self)


def doubled(tx, owner, items):
    tx.batches.append(list(items))
    if "poison" in items:
        raise ZeroDivisionError
    return [item * 2 for item in items]


@pytest.fixture
def database():
    return Recorder()


@pytest.fixture
def queue(database):
    queue = GroupCommit(database, waiting_max=400)
    yield queue
    database.gate.set()
    queue.close()


def held(queue, database, first="first"):
    """A queue whose writer is inside a transaction with the first item."""
    database.gate.clear()
    database.inside.clear()
    answer = queue.put(doubled, None, first)
    assert database.inside.wait(WAIT_S_MAX)
    return answer


def test_an_item_is_answered(queue):
    assert queue.ask(doubled, None, 21) == 42
    assert (queue.figures.batches, queue.figures.items) == (1, 1)


def test_what_waits_goes_in_one_transaction_in_order(queue, database):
    held(queue, database)
    answers = [queue.put(doubled, None, number) for number in range(10)]
    assert not any(answer.done() for answer in answers)  # nothing before the commit
    database.gate.set()
    assert [answer.result(WAIT_S_MAX) for answer in answers] == list(range(0, 20, 2))
    assert database.batches == [["first"], list(range(10))]
    assert queue.figures.batch_size_max == 10
    assert queue.figures.queue_age_s_max > 0


def test_a_batch_has_a_limit(queue, database):
    held(queue, database)
    answers = [queue.put(doubled, None, number) for number in range(BATCH_MAX + 1)]
    database.gate.set()
    assert answers[-1].result(WAIT_S_MAX) == 2 * BATCH_MAX
    assert [len(batch) for batch in database.batches] == [1, BATCH_MAX, 1]


def test_only_what_belongs_together_goes_together(queue, database):
    held(queue, database)
    mine, other = object(), object()
    answers = [queue.put(doubled, owner, 1) for owner in (mine, mine, other)]
    database.gate.set()
    assert [answer.result(WAIT_S_MAX) for answer in answers] == [2, 2, 2]
    assert [len(batch) for batch in database.batches] == [1, 2, 1]


@pytest.mark.parametrize("place", [0, 3, 6])
def test_who_raises_is_found_and_answered_alone(queue, database, place):
    held(queue, database)
    items = [*range(6)]
    items.insert(place, "poison")
    answers = [queue.put(doubled, None, item) for item in items]
    database.gate.set()
    for item, answer in zip(items, answers, strict=True):
        if item == "poison":
            with pytest.raises(ZeroDivisionError):
                answer.result(WAIT_S_MAX)
        else:
            assert answer.result(WAIT_S_MAX) == item * 2
    assert queue.ask(doubled, None, 1) == 2  # the writer lives on


def test_a_lasting_conflict_is_its_own_items_alone(queue, database):
    def rival(tx, owner, items):
        if 3 in items:
            raise ConflictError
        return items

    held(queue, database)
    answers = [queue.put(rival, None, item) for item in range(5)]
    database.gate.set()
    assert [answers[n].result(WAIT_S_MAX) for n in (0, 1, 2, 4)] == [0, 1, 2, 4]
    with pytest.raises(ConflictError):
        answers[3].result(WAIT_S_MAX)


def test_work_that_loses_an_answer_is_a_fault_of_its_own(queue):
    with pytest.raises(ValueError, match="zip"):
        queue.ask(lambda _tx, _owner, _items: [], None, 1)


def test_a_full_queue_says_so_at_once(queue, database):
    held(queue, database)
    for number in range(400):
        queue.put(doubled, None, number)
    with pytest.raises(UnavailableError):
        queue.ask(doubled, None, "one too many")
    assert queue.figures.refused == 1


def test_who_waited_too_long_is_told_and_never_decided(queue, database):
    held(queue, database)
    with pytest.raises(UnavailableError):
        queue.ask(doubled, None, "late", wait_s_max=0.05)
    kept = queue.put(doubled, None, 5)
    database.gate.set()
    assert kept.result(WAIT_S_MAX) == 10
    assert database.batches == [["first"], [5]]


def test_who_was_taken_already_may_have_been_written(queue, database):
    database.gate.clear()
    with pytest.raises(UnavailableError):
        queue.ask(doubled, None, "taken", wait_s_max=0.05)
    database.gate.set()
    assert queue.ask(doubled, None, 1) == 2
    assert database.batches == [["taken"], [1]]


def test_a_queue_of_people_who_gave_up_is_no_batch(queue, database):
    held(queue, database)
    given_up = queue.put(doubled, None, "gone")
    assert given_up.cancel()
    database.gate.set()
    assert queue.ask(doubled, None, 1) == 2
    assert database.batches == [["first"], [1]]


def test_a_database_that_is_gone_is_told_to_all_at_once_and_may_come_back(queue, database):
    held(queue, database)
    answers = [queue.put(doubled, None, number) for number in range(50)]
    database.gone = True
    database.gate.set()
    for answer in answers:
        with pytest.raises(UnavailableError):
            answer.result(WAIT_S_MAX)
    assert queue.figures.failed_batches == 2  # not one try for each of fifty
    database.gone = False
    assert queue.ask(doubled, None, 1) == 2


def test_closing_answers_what_waits(queue, database):
    held(queue, database)
    answers = [queue.put(doubled, None, number) for number in range(5)]
    closing = threading.Thread(target=queue.close)
    closing.start()
    database.gate.set()
    closing.join(WAIT_S_MAX)
    assert [answer.result(0) for answer in answers] == [0, 2, 4, 6, 8]
    with pytest.raises(UnavailableError):
        queue.ask(doubled, None, 1)
    queue.close()  # twice is once


def test_closing_takes_a_bounded_time_and_tells_who_waits(queue, database):
    held(queue, database)
    waiting = queue.put(doubled, None, 1)
    began = time.monotonic()
    queue.close(wait_s_max=0.1)
    assert time.monotonic() - began < 5
    with pytest.raises(UnavailableError):
        waiting.result(0)


def test_a_queue_that_nobody_used_closes_at_once(database):
    GroupCommit(database).close()
