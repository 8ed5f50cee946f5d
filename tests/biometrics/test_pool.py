"""Whatever a picture does to a worker, the caller gets an answer in time and lives on."""

import os
import resource
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from biometrics.child import WorkerConfig
from biometrics.decode import IMAGE_BYTES_MAX
from biometrics.models import ModelsMissing
from biometrics.pool import IMAGES_MAX, FacePool
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded, from_bytes, to_bytes
from biometrics.template import similarity
from tests.biometrics import pictures


@pytest.fixture
def jpeg(portrait):
    return pictures.encode(portrait)


def reasons(answers):
    return [a.reason if isinstance(a, FaceRefusal) else None for a in answers]


def later(seconds, act):
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def test_answers_come_in_order_and_a_bad_picture_spoils_no_other(pool, jpeg, sface, portrait):
    answers = pool.embed_many([jpeg, b"junk", pictures.png_bomb(), bytes(3 << 20), jpeg])
    expected = [None, FaceReason.NOT_AN_IMAGE, FaceReason.TOO_LARGE, FaceReason.TOO_LARGE, None]
    assert reasons(answers) == expected
    assert similarity(answers[0].template, answers[4].template) == pytest.approx(1)
    assert similarity(answers[0].template, sface.embed(portrait)) > 0.95
    assert answers[0].measures.inter_eye_distance_px > 30


def test_no_pictures_is_no_work(pool):
    assert pool.embed_many([]) == []


def test_too_many_pictures_is_a_fault_of_the_caller(pool):
    with pytest.raises(ValueError, match="at most"):
        pool.embed_many([b""] * (IMAGES_MAX + 1))


def test_many_threads_share_a_worker(pool, jpeg):
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: pool.embed_many([jpeg, b"junk"]), range(6)))
    assert all(reasons(a) == [None, FaceReason.NOT_AN_IMAGE] for a in answers)
    assert len(pool.worker_pids()) == 1


def test_a_bomb_leaves_the_parent_as_it_was(pool):
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert reasons(pool.embed_many([pictures.png_bomb()])) == [FaceReason.TOO_LARGE]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 8 * 1024


def test_a_worker_that_died_idle_is_replaced_unnoticed(jpeg):
    with FacePool() as pool:
        pool.warm_up()
        (old,) = pool.worker_pids()
        os.kill(old, signal.SIGKILL)
        time.sleep(0.1)
        assert reasons(pool.embed_many([jpeg])) == [None]
        assert pool.worker_pids() != [old]


@pytest.mark.parametrize("size", [1_000, IMAGE_BYTES_MAX], ids=["small", "largest"])
def test_a_hung_worker_is_replaced_and_the_next_call_works(jpeg, size):
    with FacePool(call_timeout_s=1.0) as pool:
        pool.warm_up()
        (old,) = pool.worker_pids()
        os.kill(old, signal.SIGSTOP)
        start_s = time.monotonic()
        answers = pool.embed_many([bytes(size)])
        assert reasons(answers) == [FaceReason.WORKER_FAILED]
        assert time.monotonic() - start_s < 7
        assert not Path(f"/proc/{old}").exists()
        assert reasons(pool.embed_many([jpeg])) == [None]


def test_a_worker_killed_in_the_middle_is_a_refusal_and_the_next_call_works(jpeg):
    with FacePool() as pool:
        pool.warm_up()
        (old,) = pool.worker_pids()
        os.kill(old, signal.SIGSTOP)  # so that the picture is surely under way
        later(0.3, lambda: os.kill(old, signal.SIGKILL))
        assert reasons(pool.embed_many([jpeg, jpeg])) == [FaceReason.WORKER_FAILED, None]


def test_too_little_memory_kills_the_worker_only(jpeg):
    with FacePool(WorkerConfig(memory_bytes_max=300 << 20)) as pool:
        assert reasons(pool.embed_many([jpeg])) == [FaceReason.WORKER_FAILED]


def test_workers_are_confined(pool):
    pool.warm_up()
    (pid,) = pool.worker_pids()
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert str(WorkerConfig().memory_bytes_max) in limits
    assert "Max core file size        0 " in limits
    os.kill(pid, signal.SIGINT)  # Ctrl-C in the terminal reaches children too
    assert reasons(pool.embed_many([b"junk"])) == [FaceReason.NOT_AN_IMAGE]
    assert pool.worker_pids() == [pid]
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    assert {v.split(b"=")[0] for v in environment.split(b"\0") if v} <= {
        b"PYTHONPATH", b"OMP_NUM_THREADS", b"LC_CTYPE",
    }  # fmt: skip


