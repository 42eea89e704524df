"""The ports: what the service needs from the outside, as promises; it leaves keeping them to the adapters.

Every method may raise `Unavailable` (the part behind it does not answer in time); what else, each method says.
All moments are UTC and are passed in, so that no adapter looks at a clock of its own.
"""

from shared.ports.catalog import Catalog
from shared.ports.catalog_values import ANY_SIZE, Census, Due, IdempotencyKey, Listing, Undelivered
from shared.ports.names import (
    LARGE_QUEUE,
    NOTIFY_QUEUE,
    NOTIFY_TASK,
    PREVIEW_PRIORITY,
    PREVIEW_TASK,
    PRIORITIES,
    PROCESS_QUEUE,
    PROCESS_TASK,
    RECONCILE_TASK,
    SWEEP_QUEUE,
    SWEEP_TASK,
)
from shared.ports.presence import Presence
from shared.ports.queue import Depth, TaskQueue
from shared.ports.sink import PerceptionSink
from shared.ports.store import ObjectStore, Space
from shared.ports.writers import ObjectAppender, ObjectWriter

__all__ = [
    "ANY_SIZE",
    "LARGE_QUEUE",
    "NOTIFY_QUEUE",
    "NOTIFY_TASK",
    "PREVIEW_PRIORITY",
    "PREVIEW_TASK",
    "PRIORITIES",
    "PROCESS_QUEUE",
    "PROCESS_TASK",
    "RECONCILE_TASK",
    "SWEEP_QUEUE",
    "SWEEP_TASK",
    "Catalog",
    "Census",
    "Depth",
    "Due",
    "IdempotencyKey",
    "Listing",
    "ObjectAppender",
    "ObjectStore",
    "ObjectWriter",
    "PerceptionSink",
    "Presence",
    "Space",
    "TaskQueue",
    "Undelivered",
]
