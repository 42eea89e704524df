"""Celery's own speed: a task that does nothing, taken by a worker as ours are: late acknowledged, one at a time.

https://docs.celeryq.dev/en/stable/userguide/optimizing.html; BROKER is the broker's address.
"""

import os

from celery import Celery

QUEUE = "noop"

app = Celery("noop", broker=os.environ["BROKER"])
app.conf.update(
    task_default_queue=QUEUE,
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)


@app.task
def nothing(ingest_id: str) -> None:
    """Do nothing."""
