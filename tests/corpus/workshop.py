"""Writes the corpus's files in a process of its own, so that making them is not taken for a service's growth."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.corpus.items import Content, Item, good_items, hostile_items
from tests.corpus.trap import Trap


@dataclass(frozen=True)
class Workshop:
    """The process and where it writes."""

    pool: ProcessPoolExecutor
    folder: Path
    trap: Trap

    def file(self, item: Item) -> Path:
        """Return the item's file, named as a store would: by nothing that the sender said."""
        path = self.folder / "file"
        self.pool.submit(_write, item.name, path, self.trap).result()
        return path

    def files(self, items: tuple[Item, ...]) -> list[Path]:
        """Return all their files at once, for whoever watches what is opened while they are examined."""
        paths = [self.folder / f"file-{number}" for number in range(len(items))]
        for item, path in zip(items, paths, strict=True):
            self.pool.submit(_write, item.name, path, self.trap).result()
        return paths


@contextmanager
def workshop(folder: Path, trap: Trap) -> Iterator[Workshop]:
    """Open the workshop. The process is spawned: a fork would take the caller's memory along."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        yield Workshop(pool, folder, trap)


def content(item: Item, trap: Trap) -> Content:
    """Return what the item's maker makes."""
    return item.make(trap) if item.points_elsewhere else item.make()


def _write(name: str, path: Path, trap: Trap) -> None:
    item = next(item for item in (*good_items(), *hostile_items()) if item.name == name)
    made = content(item, trap)
    with path.open("wb") as file:
        if callable(made):
            made(file)
        else:
            file.write(made)
