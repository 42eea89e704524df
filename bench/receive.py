"""What receiving 1 GiB costs: our API, raw and multipart, beside the tutorial app; memory is measured elsewhere."""

from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench.contenders import MULTIPART, RAW, TUTORIAL, Contenders, compared, remove_received
from bench.payload import padded_clip
from bench.report import Chart, Report, verdict
from bench.rounds import ROUNDS, Run, cpu, ratios, rounds, spread, wall

GIB = 1024**3
NAMES = (RAW, MULTIPART, TUTORIAL)
RAW_GOAL = 0.65
METHOD = f"""\
One file of 1 GiB goes from the page cache over loopback, sent by one client for all, in a process of its own. Each
server is one process, and no worker runs. The runs are interleaved, the first round is discarded, {ROUNDS} count; given
are the median and, in brackets, the least and the largest. CPU seconds are the server's, user and system; the ratio is
taken within each round. Ours syncs the file and commits its row before it answers. The tutorial app (`UploadFile`,
copied by aiofiles in pieces of 1 MiB, with SHA-256) takes multipart alone and syncs nothing. Size and SHA-256 in every
answer are compared with the file's."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report."""
    payload = padded_clip(folder / "video.mp4", GIB)
    data_dir = folder / "data"

    async def compare(contenders: Contenders) -> Report:
        async def run(name: str) -> Run:
            result = await contenders[name].run(payload)
            remove_received(data_dir)
            return result

        return _report(await rounds(NAMES, run))

    return compared(data_dir, compare)


def _report(runs: dict[str, list[Run]]) -> Report:
    rows: list[tuple[str, ...]] = []
    for name in NAMES:
        seconds = wall(runs[name])
        by_peer = ratios(runs[name], runs[TUTORIAL])
        goal = verdict(median(by_peer), RAW_GOAL, "of it") if name == RAW else ""
        rows.append((name, spread(cpu(runs[name])), spread(by_peer), f"{seconds:.2f}", f"{1024 / seconds:.0f}", goal))
    return Report(
        "receive",
        METHOD,
        ("server", "CPU s", "ratio to the tutorial app", "wall s", "MiB/s", "goal"),
        rows,
        {name: [asdict(run) for run in runs[name]] for name in NAMES},
        Chart("CPU seconds of the server for 1 GiB", {name: median(cpu(runs[name])) for name in NAMES}),
    )
