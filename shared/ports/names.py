"""The names under which tasks and queues are known to workers, operators and dashboards."""

from shared.ingest import MAX_PRIORITY

PROCESS_TASK, PROCESS_QUEUE, LARGE_QUEUE = "ingest.process", "ingest", "ingest.large"
PREVIEW_TASK = "ingest.preview"
NOTIFY_TASK, NOTIFY_QUEUE = "ingest.notify", "notify"
SWEEP_TASK, RECONCILE_TASK, SWEEP_QUEUE = "ingest.sweep", "ingest.reconcile", "sweep"
PREVIEW_PRIORITY = MAX_PRIORITY + 1
PRIORITIES = tuple(range(PREVIEW_PRIORITY + 1))
"""Whoever sends or takes names these to Celery: on Redis each has a list of its own; by default there are four."""
