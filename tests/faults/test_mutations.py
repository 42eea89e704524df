"""With a protection switched off the checker reports a loss or a double; with it on, the same fault does nothing."""

import signal

import pytest
from redis import Redis

from tests.faults.checker import check
from tests.faults.processes import send
from tests.faults.trial import trial

ONE_CHILD = {"WORKER_CONCURRENCY": "1"}
"""Where nobody has to take over from another: a child and its cage take seconds to start."""
KEPT = pytest.param((), None, id="protected")


def mutated(name, sentence):
    return pytest.param((name,), sentence, id=name)


def judge(evidence, sentence):
    """Where a sentence is expected it must be there, else none at all."""
    said = check(evidence, presence_may_stay=True)
    print(*said, sep="\n")
    assert any(sentence in each for each in said) if sentence else said == []


@pytest.mark.parametrize(
    ("mutations", "sentence"), [KEPT, mutated("no_lease_token", "it ended 2 times in one life: completed, completed")]
)
async def test_a_worker_that_comes_back_after_its_lease_changes_nothing(tmp_path, mutations, sentence):
    async with trial(tmp_path, "stopped_before_the_end", *mutations) as run:
        await run.sender.send("late.txt", b"a worker stops in the middle\n")
        stopped = await run.provoked()
        try:
            assert await run.settles()
        finally:
            send(signal.SIGCONT, stopped)
        await run.provoked("over")
        assert await run.settles()
        judge(await run.evidence(), sentence)


@pytest.mark.parametrize(("mutations", "sentence"), [KEPT, mutated("no_sweeper", "is stuck in received")])
async def test_what_redis_forgets_is_rung_again(tmp_path, mutations, sentence):
    async with trial(tmp_path, *mutations, **ONE_CHILD) as run:
        stopped = run.workers()
        send(signal.SIGSTOP, *stopped)
        try:
            for number in range(5):
                await run.sender.send(f"{number}.txt", b"forgotten\n" * (number + 1))
            with Redis.from_url(run.stack.redis_url) as redis:
                redis.flushall()
        finally:
            send(signal.SIGCONT, *stopped)
        await run.settles(5 if mutations else 60)
        judge(await run.evidence(), sentence)


@pytest.mark.parametrize(
    ("mutations", "sentence"), [KEPT, mutated("published_before_commit", "a webhook has it, the catalog not")]
)
async def test_what_was_not_committed_is_not_told(tmp_path, mutations, sentence):
    async with trial(tmp_path, "killed_before_the_end", *mutations) as run:
        await run.sender.send("killed.txt", b"a worker dies in the middle\n")
        await run.provoked()
        assert await run.settles()
        judge(await run.evidence(), sentence)


@pytest.mark.parametrize(("mutations", "sentence"), [KEPT, mutated("no_idempotency", "left 2 ingests where 1 may be")])
async def test_a_sender_that_repeats_after_a_lost_answer_has_one_ingest(tmp_path, mutations, sentence):
    async with trial(tmp_path, *mutations, **ONE_CHILD) as run:
        upload = ("again.txt", b"sent twice\n", "key-1")
        await run.sender.send_and_hang_up(*upload, lambda: run.count("SELECT count(*) FROM ingests") == 1)
        assert (await run.sender.send(*upload))["status"] == 202
        assert await run.settles()
        judge(await run.evidence(), sentence)
