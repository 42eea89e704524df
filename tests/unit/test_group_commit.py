"""GroupCommit: what waits together is done together, and each caller learns what became of its own."""

import asyncio

import pytest

from shared.group_commit import GroupCommit


class Work:
    """Work that notes its groups and goes on when it is let; `faults` are by item."""

    def __init__(self, **faults):
        self.faults = faults
        self.groups = []
        self.may_end = asyncio.Event()

    async def __call__(self, items):
        self.groups.append(list(items))
        await self.may_end.wait()
        if fault := self.faults.get("all"):
            raise fault
        return [self.faults.get(item) for item in items]


async def begun(group, work, *items):
    """Submit the items; return their tasks once the first has begun and the others wait."""
    tasks = []
    for item in items:
        tasks.append(asyncio.create_task(group.submit(item)))
        async with asyncio.timeout(5):
            while not work.groups:
                await asyncio.sleep(0)
        await asyncio.sleep(0)
    return tasks


async def test_the_first_starts_at_once_and_all_that_comes_meanwhile_is_the_next_group():
    work = Work()
    tasks = await begun(GroupCommit(work), work, "a", "b", "c", "d")
    assert work.groups == [["a"]]
    work.may_end.set()
    await asyncio.gather(*tasks)
    assert work.groups == [["a"], ["b", "c", "d"]]


async def test_a_group_has_its_limit_and_the_order_is_kept():
    work = Work()
    work.may_end.set()
    group = GroupCommit(work, limit=3)
    await asyncio.gather(*(group.submit(number) for number in range(8)))
    assert work.groups == [[0, 1, 2], [3, 4, 5], [6, 7]]
    await group.submit(8)
    assert work.groups[-1] == [8]


async def test_the_fault_of_one_is_raised_to_its_caller_alone():
    work = Work(b=KeyError("b"))
    work.may_end.set()
    group = GroupCommit(work)
    answers = await asyncio.gather(*map(group.submit, "abc"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), KeyError, type(None)]


async def test_the_fault_of_a_group_is_raised_to_all_in_it_and_to_nobody_after_it():
    work = Work(all=OSError("gone"))
    group = GroupCommit(work)
    first, second, third = await begun(group, work, "a", "b", "c")
    work.may_end.set()
    for task in (first, second, third):
        with pytest.raises(OSError, match="gone"):
            await task
    work.faults.clear()
    await group.submit("d")


async def test_who_is_cancelled_before_the_item_has_begun_takes_it_back():
    work = Work()
    first, second, third = await begun(GroupCommit(work), work, "a", "b", "c")
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    work.may_end.set()
    await asyncio.gather(first, third)
    assert work.groups == [["a"], ["c"]]


async def test_who_is_cancelled_later_hears_of_it_once_the_item_is_done_however_often():
    work = Work()
    group = GroupCommit(work)
    first, second = (asyncio.create_task(group.submit(item)) for item in "ab")
    while not work.groups:
        await asyncio.sleep(0)
    for _ in range(3):
        first.cancel()
        await asyncio.sleep(0.01)
    assert not first.done()
    work.may_end.set()
    await second
    with pytest.raises(asyncio.CancelledError):
        await first
    assert work.groups == [["a", "b"]]


async def test_who_has_waited_long_enough_takes_the_item_back_unless_it_has_begun():
    work = Work()
    first, second = await begun(GroupCommit(work, patience=0.05), work, "a", "b")
    with pytest.raises(TimeoutError):
        await second
    assert not first.done()
    work.may_end.set()
    await first
    assert work.groups == [["a"]]


async def test_closing_waits_for_all_that_waits():
    work = Work()
    group = GroupCommit(work, limit=1)
    tasks = await begun(group, work, "a", "b", "c")
    closing = asyncio.create_task(group.close())
    await asyncio.sleep(0)
    assert not closing.done()
    work.may_end.set()
    await closing
    assert work.groups == [["a"], ["b"], ["c"]]
    await asyncio.gather(*tasks)
    await group.close()


def test_a_loop_that_ends_leaves_nobody_waiting():
    told = []

    async def submit(group, item):
        try:
            await group.submit(item)
        except asyncio.CancelledError:
            told.append(item)
            raise

    async def leave():
        work = Work()
        group = GroupCommit(work, limit=1)
        tasks = [asyncio.create_task(submit(group, item)) for item in "abc"]
        while not work.groups:
            await asyncio.sleep(0)
        return tasks

    asyncio.run(leave())
    assert sorted(told) == ["a", "b", "c"]
