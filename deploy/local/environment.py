"""What the processes get to know: the Procfile's variables and their environment; meaning is for `shared.settings`."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from deploy.local.faults import BadSetting
from deploy.local.guard import MARK
from deploy.local.ports import free_ports
from shared.settings import Settings, sentences

PORTS = ("port", "metrics_port", "large_metrics_port", "notifier_metrics_port", "flower_port", "exporter_port")
"""The settings that are a port of ours."""


def read_settings() -> Settings:
    """Return the settings of the environment and `.env`. Raise BadSetting, naming each wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        raise BadSetting(sentences(error)) from error


def variables(settings: Settings, redis_url: str) -> dict[str, str]:
    """Return each setting under its name in the environment."""
    values = {name.upper(): str(getattr(settings, name)) for name in Settings.model_fields}
    return values | _settled(settings, redis_url)


def child_environment(base: Mapping[str, str], settings: Settings, redis_url: str, mark: str) -> dict[str, str]:
    """Return `base` with what the launcher has settled; what isn't set stays unset, so `.env` keeps its say."""
    own = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{base.get('PATH', os.defpath)}",
        "PYTHONUNBUFFERED": "1",
        MARK: mark,
    }
    return {**base, **_settled(settings, redis_url), **own}


def isolated(base: Mapping[str, str], **changes: Any) -> tuple[Settings, dict[str, str]]:
    """Return settings and an environment for a stack of its own, whatever `.env` and `base` say.

    All is default but for free ports, the embedded Redis (an empty REDIS_URL asks for it) and the changes.
    """
    values = {name: field.default for name, field in Settings.model_fields.items()}
    values |= dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    values |= {"redis_url": "", **changes}
    return Settings(**values), {**base, **{name.upper(): str(value) for name, value in values.items()}}


def given_redis(settings: Settings) -> str | None:
    """Return the Redis that somebody chose by REDIS_URL, or None where we have to start one."""
    return settings.redis_url or None if "redis_url" in settings.model_fields_set else None


def _settled(settings: Settings, redis_url: str) -> dict[str, str]:
    return {"DATA_DIR": str(settings.data_dir.resolve()), "REDIS_URL": redis_url}
