"""The container files agree with the settings, the Procfile, the Makefile and each other; drift is seen."""

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.unit.container_checks import CHECKS
from tests.unit.container_files import ROOT, Texts, read_texts

COMPOSE, API, WORKER = "docker-compose.yml", "Dockerfile.api", "Dockerfile.worker"
EXPORTER, PROMETHEUS = "deploy/exporter/Dockerfile", "deploy/prometheus/prometheus.yml"


def complaints(texts: Texts) -> list[str]:
    return [complaint for check in CHECKS for complaint in check(texts)]


def test_the_container_files_agree():
    assert complaints(read_texts()) == []


DRIFTS = [
    # environment
    (COMPOSE, "  RATE_LIMIT:\n", "  RATE_LIMITS:\n", "api sets RATE_LIMITS, which is no setting"),
    (COMPOSE, "  RATE_LIMIT:\n", "", "worker never gets RATE_LIMIT"),
    (COMPOSE, "AUTH:-operator:operator}", "AUTH:-admin:admin}", "flower sets FLOWER_BASIC_AUTH to admin:admin"),
    (COMPOSE, "  WORKER_CONCURRENCY: ${WORKER_CONCURRENCY:-2}", "  WORKER_CONCURRENCY:", "takes the image's"),
    (WORKER, "WORKER_CONCURRENCY=2", "WORKER_CONCURRENCY=3", "worker sets WORKER_CONCURRENCY to 3"),
    (API, "DATA_DIR=/data", "DATA_DIR=/srv", "api sets DATA_DIR to /srv"),
    # commands
    ("Procfile", "--without-mingle", "", "worker runs"),
    ("Procfile", "REMAP_SIGTERM=SIGQUIT", "REMAP_SIGTERM=SIGINT", "worker runs without"),
    ("Procfile", "$DATA_DIR/beat/schedule", "$DATA_DIR/schedule", "beat runs"),
    ("Procfile", "CE_BROKER_URL=", "CE_BROKER=", "celery-exporter runs without"),
    ("Procfile", "perception:", "consumer:", "perception is not both"),
    (API, '["python", "-m", "api"]', '["uvicorn", "api"]', "api runs ('uvicorn', 'api')"),
    (COMPOSE, "python -m migrations", "alembic upgrade head", "migrate runs"),
    (EXPORTER, '"--retry-interval=5"', '"--retry-interval=0"', "celery-exporter runs"),
    # ports
    (API, "EXPOSE 8000", "EXPOSE 8080", "api's image exposes 8080"),
    (COMPOSE, "${PORT:-8000}:8000", "${PORT:-8080}:8000", "api is published as 8080:8000"),
    (COMPOSE, "127.0.0.1:${FLOWER_PORT:-5555}:5555", "${FLOWER_PORT:-5555}:5555", "flower is published at []"),
    (COMPOSE, "127.0.0.1:5555/healthcheck", "127.0.0.1:5556/healthcheck", "flower's health is asked at 5556"),
    (EXPORTER, "127.0.0.1:9808/", "127.0.0.1:9809/", "celery-exporter's health is asked at 9809"),
    # what goes into the images
    (API, "COPY migrations migrations", "COPY alembic alembic", "alembic, which isn't there"),
    (".dockerignore", "!shared\n", "", "copies shared, which .dockerignore leaves out"),
    (".dockerignore", "\n*\n", "\n", "lets .env into images"),
    (API, "COPY api api", "COPY api workers ./", "copies workers of the other tier"),
    ("Makefile", "run.installed: requirements/run.lock", "run.installed: requirements/all.lock", "all.lock"),
    (EXPORTER, "exporter.lock /tmp", "run.lock /tmp", "doesn't install requirements/exporter.lock"),
    (WORKER, "--require-hashes", "", "Dockerfile.worker installs without --require-hashes"),
    # what they are and may do
    (API, "FROM python:3.12-slim\n", "FROM python\n", "python names no version"),
    (COMPOSE, "postgres:16-alpine", "postgres:latest", "postgres:latest names no version"),
    (WORKER, "USER 10001:10001\n", "", "Dockerfile.worker runs as 'root'"),
    (API, "--start-period=30s", "", "no health check with a start period"),
    (WORKER, "STOPSIGNAL SIGTERM\n", "", "isn't stopped by SIGTERM"),
    (COMPOSE, "  read_only: true\n", "", "prometheus has read_only None"),
    (COMPOSE, "    user: postgres\n", "", "postgres runs as root"),
    (COMPOSE, "    mem_limit: 512m\n", "", "flower has no limit of memory"),
    # Prometheus
    (PROMETHEUS, "api:8000", "api:8001", "Prometheus scrapes"),
    (COMPOSE, "-Q notify,sweep", "-Q notify", "notifier runs"),
    (COMPOSE, "--concurrency 1 ", "--concurrency 2 ", "worker-large runs"),
    (PROMETHEUS, "names: [notifier]", "names: [notify]", "Prometheus scrapes"),
    (PROMETHEUS, "names: [worker]", "names: [workers]", "Prometheus scrapes"),
    (PROMETHEUS, "username: operator", "username: admin", "Prometheus calls flower as admin"),
]


@pytest.mark.parametrize(("path", "old", "new", "complaint"), DRIFTS, ids=[f"{d[0]}: {d[3]}" for d in DRIFTS])
def test_drift_is_seen(path, old, new, complaint):
    texts = read_texts()
    assert old in texts[path]
    found = complaints({**texts, path: texts[path].replace(old, new)})
    assert any(complaint in each for each in found), found


class Teapot(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 418)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing: the test looks at the answer."""


@pytest.fixture
def teapot():
    with HTTPServer(("127.0.0.1", 0), Teapot) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def health_check(url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, ROOT / "deploy" / "answers.py", url]
    # A proxy where nobody listens: it must not be asked.
    environment = {"http_proxy": "http://127.0.0.1:9"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, env=environment)


def test_a_service_that_answers_is_healthy(teapot):
    assert health_check(f"{teapot}/health").returncode == 0


@pytest.mark.parametrize(("path", "reason"), [("/other", "418"), (None, "refused")])
def test_a_service_that_does_not_answer_well_is_unhealthy_and_it_is_said_why(teapot, path, reason):
    checked = health_check("http://127.0.0.1:9/health" if path is None else teapot + path)
    assert checked.returncode == 1
    assert reason in checked.stderr
