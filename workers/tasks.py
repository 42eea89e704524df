"""The Celery tasks: thin doors, three lines each; it leaves the work to the modules named like them.

The sweeper sends no events: it runs every few seconds and would bury everything else in Flower.
"""

from typing import Any

from celery import Task
from celery.exceptions import Ignore

from shared.logs import about
from shared.ports import NOTIFY_TASK, PREVIEW_TASK, PROCESS_TASK, RECONCILE_TASK, SWEEP_TASK
from workers import notify, preview, process, reconcile, sweep
from workers.celery_app import app
from workers.room import run


@app.task(name=PROCESS_TASK, bind=True)
def process_task(self: Task, ingest_id: str) -> dict[str, Any]:
    """Process one ingest. The result is its event's data; none is stored while another worker has it."""
    with about(ingest_id=ingest_id, task_id=self.request.id):
        told = run(lambda room: process.process(room, ingest_id))
    if told is None:
        raise Ignore
    return told


@app.task(name=PREVIEW_TASK, bind=True, ignore_result=True)
def preview_task(self: Task, ingest_id: str) -> None:
    """Make the preview of one completed ingest."""
    with about(ingest_id=ingest_id, task_id=self.request.id):
        run(lambda room: preview.make_preview(room, ingest_id))


@app.task(name=NOTIFY_TASK, bind=True, ignore_result=True)
def notify_task(self: Task, event_id: str | None = None) -> None:
    """Deliver whatever is due; the event is the one for which it was rung."""
    with about(event_id=event_id, task_id=self.request.id):
        run(lambda room: notify.notify(room.services))


@app.task(name=SWEEP_TASK, bind=True, ignore_result=True, send_events=False)
def sweep_task(self: Task) -> None:
    """Ring again for what waits, and take back what went silent."""
    with about(task_id=self.request.id):
        run(lambda room: sweep.sweep(room.services))


@app.task(name=RECONCILE_TASK, bind=True, ignore_result=True, send_events=False)
def reconcile_task(self: Task) -> None:
    """Bring disk and catalog together again."""
    with about(task_id=self.request.id):
        run(lambda room: reconcile.reconcile(room.services))
