"""What the cage costs for one file, and how many files a second it describes; it leaves making them to contents.py."""

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import contents
from bench.latency import percentile
from bench.report import Report, verdict
from deploy.local.terminal import say
from workers.cage.cage import Cage
from workers.examine import examine
from workers.examine.examination import Claim, Examine

CONTENTS: dict[str, tuple[Callable[[Path], None], int]] = {
    "4 KiB text": (contents.text, 1000),
    "2 MB JPEG": (contents.photo, 100),
    "10 MB MP4": (contents.video, 200),
    "50-page PDF": (contents.document, 200),
}
"""How each is made, and how often it is described; the peers, who take longer, do a tenth."""
SHORT, PEERS_SHARE = 10, 10
DISCARDED = 10
AT_ONCE = 2
GOAL_MS = 10.0
PEERS = {
    "ffprobe": (("-v", "error", "-show_format", "-show_streams", "-of", "json"), "ffmpeg"),
    "exiftool": (("-json",), "libimage-exiftool-perl"),
}
"""Each one's options, and the Debian package that it comes from."""
_TIMES = ", ".join(f"{name} {often} times" for name, (_, often) in CONTENTS.items())
METHOD = f"""\
Each file is described again and again from the page cache: {_TIMES}.
*In process* calls the describer in the benchmark itself, *caged* asks the cage, by turns, after {DISCARDED} that are
discarded; the cage's cost is the difference of the medians. Files a second: two cages at once; beside them two threads,
each of which starts `ffprobe -show_format -show_streams -of json` and then `exiftool -json` for each file, or exiftool
alone, as pipelines do that run such commands; nothing limits those. Layers in force: """
COLUMNS = (
    "content",
    "in process, ms: median, p99",
    "caged, ms: median, p99",
    "cage's cost, ms",
    "goal",
    "caged, files/s",
    "ffprobe + exiftool, files/s",
    "exiftool, files/s",
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one content: milliseconds for each file, files a second."""

    in_process: list[float]
    caged: list[float]
    caged_rate: float
    peer_rates: tuple[float | None, float | None]


def measure(folder: Path) -> Report:
    """Measure in the folder, and report; SHORT=1 describes a tenth of the files."""
    for name, (_, package) in PEERS.items():
        if not shutil.which(name):
            say(f"{name} is missing, so it is not compared. As root: apt-get install {package}")
    return asyncio.run(_measured(folder))


async def _measured(folder: Path) -> Report:
    examine.prepare()
    figures: dict[str, Figures] = {}
    async with Cage() as one, Cage() as other:
        for name, (make, often) in CONTENTS.items():
            path = folder / "content"
            make(path)
            figures[name] = await _figures((one, other), path, often // SHORT if os.environ.get("SHORT") else often)
        level = ", ".join(one.level)
    rows = [_row(name, measured) for name, measured in figures.items()]
    return Report("cage", f"{METHOD}{level}.", COLUMNS, rows, {name: _plain(each) for name, each in figures.items()})


async def _figures(cages: Sequence[Cage], path: Path, often: int) -> Figures:
    in_process, caged = [], []
    for _ in range(DISCARDED + often):
        in_process.append(_ms_in_process(path))
        caged.append(await _ms_caged(cages[0], path))
    rate = await _caged_rate(cages, path, often)
    fewer = max(AT_ONCE, often // PEERS_SHARE)
    peers = await asyncio.to_thread(
        lambda: (_peer_rate(tuple(PEERS), path, fewer), _peer_rate(("exiftool",), path, fewer))
    )
    return Figures(in_process[DISCARDED:], caged[DISCARDED:], rate, peers)


def _ms_in_process(path: Path) -> float:
    begun = time.perf_counter()
    with path.open("rb", buffering=0) as file:
        examine.examine(file, Claim())
    return (time.perf_counter() - begun) * 1000


async def _ms_caged(cage: Cage, path: Path) -> float:
    begun = time.perf_counter()
    found = await cage.examine(path, Examine())
    if found.reason:
        raise AssertionError(f"{path} was not described: {found.detail}")
    return (time.perf_counter() - begun) * 1000


async def _caged_rate(cages: Sequence[Cage], path: Path, often: int) -> float:
    async def describe(cage: Cage) -> None:
        for _ in range(often):
            await cage.examine(path, Examine())

    begun = time.perf_counter()
    await asyncio.gather(*map(describe, cages))
    return len(cages) * often / (time.perf_counter() - begun)


def _peer_rate(names: Sequence[str], path: Path, often: int) -> float | None:
    if not all(map(shutil.which, names)):
        return None

    def describe(_: int) -> None:
        for name in names:
            # Without a check: ffprobe fails on what is no media, after the same work.
            subprocess.run((name, *PEERS[name][0], str(path)), capture_output=True, check=False)

    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(describe, range(often)))
    return often / (time.perf_counter() - begun)


def _row(name: str, measured: Figures) -> tuple[str, ...]:
    cost = median(measured.caged) - median(measured.in_process)
    return (
        name,
        _two(measured.in_process),
        _two(measured.caged),
        f"{cost:.1f}",
        verdict(cost, GOAL_MS, "ms"),
        f"{measured.caged_rate:.0f}",
        *(f"{rate:.1f}" if rate else "not here" for rate in measured.peer_rates),
    )


def _two(ms: Sequence[float]) -> str:
    return f"{median(ms):.1f}, {percentile(ms, 99):.1f}"


def _plain(measured: Figures) -> dict[str, object]:
    rates = dict(zip(("caged", "both peers", "exiftool"), (measured.caged_rate, *measured.peer_rates), strict=True))
    return {"in process ms": measured.in_process, "caged ms": measured.caged, "files a second": rates}
