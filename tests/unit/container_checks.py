"""What the container files must agree on with the settings, the Procfile, the Makefile and each other.

A check takes the files' texts and yields a sentence for each disagreement.
"""

import re
from collections.abc import Iterator
from fnmatch import fnmatch

import yaml

from tests.unit.container_files import (
    DEFAULTS,
    DOCKERFILES,
    ROOT,
    Service,
    Texts,
    copied,
    final_stage,
    instructions,
    processes,
    services,
)

IN_CONTAINERS = {
    "HOST": "0.0.0.0",  # other containers call
    "METRICS_HOST": "0.0.0.0",
    "LARGE_METRICS_PORT": "9100",  # each container has an address of its own
    "NOTIFIER_METRICS_PORT": "9100",
    "DATA_DIR": "/data",
    "DATABASE_URL": "postgresql://hmas:hmas@postgres/hmas",
    "REDIS_URL": "redis://redis:6379/0",
    "PUBLIC_URL": "http://localhost:8000",  # 0.0.0.0 is nobody's address
}
NO_SETTINGS = {
    "PATH": "the virtual environment comes first",
    "PYTHONUNBUFFERED": "logs appear at once",
    "PYTHONDONTWRITEBYTECODE": "the root file system is read-only",
    "INGESTION_URL": "the example consumer's own",
    "CE_BROKER_URL": "the exporter's own name for REDIS_URL",
    "POSTGRES_USER": "the postgres image's own",
    "POSTGRES_DB": "the postgres image's own",
    "POSTGRES_PASSWORD": "the postgres image's own",
}
ELSEWHERE = {
    "WORKER_METRICS_DIR": "a fresh folder in /tmp",
    "FLOWER_PORT": "the published port",
    "FLOWER_BASIC_AUTH": "Flower's and Prometheus' alone",
    "EXPORTER_PORT": "nobody's to choose: Prometheus scrapes it inside",
    "LARGE_METRICS_PORT": "METRICS_PORT of worker-large",
    "NOTIFIER_METRICS_PORT": "METRICS_PORT of notifier",
}
PORTS = {
    "api": "PORT",
    "worker": "METRICS_PORT",
    "worker-large": "METRICS_PORT",
    "notifier": "METRICS_PORT",
    "flower": "FLOWER_PORT",
    "celery-exporter": "EXPORTER_PORT",
}
WORKERS = ("worker", "worker-large", "notifier")
OF_THE_OTHER_TIER = {"api": {"workers", "examples"}, "worker": {"api", "migrations"}}
USERS_BY_IMAGE = {"prometheus": "nobody"}
LOCKS = {".venv": ("Dockerfile.api", "Dockerfile.worker"), ".venv-exporter": ("deploy/exporter/Dockerfile",)}
PIP_OPTIONS = ("--require-hashes", "--no-deps", "--only-binary :all:")


def environment_names(texts: Texts) -> Iterator[str]:
    for service in services(texts).values():
        for name, value in (*service.image_environment.items(), *service.own_environment.items()):
            if name not in DEFAULTS and name not in NO_SETTINGS:
                yield f"{service.name} sets {name}, which is no setting"
            if name in DEFAULTS and value not in {None, IN_CONTAINERS.get(name, DEFAULTS[name])}:
                yield f"{service.name} sets {name} to {value}, its default is {DEFAULTS[name]}"
            if value is None and name in service.image_environment:
                yield f"{service.name} takes the image's {name} away when it isn't set"


def settings_reach_the_tiers(texts: Texts) -> Iterator[str]:
    no_front_desk = {"HOST", "PORT"}
    own = {"api": {"METRICS_HOST", "METRICS_PORT"}} | dict.fromkeys(WORKERS, no_front_desk)
    for name, unneeded in own.items():
        service = services(texts)[name]
        for missing in DEFAULTS.keys() - service.own_environment.keys() - ELSEWHERE.keys() - unneeded:
            yield f"{name} never gets {missing}"


def commands(texts: Texts) -> Iterator[str]:
    found = services(texts)
    expected = processes(texts, DEFAULTS | IN_CONTAINERS)
    ours = {name for name, service in found.items() if service.ours}
    for name in ours ^ expected.keys():
        yield f"{name} is not both in the Procfile and in docker-compose.yml"
    for name in ours & expected.keys():
        said, wanted = _told(found[name].command), _told(expected[name].words)
        if said[1] != wanted[1]:
            yield f"{name} runs {said[1]}, the Procfile says {wanted[1]}"
        # Another container is reached by its name.
        environment = {name: value.replace("//0.0.0.0:", "//api:") for name, value in wanted[0].items()}
        if not environment.items() <= (found[name].environment | said[0]).items():
            yield f"{name} runs without {environment}"


def _told(words: tuple[str, ...]) -> tuple[dict[str, str], tuple[str, ...]]:
    """A command's `env NAME=value` and the rest, wherever its Python is."""
    assigned: dict[str, str] = {}
    if words[0] == "env":
        end = next(place for place, word in enumerate(words) if place and "=" not in word)
        assigned, words = dict(word.split("=", 1) for word in words[1:end]), words[end:]
    return assigned, (words[0].rsplit("/", 1)[-1], *words[1:])


