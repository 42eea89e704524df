"""The one screen that a person sees once all runs: where things are, what to try, how to stop."""

from deploy.local.ports import reachable
from deploy.local.stack import Plan

_SCREEN = """
HMAS Ingestion is ready.

  API       http://{api}/docs
  Metrics   http://{api}/metrics  (API)
            http://{worker}/metrics  (worker)
            http://{large}/metrics  (worker-large)
            http://{notifier}/metrics  (notifier)
            http://{exporter}/metrics  (Celery)
  Flower    http://{flower}  (user {user}, password in FLOWER_BASIC_AUTH)
  Redis     {redis}{embedded}
  Data      {data_dir}
  Logs      {data_dir}/logs  (on the terminal too: LOGS=1 make run)

  Try it:   curl -F file=@README.md http://{api}/ingest
  Stop it:  Ctrl-C
"""


def screen(plan: Plan, redis_url: str) -> str:
    """Return the screen's text."""
    settings = plan.settings
    return _SCREEN.format(
        api=plan.address,
        worker=reachable(settings.metrics_host, settings.metrics_port),
        large=reachable(settings.metrics_host, settings.large_metrics_port),
        notifier=reachable(settings.metrics_host, settings.notifier_metrics_port),
        exporter=reachable(settings.metrics_host, settings.exporter_port),
        flower=reachable(settings.host, settings.flower_port),
        user=settings.flower_basic_auth.split(":")[0],
        redis=redis_url.rpartition("@")[2],
        embedded="" if settings.redis_url == redis_url else "  (embedded)",
        data_dir=plan.data_dir,
    )
