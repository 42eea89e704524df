"""The cage watched from outside: what its children ask of the kernel, and what stays behind of a batch."""

import mmap
import shutil
from pathlib import Path

import pytest

from tests.unit.cage_growth import MIB, little_growth
from tests.unit.cage_traces import traced
from tests.unit.pdfs import pages
from tests.unit.samples import audio, image, text, video
from tests.unit.test_cage import WORKS
from tests.unit.test_cage_layers import UNLAYERED
from workers.cage.cage import Cage
from workers.cage.confinement import _WARM_DESCRIPTORS
from workers.cage.protocol import WORK
from workers.examine.examination import Claim, Examine, MakePreview

MANY = "tests.unit.cage_works_many"


@pytest.fixture
def kinds(tmp_path: Path) -> list[Path]:
    """One file of each kind, whole and cut in half."""
    contents = {
        "video": video(audio_codec="aac"),
        "audio": audio("wav", "pcm_s16le"),
        "image": image("JPEG"),
        "pdf": pages(2, "text"),
        "text": text("utf-16"),
        "other": b"\0\1\2\3" * 100,
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"half of {name}").write_bytes(content[: len(content) // 2])
    return sorted(tmp_path.iterdir())


def test_strace_is_here():
    assert shutil.which("strace"), "Install strace: these tests watch the cage by it."


async def test_no_child_opens_anything_once_it_is_confined(kinds: list[Path]):
    previews = [
        (path, MakePreview(media_type=media_type, kind=path.name))
        for path, media_type in ((kinds[-1], "video/mp4"), (kinds[0], "audio/wav"))
    ]
    async with Cage() as cage:
        seen = await traced(cage, [*((path, Examine()) for path in kinds), *previews])
    assert seen.offences == []
    assert seen.children == len(kinds) + len(previews)


async def test_what_a_child_tries_is_seen_and_refused(kinds: list[Path]):
    tries = ("open", "connect", "execute", "fork", "kill_parent")
    async with Cage(work=WORKS) as cage:
        seen = await traced(cage, [(kinds[0], Examine(claim=Claim(filename=work))) for work in tries])
    assert seen.offences == []
    tried = [attempt.partition("(")[0] for attempt in seen.attempts]
    assert {"openat", "socket", "execve", "kill"} <= set(tried)
    assert set(tried) & {"clone", "clone3", "fork", "vfork"}
    assert seen.children == len(tries)


async def test_what_a_weaker_cage_lets_through_is_seen_too(kinds: list[Path]):
    async with Cage(work=UNLAYERED) as cage:
        seen = await traced(cage, [(kinds[0], Examine(claim=Claim(filename=work))) for work in ("read", "bind")])
    assert [offence.partition("(")[0] for offence in seen.offences if offence.startswith(("openat", "socket"))] == [
        "openat",
        "socket",
    ]


@pytest.mark.parametrize("work", [WORK, MANY])
async def test_the_process_that_forks_has_one_thread_and_few_descriptors(kinds: list[Path], work):
    async with Cage(work=work) as cage:
        for path in kinds:
            await cage.examine(path, Examine())
        warm = Path(f"/proc/{cage._warm.process.pid}")
        threads = [(thread / "comm").read_text().strip() for thread in (warm / "task").iterdir()]
        descriptors = [int(descriptor.name) for descriptor in (warm / "fd").iterdir()]
    assert len(threads) == 1, threads
    assert max(descriptors) < _WARM_DESCRIPTORS // 2


async def test_a_batch_of_files_leaves_no_process_larger(kinds: list[Path]):
    async with Cage() as cage:
        with little_growth(cage):
            for path in kinds * 3:
                await cage.examine(path, Examine())


async def test_growth_is_seen(kinds: list[Path]):
    fresh = mmap.mmap(-1, 16 * MIB)  # the heap may have as much free room already
    async with Cage(work=WORKS) as cage:
        with pytest.raises(AssertionError, match=r"^Grown by MiB"), little_growth(cage, most_mib=4):
            fresh.write(b"x" * len(fresh))
    fresh.close()
