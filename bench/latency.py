"""How long after its last byte a file is in the consumer's hands, on an idle stack; load is measured elsewhere."""

import math
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from bench.client import Answer, Order
from bench.following import all_taken, completed
from bench.payload import Payload, padded_clip
from bench.report import Report, verdict
from bench.sending import send
from bench.stack import measured, plan_in
from deploy.local.stack import Plan

BYTES = 10_000_000
COUNT = 50
DISCARDED = 5
PAUSE_SECONDS = 0.3
GOAL_MS = 100.0
METHOD = f"""\
The whole stack, idle. A real MP4 of 10 MB is sent {COUNT} times with pauses, after {DISCARDED} that are discarded.
The clock starts when the client's last send returns, and all processes read the same one. *answered*: the 202 is in the
client's hands. *completed*: the move in the ingest's history. *delivered*: the example consumer, a Celery worker of its
own, has the event. With {COUNT} values the p99 is the largest."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report."""
    payload = padded_clip(folder / "video.mp4", BYTES)
    plan = plan_in(folder / "data")

    async def follow() -> Report:
        return await _measured(plan, payload)

    return measured(plan, follow)


async def _measured(plan: Plan, payload: Payload) -> Report:
    path = "/ingest?filename=video.mp4"
    order = Order(
        plan.settings.port, path, str(payload.path), multipart=False, count=DISCARDED + COUNT, pause=PAUSE_SECONDS
    )
    answers = (await send(order, payload))[DISCARDED:]
    delivered = await all_taken(plan.data_dir, {_id(answer) for answer in answers})
    return _report(
        {
            "answered": [_ms(answer, answer.answered_at) for answer in answers],
            "completed": [_ms(answer, await completed(plan.address, _id(answer))) for answer in answers],
            "delivered": [_ms(answer, delivered[_id(answer)]) for answer in answers],
        }
    )


def _report(times: dict[str, list[float]]) -> Report:
    rows = [
        (name, *(f"{value:.1f}" for value in (min(ms), median(ms), percentile(ms, 99))), _goal(name, ms))
        for name, ms in times.items()
    ]
    return Report("latency", METHOD, ("ms after the last byte", "least", "median", "p99", "goal"), rows, times)


def _goal(name: str, ms: Sequence[float]) -> str:
    return verdict(median(ms), GOAL_MS, "ms, median") if name == "delivered" else ""


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile: a value that was measured, not one in between."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def _id(answer: Answer) -> str:
    return str(answer.body["id"])


def _ms(answer: Answer, moment: float) -> float:
    return (moment - answer.sent_at) * 1000