def ports(texts: Texts) -> Iterator[str]:
    for name, service in services(texts).items():
        port = DEFAULTS.get(PORTS.get(name, ""), "")
        if service.ours and "command" not in service.spec and service.image["EXPOSE"] != port:
            yield f"{name}'s image exposes {service.image['EXPOSE']}, its setting is {port}"
        for published in service.spec.get("ports", []):
            yield from _publication(name, published, port)
        probed = re.search(
            r"127\.0\.0\.1:(\d+)", f"{service.spec.get('healthcheck')} {service.image.get('HEALTHCHECK')}"
        )
        if port and probed and probed[1] != port:
            yield f"{name}'s health is asked at {probed[1]}, its setting is {port}"


def _publication(name: str, published: str, port: str) -> Iterator[str]:
    *address, outside, inside = published.rsplit(":", 2)
    if port and (outside, inside) != (port, port):
        yield f"{name} is published as {published}, its setting is {port}"
    if address != ([] if name == "api" else ["127.0.0.1"]):
        yield f"{name} is published at {address}"


def copies(texts: Texts) -> Iterator[str]:
    allowed = [line[1:] for line in texts[".dockerignore"].splitlines() if line.startswith("!")]
    for path in DOCKERFILES:
        for source in copied(texts[path]):
            if not (ROOT / source).exists():
                yield f"{path} copies {source}, which isn't there"
            if not any(fnmatch(source, pattern) for pattern in allowed):
                yield f"{path} copies {source}, which .dockerignore leaves out"
    if "*" not in texts[".dockerignore"].splitlines() or any(fnmatch(".env", pattern) for pattern in allowed):
        yield ".dockerignore lets .env into images"
    for tier, others in OF_THE_OTHER_TIER.items():
        for source in copied(texts[f"Dockerfile.{tier}"]):
            if source.split("/")[0] in others:
                yield f"Dockerfile.{tier} copies {source} of the other tier"


def locks(texts: Texts) -> Iterator[str]:
    for environment, paths in LOCKS.items():
        rule = re.search(rf"^\{environment}/(?:run\.)?installed: (\S+\.lock)", texts["Makefile"], re.MULTILINE)
        lock = rule[1] if rule else None
        for path in paths:
            if lock not in copied(texts[path]):
                yield f"{path} doesn't install {lock} as the Makefile does"
    for path in (*DOCKERFILES, "Makefile"):
        for option in PIP_OPTIONS:
            if option not in texts[path]:
                yield f"{path} installs without {option}"


def images(texts: Texts) -> Iterator[str]:
    bases = [each.rest.split()[0] for path in DOCKERFILES for each in instructions(texts[path]) if each.word == "FROM"]
    for image in (*bases, *(service.spec["image"] for service in services(texts).values())):
        if image.rpartition(":")[2] in {image, "latest"}:
            yield f"{image} names no version"
    for path in DOCKERFILES:
        last = final_stage(texts[path])
        if not re.fullmatch(r"[1-9]\d*:[1-9]\d*", last.get("USER", "")):
            yield f"{path} runs as '{last.get('USER', 'root')}'"
        if "--start-period" not in last.get("HEALTHCHECK", ""):
            yield f"{path} has no health check with a start period"
        if last.get("STOPSIGNAL") != "SIGTERM":
            yield f"{path} isn't stopped by SIGTERM"


def confinement(texts: Texts) -> Iterator[str]:
    for service in services(texts).values():
        for key, value in _confined(service).items():
            if service.spec.get(key) != value:
                yield f"{service.name} has {key} {service.spec.get(key)}, not {value}"
        if not (service.ours or service.spec.get("user") or service.name in USERS_BY_IMAGE):
            yield f"{service.name} runs as root"
        if "mem_limit" not in service.spec:
            yield f"{service.name} has no limit of memory"


def _confined(service: Service) -> dict[str, object]:
    return {
        "read_only": True,
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "init": True,
        "restart": "no" if service.name == "migrate" else "unless-stopped",
    }


def prometheus(texts: Texts) -> Iterator[str]:
    scraped: dict[str, str] = {}
    for scrape in yaml.safe_load(texts["deploy/prometheus/prometheus.yml"])["scrape_configs"]:
        for static in scrape.get("static_configs", []):
            scraped |= dict(target.split(":") for target in static["targets"])
        for dns in scrape.get("dns_sd_configs", []):
            scraped |= {name: str(dns["port"]) for name in dns["names"]}
        user = scrape.get("basic_auth", {}).get("username")
        if user not in {None, DEFAULTS["FLOWER_BASIC_AUTH"].split(":")[0]}:
            yield f"Prometheus calls {scrape['job_name']} as {user}"
    expected = {name: DEFAULTS[port] for name, port in PORTS.items() if name in services(texts)}
    if scraped != expected:
        yield f"Prometheus scrapes {scraped}, there is {expected}"


CHECKS = (
    environment_names,
    settings_reach_the_tiers,
    commands,
    ports,
    copies,
    locks,
    images,
    confinement,
    prometheus,
)
