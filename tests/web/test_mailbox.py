"""Answers that threads give reach the coroutines that wait, each its own, also the late ones."""

import asyncio
import threading
from concurrent.futures import Future

import pytest

from pos_engine.web.mailbox import Mailbox

WAIT_S = 10


def test_each_coroutine_gets_its_own_answer_from_any_thread():
    box, asked = Mailbox(), [Future() for _ in range(200)]

    async def everybody():
        threads = [
            threading.Thread(target=lambda part=part: [f.set_result(id(f)) for f in part])
            for part in (asked[:100], asked[100:])
        ]
        waiting = [asyncio.create_task(box.answer_of(each, WAIT_S)) for each in asked]
        await asyncio.sleep(0)
        for each in threads:
            each.start()
        return await asyncio.gather(*waiting)

    assert asyncio.run(everybody()) == [id(each) for each in asked]


def test_an_error_is_raised_where_it_was_asked():
    asked = Future()
    asked.set_exception(KeyError("k"))
    with pytest.raises(KeyError):
        asyncio.run(Mailbox().answer_of(asked, WAIT_S))


def test_who_waits_in_vain_gives_up_and_the_next_loop_is_served():
    box, late, next_one = Mailbox(), Future(), Future()
    with pytest.raises(TimeoutError):
        asyncio.run(box.answer_of(late, 0.01))
    assert late.cancelled()
    next_one.set_result("here")
    assert asyncio.run(box.answer_of(next_one, WAIT_S)) == "here"
