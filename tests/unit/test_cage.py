"""The cage's promises: every end of a child is a value, nothing is left behind, and it comes back by itself."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import psutil
import pytest

from shared.ingest import Reason
from tests.unit.samples import text, video
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits
from workers.cage.warm_process import CageUnavailable
from workers.examine.examination import Claim, Examine

LIMITS = CageLimits(memory_bytes=256 * 1024 * 1024, cpu_seconds=1, wall_seconds=30)
BRIEF = CageLimits(wall_seconds=1)
STANDARD = 3
WORKS = "tests.unit.cage_works"
UNFILTERED = "tests.unit.cage_works_unfiltered"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    return path


def relatives(cage: Cage) -> list[int]:
    """Return who lives confined in the warm process's session, orphans too; the child that waits is not yet."""
    warm = cage._warm.process.pid
    found = []
    for pid in psutil.pids():
        with contextlib.suppress(ProcessLookupError):
            if pid != warm and os.getsid(pid) == warm and alive(pid) and confined(pid):
                found.append(pid)
    return found


def fault_in(caplog: pytest.LogCaptureFixture) -> str:
    """Return what operators read of the fault."""
    return "".join(getattr(record, "fault", "") for record in caplog.records)


def confined(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "NoNewPrivs:\t1" in Path(f"/proc/{pid}/status").read_text()
    return False


def alive(pid: int) -> bool:
    """Say whether a process runs: an orphan may wait dead for init to notice it."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def ended(processes: list[psutil.Process]) -> bool:
    """Say whether none of them runs any more, within a second."""
    for _ in range(100):
        if not any(alive(process.pid) for process in processes):
            return True
        await asyncio.sleep(0.01)
    return False


async def at_work(cage: Cage) -> list[int]:
    """Wait for a child, at most for a second, and return it."""
    for _ in range(100):
        if children := relatives(cage):
            return children
        await asyncio.sleep(0.01)
    return []


async def gone(cage: Cage) -> bool:
    """Say whether every relative is gone within a second: a killed process needs a moment to leave."""
    for _ in range(100):
        if not relatives(cage):
            return True
        await asyncio.sleep(0.01)
    return False


async def test_a_file_is_examined_by_path_and_by_descriptor(tmp_path: Path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(video())
    async with Cage() as cage:
        by_path = await cage.examine(path, Examine(claim=Claim(declared_type="video/mp4", filename="clip.mp4")))
        with path.open("rb") as opened:
            by_descriptor = await cage.examine(opened.fileno(), Examine())
    assert by_path.reason is None
    assert by_path.metadata.video_codec == "h264"
    assert by_path.metadata == by_descriptor.metadata
    assert by_path.seconds.keys() == {"identify", "dangers", "describe"}


@pytest.mark.parametrize(
    ("work", "reason", "told"),
    [
        ("segfault", Reason.PARSER_CRASHED, "signal 11"),
        ("loop", Reason.PARSER_TIMEOUT, "outcome cpu"),
        ("sleep", Reason.PARSER_TIMEOUT, "outcome timed_out"),
        ("chat_for_ever", Reason.PARSER_TIMEOUT, "outcome timed_out"),
        ("allocate", Reason.PARSER_MEMORY, "outcome memory"),
        ("talk", Reason.PARSER_MISBEHAVED, "outcome overlong"),
        ("mumble", Reason.PARSER_MISBEHAVED, "schema"),
        ("lie", Reason.PARSER_MISBEHAVED, "schema"),
        ("fork", Reason.PARSER_CRASHED, "PermissionError"),
        ("open", Reason.PARSER_CRASHED, "PermissionError"),
        ("connect", Reason.PARSER_CRASHED, "PermissionError"),
        ("execute", Reason.PARSER_CRASHED, "PermissionError"),
        ("kill_parent", Reason.PARSER_CRASHED, "PermissionError"),
        ("write_elsewhere", Reason.PARSER_CRASHED, "OSError"),
    ],
)
async def test_whatever_a_child_does_is_a_reason_and_leaves_nothing(file: Path, caplog, work, reason, told):
    limits = BRIEF if told == "outcome timed_out" else LIMITS
    async with Cage(limits, work=WORKS) as cage:
        if "seccomp" not in cage.level and told == "PermissionError":
            pytest.skip(f"This machine has no system call filters: {cage.level}")
        warm = cage._warm.process.pid
        found = await cage.examine(file, Examine(claim=Claim(filename=work)))
        assert found.reason is reason
        assert told in found.detail + fault_in(caplog)
        assert "/" not in found.detail
        assert relatives(cage) == []
        after = await cage.examine(file, Examine(claim=Claim(filename="read")))
        assert after.detail == "content"
        assert cage._warm.process.pid == warm


async def test_a_parser_that_aborts_where_memory_is_refused_has_died_of_memory(file: Path):
    async with Cage(CageLimits(memory_bytes=1024**3), work=WORKS) as cage:
        found = await cage.examine(file, Examine(claim=Claim(filename="abort_when_full")))
    assert found.reason is Reason.PARSER_MEMORY
    assert "signal 11" in found.detail


@pytest.mark.parametrize(("work", "reason"), [("open", Reason.PARSER_CRASHED), ("connect", Reason.PARSER_CRASHED)])
async def test_without_filters_no_descriptor_can_be_had(file: Path, caplog, work, reason):
    async with Cage(LIMITS, work=UNFILTERED) as cage:
        found = await cage.examine(file, Examine(claim=Claim(filename=work)))
        assert "seccomp" not in cage.level
    assert found.reason is reason
    assert "Too many open files" in fault_in(caplog)


async def test_without_filters_a_grandchild_dies_with_its_group(file: Path):
    async with Cage(LIMITS, work=UNFILTERED) as cage:
        found = await cage.examine(file, Examine(claim=Claim(filename="fork")))
        assert found.detail == "forked" or found.reason is Reason.PARSER_CRASHED  # not even that, but for root
        assert await gone(cage)


async def test_the_child_sees_no_environment(file: Path):
    async with Cage(LIMITS, work=WORKS) as cage:
        found = await cage.examine(file, Examine(claim=Claim(filename="environment")))
    assert found.detail == "{}"


async def ready_child(cage: Cage) -> int:
    """Wait for the child that gets ready while another is at work, at most for a second, and return it."""
    warm = cage._warm.process.pid
    for _ in range(100):
        for pid in psutil.Process(warm).children():
            if not confined(pid.pid) and pid.num_fds() <= STANDARD + 1:
                return pid.pid
        await asyncio.sleep(0.01)
    raise AssertionError("No child has closed what it inherited.")


async def test_the_child_that_gets_ready_holds_nothing_of_the_file_before(file: Path):
    async with Cage(work=WORKS) as cage:
        busy = asyncio.create_task(cage.examine(file, Examine(claim=Claim(filename="sleep"))))
        await at_work(cage)
        held = {Path(f"/proc/{await ready_child(cage)}/fd/{number}") for number in range(STANDARD, 64)}
        links = [str(link.readlink()) for link in held if link.is_symlink()]
        assert len(links) == 1
        assert links[0].startswith("socket:")
        busy.cancel()


async def test_calling_off_ends_the_child_and_leaves_the_cage_usable(file: Path):
    async with Cage(work=WORKS) as cage:
        warm = cage._warm.process.pid
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await cage.examine(file, Examine(claim=Claim(filename="sleep")))
        after = await cage.examine(file, Examine(claim=Claim(filename="read")))
        assert after.detail == "content"
        assert relatives(cage) == []
        assert cage._warm.process.pid == warm


async def test_leaving_the_cage_ends_warm_process_and_child(file: Path):
    async with Cage(work=WORKS) as cage:
        busy = asyncio.create_task(cage.examine(file, Examine(claim=Claim(filename="sleep"))))
        assert await at_work(cage)
        family = psutil.Process(cage._warm.process.pid).children()
        busy.cancel()
    assert cage._warm.ended
    assert await gone(cage)
    assert await ended(family)


async def test_a_killed_warm_process_is_started_anew_on_the_next_call(file: Path):
    async with Cage(work=WORKS) as cage:
        before = cage._warm.process.pid
        os.kill(before, signal.SIGKILL)
        found = await cage.examine(file, Examine(claim=Claim(filename="read")))
        assert found.detail == "content"
        assert cage._warm.process.pid != before


async def test_a_warm_process_killed_at_work_takes_its_child_along_and_the_file_is_tried_again(file: Path):
    async with Cage(BRIEF, work=WORKS) as cage:
        warm = cage._warm
        busy = asyncio.create_task(cage.examine(file, Examine(claim=Claim(filename="sleep"))))
        children = await at_work(cage)
        warm.process.kill()
        assert (await busy).reason is Reason.PARSER_TIMEOUT
        assert not any(alive(child) for child in children)
        assert cage._warm is not warm


async def test_a_child_killed_while_it_waits_costs_no_file(file: Path):
    async with Cage(work=WORKS) as cage:
        for _ in range(30):  # a child that is just dying may still be handed the file: once in 300
            for waiting in psutil.Process(cage._warm.process.pid).children():
                waiting.kill()
            assert (await cage.examine(file, Examine(claim=Claim(filename="read")))).detail == "content"


async def test_a_cage_that_cannot_start_is_our_fault():
    with pytest.raises(CageUnavailable):
        async with Cage(work="tests.unit.no_such_module"):
            pytest.fail("It must not come up.")


async def test_files_take_turns(file: Path):
    async with Cage(work=WORKS) as cage:
        found = await asyncio.gather(*(cage.examine(file, Examine(claim=Claim(filename="read"))) for _ in range(5)))
    assert [one.detail for one in found] == ["content"] * 5


async def test_two_hundred_files_cost_neither_descriptors_nor_memory(tmp_path: Path):
    path = tmp_path / "note.txt"
    path.write_bytes(text("utf-8"))
    service = psutil.Process()
    async with Cage() as cage:
        warm = psutil.Process(cage._warm.process.pid)
        for _ in range(20):
            await cage.examine(path, Examine())
        before = service.num_fds(), warm.num_fds()
        resident = service.memory_info().rss, warm.memory_info().rss
        for _ in range(200):
            assert (await cage.examine(path, Examine())).metadata.lines == 3
        assert service.num_fds() == before[0]
        assert warm.num_fds() < before[1] + 5  # it may be preparing the next child
        grown = service.memory_info().rss - resident[0], warm.memory_info().rss - resident[1]
        assert max(grown) < 2 * 1024 * 1024
        assert relatives(cage) == []
