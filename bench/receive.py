"""What receiving 1 GiB costs: our API in each of its ways beside its peers; memory is measured elsewhere."""

import asyncio
import hashlib
import os
import time
from dataclasses import asdict
from pathlib import Path
from statistics import median

from bench.contenders import (
    MISSING,
    MULTIPART,
    NGINX,
    RAW,
    STANDARD,
    STANDARD_MULTIPART,
    TUS,
    TUS_NODE,
    TUSPYSERVER,
    TUTORIAL,
    Contenders,
    compared,
    nginx_version,
)
from bench.payload import PIECE_BYTES, Payload, padded_clip
from bench.report import Chart, Report, verdict
from bench.rounds import ROUNDS, Run, added, cpu, ratios, rounds, spread, wall

MIB = 1024**2
SIZE_MIB = int(os.environ.get("SIZE_MIB", "1024"))
SERVERS = (RAW, MULTIPART, TUS, STANDARD, STANDARD_MULTIPART, TUTORIAL, NGINX, TUSPYSERVER, TUS_NODE)
SHA256, NGINX_SHA256 = "SHA-256 alone", "nginx + SHA-256"
GOALS = {RAW: (NGINX_SHA256, 1.2), STANDARD: (TUTORIAL, 0.5), STANDARD_MULTIPART: (TUTORIAL, 0.6)}
"""Whose CPU seconds a way of ours may take, and how much of them."""
METHOD = f"""\
One file of {SIZE_MIB} MiB goes from the page cache over loopback, sent by one client for all, in a process of its own.
Each server is one process, or one with one worker, and no task is taken. The runs are interleaved, the first round is
discarded, {ROUNDS} count; given are the median and, in brackets, the least and the largest. CPU seconds are the
server's, user and system; a ratio is taken within each round. Ours computes SHA-256, syncs the file and commits its row
before it answers; `python -m api` reads large bodies past uvicorn's parser, which plain uvicorn, as any other ASGI
server, does not. The tutorial app (`UploadFile`, copied by aiofiles in pieces of 1 MiB, with SHA-256) takes multipart
alone. nginx (body buffers of 1 MiB), tuspyserver 4.4.3 and @tus/server 2.4.5 compute no digest, and no peer
syncs anything. *{SHA256}* is what hashlib takes for the same bytes, and *{NGINX_SHA256}* the sum of both in each round:
what the machine cannot do without. By tus the file goes in one PATCH. After each run the file that was kept is compared
by size and SHA-256."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report; SIZE_MIB=64 and ROUNDS=1 make it shorter."""
    payload = padded_clip(folder / "video.mp4", SIZE_MIB * MIB)

    async def compare(contenders: Contenders) -> Report:
        async def run(name: str) -> Run:
            if name == SHA256:
                return await asyncio.to_thread(_hashed, payload)
            contender = contenders[name]
            result = await contender.run(payload)
            await contender.check_kept(payload)
            contender.remove_kept()
            return result

        return _report(await rounds((*contenders, SHA256), run))

    return compared(folder / "data", SERVERS, compare)


def _hashed(payload: Payload) -> Run:
    """Return what SHA-256 of the file costs, without reading it."""
    digest, cpu_seconds, wall_seconds = hashlib.sha256(), 0.0, 0.0
    with payload.path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            begun, cpu_begun = time.perf_counter(), time.thread_time()
            digest.update(piece)
            cpu_seconds += time.thread_time() - cpu_begun
            wall_seconds += time.perf_counter() - begun
    if digest.hexdigest() != payload.sha256:
        raise AssertionError(f"{payload.path} has changed.")
    return Run(cpu_seconds, wall_seconds)


def _report(runs: dict[str, list[Run]]) -> Report:
    method = METHOD
    if NGINX in runs:
        runs[NGINX_SHA256] = added(runs[NGINX], runs[SHA256])
        method += f" nginx is {nginx_version()}."
    title = f"CPU seconds of the server for {SIZE_MIB} MiB"
    return Report(
        "receive",
        method,
        ("server", "CPU s", f"ratio to the {TUTORIAL}", f"ratio to {NGINX_SHA256}", "wall s", "MiB/s", "goal"),
        [_row(name, runs) if name in runs else (name, MISSING, *[""] * 5) for name in (*SERVERS, SHA256, NGINX_SHA256)],
        {name: [asdict(run) for run in of] for name, of in runs.items()},
        Chart(title, {name: median(cpu(of)) for name, of in runs.items()}),
    )


def _row(name: str, runs: dict[str, list[Run]]) -> tuple[str, ...]:
    seconds = wall(runs[name])
    by_peers = [spread(ratios(runs[name], runs[peer])) if peer in runs else "" for peer in (TUTORIAL, NGINX_SHA256)]
    return (name, spread(cpu(runs[name])), *by_peers, f"{seconds:.2f}", f"{SIZE_MIB / seconds:.0f}", _goal(name, runs))


def _goal(name: str, runs: dict[str, list[Run]]) -> str:
    if name not in GOALS:
        return ""
    peer, limit = GOALS[name]
    if peer not in runs:
        return f"NOT JUDGED: no {peer}"
    return verdict(median(ratios(runs[name], runs[peer])), limit, f"of {peer}")