def test_a_full_queue_says_busy_at_once(jpeg):
    with FacePool(waiting_max=0, call_timeout_s=5) as pool:
        pool.warm_up()
        (pid,) = pool.worker_pids()
        os.kill(pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as thread:
            first = thread.submit(pool.embed_many, [jpeg])
            time.sleep(0.2)
            assert reasons(pool.embed_many([jpeg, jpeg])) == [FaceReason.BUSY] * 2
            os.kill(pid, signal.SIGCONT)
            assert reasons(first.result()) == [None]


def test_closing_is_quick_ends_the_workers_and_answers_who_waits(jpeg):
    pool = FacePool()
    pool.warm_up()
    (pid,) = pool.worker_pids()
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(pool.embed_many, [jpeg, jpeg])
        time.sleep(0.2)
        start_s = time.monotonic()
        pool.close()
        pool.close()
        assert reasons(waiting.result(3)) == [FaceReason.WORKER_FAILED] * 2
        assert time.monotonic() - start_s < 5
    assert not Path(f"/proc/{pid}").exists()
    assert pool.worker_pids() == []
    assert reasons(pool.embed_many([jpeg])) == [FaceReason.BUSY]


def test_missing_models_are_told_with_their_cure(tmp_path):
    with FacePool(WorkerConfig(model_dir=tmp_path)) as pool:
        for act in (pool.warm_up, pool.warm_up, lambda: pool.embed_many([b"x"])):
            with pytest.raises(ModelsMissing, match="EWARONG_MODEL_DIR"):
                act()
        assert pool.worker_pids() == []


def test_a_pool_needs_a_worker():
    with pytest.raises(ValueError, match="worker"):
        FacePool(workers=0)


def test_replies_survive_the_way(sface, finder, portrait):
    sent = Embedded(sface.embed(portrait), finder.find(portrait).measures)
    got = from_bytes(to_bytes(sent))
    assert got.measures == sent.measures
    assert similarity(got.template, sent.template) == pytest.approx(1)
    refusal = FaceRefusal(FaceReason.BLURRED, "sharpness 0.1")
    assert from_bytes(to_bytes(refusal)) == refusal


@pytest.mark.faces
def test_dlib_runs_behind_the_same_door(jpeg, portrait):
    mirrored = pictures.encode(portrait[:, ::-1])
    with FacePool(WorkerConfig(engine="dlib")) as pool:
        one, other, junk = pool.embed_many([jpeg, mirrored, jpeg[: len(jpeg) // 2]])
    assert isinstance(one, Embedded)
    assert one.template.model_id == "dlib-resnet-v1"
    assert one.template.vector.shape == (128,)
    assert similarity(one.template, other.template) > 0.96
    # face_recognition lets Pillow accept half a picture; the worker must not.
    assert junk.reason is FaceReason.DAMAGED


def test_templates_of_both_precisions_are_one_model(jpeg, sface, portrait):
    with FacePool(WorkerConfig(precision="bf16")) as quick:
        (answer,) = quick.embed_many([jpeg])
    assert answer.template.model_id == sface.model_id
    assert similarity(answer.template, sface.embed(portrait)) > 0.95
    with pytest.raises(ValueError, match="bf16"):
        WorkerConfig(precision="f8")


@pytest.fixture(scope="module")
def pair():
    with FacePool(workers=2) as pool:
        pool.warm_up()
        yield pool


class TestManyWorkers:
    """The pictures of one face are shared out; the answers stay in their order."""

    def test_answers_keep_their_order_whoever_made_them(self, pair, jpeg):
        images = [jpeg, b"no picture", jpeg, b"", jpeg]
        answers = pair.embed_many(images)
        assert [isinstance(each, Embedded) for each in answers] == [True, False, True, False, True]
        assert len(pair.worker_pids()) == 2

    def test_a_killed_helper_costs_its_picture_alone(self, pair, jpeg):
        os.kill(pair.worker_pids()[0], signal.SIGKILL)
        for _ in range(2):
            answers = pair.embed_many([jpeg] * 4)
        assert all(isinstance(each, Embedded) for each in answers)

    def test_several_callers_at_once(self, pair, jpeg):
        with ThreadPoolExecutor(4) as callers:
            answers = list(callers.map(pair.embed_many, [[jpeg] * 3] * 6))
        assert all(isinstance(each, Embedded) for batch in answers for each in batch)

    def test_a_fault_in_a_helper_is_the_callers_to_see(self, jpeg, monkeypatch):
        class BrokenError(RuntimeError):
            pass

        def broken(*_):
            raise BrokenError

        with FacePool(workers=2) as pool:
            pool.warm_up()
            monkeypatch.setattr(FacePool, "_one", broken)
            with pytest.raises(BrokenError):
                pool.embed_many([jpeg] * 3)
            monkeypatch.undo()
            assert isinstance(pool.embed_many([jpeg])[0], Embedded)
