"""How long after its last byte a file is in the consumer's hands, on an idle stack; load is measured elsewhere."""

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

from bench.client import Answer, Order
from bench.following import all_taken, completed
from bench.payload import Payload, padded_clip, text_file
from bench.report import Report, verdict
from bench.sending import send
from bench.stack import measured, plan_in
from deploy.local.stack import Plan

VIDEO_BYTES, TEXT_BYTES = 10_000_000, 4096
COUNT = int(os.environ.get("COUNT", "100"))
DISCARDED = 5
PAUSE_SECONDS = 0.3
TEXT, VIDEO = "4 KiB text", "10 MB MP4"
ANSWERED, COMPLETED, DELIVERED = "answered", "completed", "delivered"
GOALS = {TEXT: (50.0, 150.0), VIDEO: (100.0, 300.0)}
"""Of the delivery, in ms: the median, the p99."""
METHOD = f"""\
The whole stack, idle. A text of 4 KiB and a real MP4 of 10 MB are sent {COUNT} times each, with pauses, after
{DISCARDED} whose events are awaited. The clock starts when the client's last send returns, and all processes read the
same one. *{ANSWERED}*: the 202 is in the client's hands. *{COMPLETED}*: the move in the ingest's history.
*{DELIVERED}*: the example consumer, a Celery worker of its own, has the event."""

Times = dict[str, list[float]]
"""By the moment, the ms since the last byte."""


def measure(folder: Path) -> Report:
    """Measure in the folder, and report; COUNT=5 makes it shorter."""
    text, video = text_file(folder / "note.txt", TEXT_BYTES), padded_clip(folder / "video.mp4", VIDEO_BYTES)
    plan = plan_in(folder / "data")

    async def follow() -> Report:
        return _report({TEXT: await _measured(plan, text), VIDEO: await _measured(plan, video)})

    return measured(plan, follow)


async def _measured(plan: Plan, payload: Payload) -> Times:
    path = f"/ingest?filename={payload.path.name}"
    order = Order(plan.settings.port, path, str(payload.path), count=COUNT, pause=PAUSE_SECONDS)
    warm = await send(replace(order, count=DISCARDED), payload)
    await all_taken(plan.data_dir, {_id(answer) for answer in warm})
    answers = await send(order, payload)
    delivered = await all_taken(plan.data_dir, {_id(answer) for answer in answers})
    return {
        ANSWERED: [_ms(answer, answer.answered_at) for answer in answers],
        COMPLETED: [_ms(answer, await completed(plan.address, _id(answer))) for answer in answers],
        DELIVERED: [_ms(answer, delivered[_id(answer)]) for answer in answers],
    }


def _report(found: dict[str, Times]) -> Report:
    rows = [
        (
            file,
            moment,
            *(f"{value:.1f}" for value in (min(ms), median(ms), percentile(ms, 99))),
            _goal(file, moment, ms),
        )
        for file, times in found.items()
        for moment, ms in times.items()
    ]
    columns = ("file", "ms after the last byte", "least", "median", "p99", "goal")
    return Report("latency", METHOD, columns, rows, dict(found))


def _goal(file: str, moment: str, ms: Sequence[float]) -> str:
    if moment != DELIVERED:
        return ""
    middle, most = GOALS[file]
    return f"{verdict(median(ms), middle, 'ms, median')}; {verdict(percentile(ms, 99), most, 'ms, p99')}"


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the nearest-rank percentile: a value that was measured, not one in between."""
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def _id(answer: Answer) -> str:
    return str(answer.body["id"])


def _ms(answer: Answer, moment: float) -> float:
    return (moment - answer.sent_at) * 1000
