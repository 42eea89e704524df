"""Where the launcher notes the address of the Redis that it runs, for commands beside it; starting it is `deploy`'s."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.settings import Settings


@contextmanager
def noted(url: str, data_dir: Path) -> Iterator[None]:
    """Keep the address noted while the Redis for DATA_DIR runs; one that a kill left is overwritten."""
    note = _note(data_dir)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.write_text(url)
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def with_embedded_redis(settings: Settings) -> Settings:
    """Return the settings with the address of the launcher's Redis, where it runs one and REDIS_URL names none."""
    note = _note(settings.data_dir)
    if "redis_url" in settings.model_fields_set or not note.exists():
        return settings
    return settings.model_copy(update={"redis_url": note.read_text()})


def _note(data_dir: Path) -> Path:
    return data_dir / "redis" / "address"
