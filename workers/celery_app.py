"""The Celery app of the back room: its settings and its processes' lifetimes; it leaves the tasks to `workers.tasks`.

The catalog is the truth and Redis a doorbell, so a lost or doubled message costs time, never a file: a message is
acknowledged late, and one that is delivered twice finds the ingest already claimed.
"""

import sys
from typing import Any

from celery import Celery
from celery.signals import (
    celeryd_init,
    setup_logging,
    worker_init,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
)

from shared import logs
from shared.ports import (
    NOTIFY_QUEUE,
    NOTIFY_TASK,
    PREVIEW_TASK,
    PRIORITIES,
    PROCESS_QUEUE,
    PROCESS_TASK,
    RECONCILE_TASK,
    SWEEP_QUEUE,
    SWEEP_TASK,
)
from shared.settings import Settings, read_settings
from workers import broker
from workers.bounded_stop import BoundedStop
from workers.reconnecting import QuickAmqp

SOCKET_SECONDS = 5.0
"""Celery's default is none: a publish could hang for ever."""
SOFT_SHUTDOWN_SECONDS = 2.0
"""With REMAP_SIGTERM=SIGQUIT running tasks get this long, then they are handed back at once.

Celery's own end takes 2 s more, and on a busy machine twice that: a worker must be gone before somebody kills it.
"""

CHILD_SECONDS = 90.0
"""For a child to open its room. With Celery's 4 s a busy machine kills one after the other, measured."""
RECONCILE_SECONDS = 30.0
"""What no child has begun by then, beat asks for anyway."""


def create_celery_app(settings: Settings) -> Celery:
    """Return the app; it connects when a worker, beat or Flower starts."""
    broker.use()
    tasks = ["workers.tasks"]
    app = Celery("hmas", broker=settings.redis_url, backend=settings.result_url, include=tasks, amqp=QuickAmqp)
    app.steps["worker"].add(BoundedStop)
    app.conf.update(
        **_reliability(),
        **_observability(settings),
        task_routes={
            PROCESS_TASK: {"queue": PROCESS_QUEUE},
            PREVIEW_TASK: {"queue": PROCESS_QUEUE},
            NOTIFY_TASK: {"queue": NOTIFY_QUEUE},
            SWEEP_TASK: {"queue": SWEEP_QUEUE},
            RECONCILE_TASK: {"queue": SWEEP_QUEUE},
        },
        beat_schedule=_schedule(settings),
        beat_max_loop_interval=1.0,
    )
    return app


def _reliability() -> dict[str, Any]:
    sockets = {"socket_timeout": SOCKET_SECONDS, "socket_connect_timeout": SOCKET_SECONDS}
    return {
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,  # it loops for ever on a poison file; the catalog counts attempts
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_prefetch_multiplier": 1,
        "worker_proc_alive_timeout": CHILD_SECONDS,
        "worker_soft_shutdown_timeout": SOFT_SHUTDOWN_SECONDS,
        "worker_cancel_long_running_tasks_on_connection_loss": False,  # what runs commits to the catalog, not to Redis
        "broker_connection_retry": False,  # one that reconnects may stay deaf: it ends, and is started again
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            **sockets,
            "priority_steps": PRIORITIES,
            "visibility_timeout": 600,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
        "result_backend_transport_options": sockets,
        "redis_socket_timeout": SOCKET_SECONDS,
        "redis_socket_connect_timeout": SOCKET_SECONDS,
    }


def _observability(settings: Settings) -> dict[str, Any]:
    return {
        "result_expires": settings.result_seconds,
        "result_extended": True,
        "task_track_started": True,
        "task_send_sent_event": True,
        "worker_send_task_events": True,
        "worker_hijack_root_logger": False,
    }


def _schedule(settings: Settings) -> dict[str, Any]:
    """Return what beat sends; what is not taken before the next one is dropped, so that a pause piles nothing up."""

    def every(seconds: float, task: str) -> dict[str, Any]:
        return {"task": task, "schedule": seconds, "options": {"expires": seconds}}

    return {
        "sweep": every(settings.sweep_seconds, SWEEP_TASK),
        "notify": every(settings.sweep_seconds, NOTIFY_TASK),
        "reconcile": every(settings.orphan_seconds / 2, RECONCILE_TASK),
    }


def queues() -> set[str]:
    """Return the queues that this worker, or the parent of this child, takes from."""
    return set(app.amqp.queues.consume_from)


def examines() -> bool:
    """Tell whether this worker may have to look into files."""
    return not queues() <= {NOTIFY_QUEUE, SWEEP_QUEUE}


@setup_logging.connect
def _configure_logging(**_: Any) -> None:
    logs.configure(Settings().log_level)


@celeryd_init.connect
def _choose_metrics_files(**_: Any) -> None:
    """Before the tasks are imported, since prometheus_client looks once."""
    from workers.metrics_files import meet  # noqa: PLC0415  (only a worker has these)

    meet(Settings().worker_metrics_dir)


@worker_init.connect
def _try_cage(**_: Any) -> None:
    """In the main process, once its queues are known, before it takes tasks or has children.

    Celery only logs what fails in a child's start.
    """
    from workers.cage.warm_process import CageUnavailable  # noqa: PLC0415
    from workers.room import try_cage  # noqa: PLC0415

    if not examines():
        return
    try:
        try_cage(Settings())
    except CageUnavailable as fault:
        sys.exit(fault.detail)  # Celery would go on after any other exception


@worker_ready.connect
def _serve_metrics(**_: Any) -> None:
    from workers.metrics_server import serve  # noqa: PLC0415

    serve(Settings(), census=PROCESS_QUEUE in queues())


@worker_ready.connect
def _reconcile(sender: Any, **_: Any) -> None:
    """Ask at once for what a crash or a power cut left to be put right; one kind of worker asks, for all."""
    if PROCESS_QUEUE in sender.app.amqp.queues:
        sender.app.send_task(RECONCILE_TASK, expires=RECONCILE_SECONDS, retry=False)


@worker_process_init.connect
def _open_room(**_: Any) -> None:
    from workers.room import open_room  # noqa: PLC0415

    open_room(Settings(), warm=examines())


@worker_process_shutdown.connect
def _close_room(**_: Any) -> None:
    from workers.room import close_room  # noqa: PLC0415

    close_room()


app = create_celery_app(read_settings())
