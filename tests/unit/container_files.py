"""The container files as data: stages, services, commands; it leaves judging them to container_checks."""

import functools
import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

import yaml

from deploy.local.procfile import Command, parse_procfile
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILES = ("Dockerfile.api", "Dockerfile.worker", "deploy/exporter/Dockerfile")
PATHS = (
    *DOCKERFILES,
    "docker-compose.yml",
    ".dockerignore",
    "Procfile",
    "Makefile",
    "deploy/prometheus/prometheus.yml",
)
DEFAULTS = {name.upper(): str(field.default) for name, field in Settings.model_fields.items()}

Texts = Mapping[str, str]
"""Each file's text under its path from the project's root."""


def read_texts() -> Texts:
    return {path: (ROOT / path).read_text() for path in PATHS}


@dataclass(frozen=True)
class Instruction:
    word: str
    rest: str


def instructions(text: str) -> list[Instruction]:
    lines = text.replace("\\\n", " ").splitlines()
    return [Instruction(*line.split(maxsplit=1)) for line in lines if line and not line.startswith("#")]


def final_stage(text: str) -> dict[str, str]:
    """The last stage's instructions that count once: ENV, USER, EXPOSE, HEALTHCHECK, CMD …"""
    last: dict[str, str] = {}
    for instruction in instructions(text):
        last = {} if instruction.word == "FROM" else last | {instruction.word: instruction.rest}
    return last


def copied(text: str) -> list[str]:
    """What COPY takes from the project."""
    words = [shlex.split(each.rest) for each in instructions(text) if each.word == "COPY"]
    return [source for sources in words if not sources[0].startswith("--from") for source in sources[:-1]]


@dataclass(frozen=True)
class Service:
    """One service of the compose file, on top of what its image says."""

    name: str
    spec: dict[str, Any]
    image: dict[str, str]

    @property
    def ours(self) -> bool:
        return bool(self.image)

    @property
    def image_environment(self) -> dict[str, str]:
        return dict(word.split("=", 1) for word in shlex.split(self.image.get("ENV", "")))

    @property
    def own_environment(self) -> dict[str, str | None]:
        given = self.spec.get("environment", {})
        return {name: None if value is None else str(value) for name, value in given.items()}

    @property
    def environment(self) -> dict[str, str]:
        """What the process sees: a name without a value takes the image's away."""
        both = self.image_environment | self.own_environment
        return {name: value for name, value in both.items() if value is not None}

    @property
    def command(self) -> tuple[str, ...]:
        given = self.spec.get("command") or json.loads(self.image["CMD"])
        words = shlex.split(given) if isinstance(given, str) else given
        if words[:2] == ["sh", "-c"]:
            words = shlex.split(Template(words[2].removeprefix("exec ")).safe_substitute(self.environment))
        return tuple(words)


@functools.cache
def compose(text: str) -> dict[str, Any]:
    """The compose file where nothing is set: each `${NAME:-default}` is its default."""
    found = 1
    while found:
        text, found = re.subn(r"(?<!\$)\$\{\w+:-([^${}]*)\}", r"\1", text)
    return dict(yaml.safe_load(text))


def services(texts: Texts) -> dict[str, Service]:
    specs = compose(texts["docker-compose.yml"])["services"]
    built = {spec["image"]: spec["build"]["dockerfile"] for spec in specs.values() if "build" in spec}
    stages = {image: final_stage(texts[path]) for image, path in built.items()}
    return {name: Service(name, spec, stages.get(spec["image"], {})) for name, spec in specs.items()}


def processes(texts: Texts, values: Mapping[str, str]) -> dict[str, Command]:
    """The Procfile's commands under the names of their services."""
    names = {"exporter": "celery-exporter"}
    return {names.get(each.name, each.name): each for each in parse_procfile(texts["Procfile"], values)}
