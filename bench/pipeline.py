"""How many tasks a second the pipeline gets through, beside Celery's own no-op; receiving is measured elsewhere."""

import asyncio
import os
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from celery import Celery
from redis import Redis

from bench.client import Order
from bench.following import all_taken
from bench.payload import Payload, text_file
from bench.report import Report, at_least
from bench.rounds import rounds, spread
from bench.sending import send
from bench.stack import measured, plan_in, redis
from deploy.local.faults import NotInTime
from deploy.local.stack import NOT_VITAL, ROOT, Plan

TEXT_BYTES = 4096
COUNT = int(os.environ.get("COUNT", "1500"))
NOOPS_FOR_ONE = 3
"""They are quicker: so both are measured for about as long."""
CONNECTIONS = 32
ROUNDS = int(os.environ.get("ROUNDS", "3"))
OURS, NOOP = "ours, to the consumer", "Celery, no-op"
QUEUE, TASK = "noop", "bench.peers.noop_app.nothing"
GOAL = 0.3
POLL_SECONDS = 0.01
SECONDS = 120.0
METHOD = f"""\
The whole stack but Flower and the exporter, which only watch, and beside it a Celery worker with as many prefork
children, late acknowledgement and a prefetch of 1, whose tasks do nothing. By turns, {ROUNDS} rounds after a discarded
one: {COUNT} texts of 4 KiB are uploaded over {CONNECTIONS} connections, or {NOOPS_FOR_ONE * COUNT} no-ops are
published; the clock starts when the last one is handed in, and counts those that still wait then. A text's way ends in
the hands of the consumer: claimed, verified, scanned and described in the cage, committed, delivered. A no-op's ends
when the queue is empty. The goal is a rate of at least {GOAL} of Celery's own, within each round."""


@dataclass(frozen=True, slots=True)
class Drained:
    """How many still waited when the last one was handed in, and how long they took."""

    waiting: int
    seconds: float

    @property
    def rate(self) -> float:
        """Tasks a second."""
        return self.waiting / self.seconds


def measure(folder: Path) -> Report:
    """Measure in the folder, and report; COUNT=100 and ROUNDS=1 make it shorter."""
    payload = text_file(folder / "note.txt", TEXT_BYTES)
    plan = _plan(folder)

    async def compare() -> Report:
        async def run(name: str) -> Drained:
            return await (_ours(plan, payload) if name == OURS else asyncio.to_thread(_noops, redis()[1]))

        return _report(await rounds((OURS, NOOP), run, ROUNDS))

    return measured(plan, compare)


def _plan(folder: Path) -> Plan:
    lines = [line for line in (ROOT / "Procfile").read_text().splitlines() if line.partition(":")[0] not in NOT_VITAL]
    procfile = folder / "Procfile"
    procfile.write_text("\n".join((*lines, (ROOT / "bench" / "pipeline.Procfile").read_text())))
    return plan_in(folder / "data", procfile)


async def _ours(plan: Plan, payload: Payload) -> Drained:
    path = "/ingest?filename=note.txt"
    order = Order(plan.settings.port, path, str(payload.path), count=COUNT, concurrency=CONNECTIONS)
    answers = await send(order, payload)
    ids = {str(answer.body["id"]) for answer in answers}
    taken = await all_taken(plan.data_dir, ids)
    begun = max(answer.answered_at for answer in answers)
    waited = [at for ingest_id, at in taken.items() if ingest_id in ids and at > begun]
    return Drained(len(waited), max(waited) - begun)


def _noops(port: int) -> Drained:
    """Publish no-ops, and wait until the worker has taken the last one from the queue."""
    with Celery(broker=f"redis://127.0.0.1:{port}/0", set_as_current=False) as app, Redis(port=port) as client:
        for _ in range(NOOPS_FOR_ONE * COUNT):
            app.send_task(TASK, ("",), queue=QUEUE)
        begun, waiting = time.monotonic(), client.llen(QUEUE)
        while client.llen(QUEUE):
            if time.monotonic() > begun + SECONDS:
                raise NotInTime(f"The no-ops were not taken within {SECONDS:.0f} s.")
            time.sleep(POLL_SECONDS)
        return Drained(int(waiting), time.monotonic() - begun)


def _report(runs: dict[str, list[Drained]]) -> Report:
    rates = {name: [run.rate for run in of] for name, of in runs.items()}
    by_peer = [ours / theirs for ours, theirs in zip(rates[OURS], rates[NOOP], strict=True)]
    return Report(
        "pipeline",
        METHOD,
        ("tasks", "a second", f"ratio to {NOOP}", "waiting at the start", "goal"),
        [
            (
                OURS,
                spread(rates[OURS]),
                spread(by_peer),
                _waiting(runs[OURS]),
                at_least(median(by_peer), GOAL, "of it"),
            ),
            (NOOP, spread(rates[NOOP]), spread([1.0]), _waiting(runs[NOOP]), ""),
        ],
        {name: [{"waiting": run.waiting, "seconds": run.seconds} for run in of] for name, of in runs.items()},
    )


def _waiting(runs: list[Drained]) -> str:
    return f"{median(run.waiting for run in runs):.0f}"
