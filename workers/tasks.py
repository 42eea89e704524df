"""The Celery tasks: thin doors, three lines each; it leaves the work to `process`, `preview`, `notify`, `sweep`.

The sweeper sends no events: it runs every few seconds and would bury everything else in Flower.
"""

from typing import Any

from celery import Task
from celery.exceptions import Ignore

from shared.logs import about
from shared.ports import NOTIFY_TASK, PROCESS_TASK, RECONCILE_TASK, SWEEP_TASK
from workers import notify, preview, process, sweep
from workers.celery_app import app
from workers.room import run


def preview_afterwards(_task: Task, _told: dict[str, Any], task_id: str, args: list[str], _named: Any) -> None:
    """Make the preview. Celery calls this after it stored the result, and acknowledges the message after this.

    So nobody who waits for the result waits for the preview, and a worker that is killed here leaves it to another.
    """
    with about(ingest_id=args[0], task_id=task_id):
        run(lambda room: preview.make_preview(room, args[0]))


@app.task(name=PROCESS_TASK, bind=True, on_success=preview_afterwards)
def process_task(self: Task, ingest_id: str) -> dict[str, Any]:
    """Process one ingest. The result is its event's data; none is stored while another worker has it."""
    with about(ingest_id=ingest_id, task_id=self.request.id):
        told = run(lambda room: process.process(room, ingest_id))
    if told is None:
        raise Ignore
    return told


@app.task(name=NOTIFY_TASK, bind=True, ignore_result=True)
def notify_task(self: Task, event_id: str | None = None) -> None:
    """Deliver one event, or whatever is due."""
    with about(event_id=event_id, task_id=self.request.id):
        run(lambda room: notify.notify(room.services, event_id))


@app.task(name=SWEEP_TASK, bind=True, ignore_result=True, send_events=False)
def sweep_task(self: Task) -> None:
    """Ring again for what waits, and take back what went silent."""
    with about(task_id=self.request.id):
        run(lambda room: sweep.sweep(room.services))


@app.task(name=RECONCILE_TASK, bind=True, ignore_result=True, send_events=False)
def reconcile_task(self: Task) -> None:
    """Remove bytes that no row knows, and keys that are too old."""
    with about(task_id=self.request.id):
        run(lambda room: sweep.reconcile(room.services))
