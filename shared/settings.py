"""Settings: every knob once, from the environment or `.env`; `.env.example` is compared with it by a test."""

import sys
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.policy import Policy
from shared.quarantine import Quarantine

GIB = 1024**3


class Settings(BaseSettings):
    """All settings; names are upper case in the environment. Sizes are bytes, times are seconds."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    host: str = Field("127.0.0.1", description="Address that the API listens on")
    port: int = Field(8000, description="Port that the API listens on")
    public_url: str = Field("", description="Our URL as senders and Perception see it; empty: http://HOST:PORT")
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks whose X-Forwarded-For is believed, separated by commas; empty: none",
    )
    data_dir: Path = Field(Path("data"), description="Where bytes, the embedded catalog and the embedded Redis live")
    database_url: str = Field(
        "", description="The catalog: postgresql://user:password@host/name, or empty for SQLite in DATA_DIR"
    )
    redis_url: str = Field(
        "redis://127.0.0.1:6379/0",
        description="Broker; results and limits take the next two databases. Unset, `make run` starts its own Redis",
    )
    durability: Literal["full", "off"] = Field(
        "full",
        description="full: after a 2xx bytes and row are on stable storage; off: a power cut may take the last ones",
    )
    rate_limit: str = Field("5/minute", description="For each caller on POST /ingest; several are joined by ';'")
    read_rate_limit: str = Field("600/minute", description="For each caller on every other route")
    max_upload_bytes: int = Field(64 * GIB, gt=0, description="Largest file that is admitted")
    allowed_types: str = Field(
        "all",
        description="Admitted: sets (media, documents, archives, data, all) and patterns (video/*), by commas",
    )
    quarantine: str = Field(
        "keep:30d",
        description="Bytes of rejected files: drop or keep:30d, by reason as in keep:30d,executable=drop",
    )
    polyglots: Literal["reject", "flag"] = Field(
        "reject", description="A content that is valid in a second format: reject it, or flag it with a warning"
    )
    min_free_bytes: int = Field(GIB // 4, ge=0, description="Room that is kept free on the disk: below it, 507")
    free_again_bytes: int = Field(
        GIB // 2,
        ge=0,
        description="Free room at which uploads are admitted again after the disk was full; at least MIN_FREE_BYTES",
    )
    waiting_high: int = Field(50_000, gt=0, description="So many waiting ingests, and uploads are answered by 503")
    waiting_low: int = Field(40_000, gt=0, description="So few waiting ingests, and uploads are admitted again")
    large_bytes: int = Field(
        GIB // 4,
        gt=0,
        description="From this size on a file is processed by worker-large, so that it holds up no small one",
    )
    receive_idle_seconds: float = Field(30, gt=0, description="A body that brings no byte for this long is refused")
    receive_bytes_a_second: int = Field(
        1024, ge=0, description="A body that comes slower than this over RECEIVE_IDLE_SECONDS is refused; 0: no limit"
    )
    header_seconds: float = Field(10, gt=0, description="Time for the head of a request, from its first byte")
    upload_hours: float = Field(24, gt=0, description="How long a resumable upload is kept since its last byte")
    cors_origins: str = Field(
        "*", description="Web pages that may use /uploads from a browser: origins separated by commas, * or empty"
    )
    idempotency_hours: float = Field(72, gt=0, description="How long an Idempotency-Key is remembered")
    worker_concurrency: int = Field(2, gt=0, description="Files that one worker processes at the same time")
    lease_seconds: float = Field(30, gt=0, description="A worker's right to one ingest; renewed while it works")
    max_attempts: int = Field(3, gt=0, description="Attempts at one ingest before it is failed")
    retry_seconds: float = Field(2, gt=0, description="First back-off after an attempt that failed; it doubles")
    sweep_seconds: float = Field(1, gt=0, description="How often the sweeper runs")
    orphan_seconds: float = Field(600, gt=0, description="Age at which bytes without a row are removed")
    perception_sinks: str = Field(
        "celery:perception",
        description="Where events go, separated by commas: celery:QUEUE, redis-stream:KEY, https://host/path",
    )
    delivery_attempts: int = Field(12, gt=0, description="Attempts at one delivery before it is dead")
    delivery_retry_seconds: float = Field(
        2, gt=0, description="First back-off of a delivery; it doubles, up to one hour"
    )
    delivery_timeout_seconds: float = Field(10, gt=0, description="Time for one attempt at a delivery")
    webhook_secret: str = Field("", description="Standard Webhooks secret (whsec_…) that signs https sinks")
    webhook_allow_private: bool = Field(
        False,  # noqa: FBT003  (pydantic's way to give a default)
        description="Allow http and private addresses for webhooks",
    )
    result_seconds: int = Field(24 * 3600, gt=0, description="How long Celery keeps the result of a task")
    cage_memory_bytes: int = Field(GIB, gt=0, description="Address space of one caged parser")
    cage_cpu_seconds: int = Field(30, gt=0, description="CPU time of one caged parser")
    cage_wall_seconds: float = Field(60, gt=0, description="Wall clock of one caged parser")
    keep_location: bool = Field(
        default=False, description="Whether metadata tell where a photo, video or sound was taken"
    )
    cage_required: str = Field(
        "",
        description="Layers without which the worker does not start, separated by commas: "
        "rlimits, no_new_privs, seccomp, landlock, netns; empty: whatever the kernel offers",
    )
    previews: bool = Field(
        True,  # noqa: FBT003  (pydantic's way to give a default)
        description="Make a small picture of each image, video, PDF, audio file and office document",
    )
    metrics_host: str = Field("127.0.0.1", description="Address of the worker's metrics")
    metrics_port: int = Field(9100, ge=0, description="Port of the worker's metrics")
    worker_metrics_dir: str = Field(
        "",
        description="Folder where a worker's processes meet for metrics; empty: a fresh one for each start",
    )
    large_metrics_port: int = Field(9101, ge=0, description="Port of worker-large's metrics")
    notifier_metrics_port: int = Field(9102, ge=0, description="Port of the notifier's metrics")
    flower_port: int = Field(5555, description="Port of Flower")
    flower_basic_auth: str = Field("operator:operator", description="user:password for Flower; change it")
    exporter_port: int = Field(9808, description="Port of the Celery exporter")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="From which level on to log")

    @field_validator("allowed_types")
    @classmethod
    def _names_types(cls, text: str) -> str:
        Policy.of(1, _listed(text))
        return text

    @field_validator("waiting_low")
    @classmethod
    def _is_below_the_high_mark(cls, waiting: int, others: ValidationInfo) -> int:
        if waiting >= others.data.get("waiting_high", sys.maxsize):
            raise ValueError("It must be less than WAITING_HIGH.")
        return waiting

    @field_validator("quarantine")
    @classmethod
    def _is_a_rule(cls, text: str) -> str:
        Quarantine.of(text)
        return text

    @cached_property
    def base_url(self) -> str:
        """Our URL without a final slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @cached_property
    def catalog_url(self) -> str:
        """SQLAlchemy's URL with its async driver."""
        if not self.database_url:
            return f"sqlite+aiosqlite:///{self.data_dir.resolve()}/catalog.db"
        scheme, rest = self.database_url.split("://", 1)
        drivers = {
            "postgres": "postgresql+asyncpg",
            "postgresql": "postgresql+asyncpg",
            "sqlite": "sqlite+aiosqlite",
        }
        return f"{drivers.get(scheme, scheme)}://{rest}"

    @property
    def durable(self) -> bool:
        """Whether what was accepted is on stable storage before it is acknowledged."""
        return self.durability == "full"

    @cached_property
    def result_url(self) -> str:
        """Redis database of Celery's results."""
        return self._redis_database(1)

    @cached_property
    def limits_url(self) -> str:
        """Redis database of the rate limits."""
        return self._redis_database(2)

    @cached_property
    def sinks(self) -> tuple[str, ...]:
        """The URLs of Perception's sinks."""
        return _listed(self.perception_sinks)

    @cached_property
    def type_patterns(self) -> tuple[str, ...]:
        """The admitted media types."""
        return _listed(self.allowed_types)

    @cached_property
    def origins(self) -> tuple[str, ...]:
        """The origins whose pages may send uploads."""
        return _listed(self.cors_origins)

    @cached_property
    def proxies(self) -> tuple[str, ...]:
        """The proxies that are believed."""
        return _listed(self.trusted_proxies)

    @cached_property
    def cage_layers(self) -> tuple[str, ...]:
        """The layers that the cage must have."""
        return _listed(self.cage_required)

    def _redis_database(self, offset: int) -> str:
        parts = urlsplit(self.redis_url)
        return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + offset}"))


def read_settings() -> Settings:
    """Return the settings of the environment and `.env`; end the process, naming each wrong one, where there is one."""
    try:
        return Settings()
    except ValidationError as error:
        raise SystemExit(sentences(error)) from None


def sentences(error: ValidationError) -> str:
    """Return a line for each setting with a value that it cannot have."""
    return "\n".join(
        f"{str(fault['loc'][0]).upper()}={fault['input']}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors()
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())
