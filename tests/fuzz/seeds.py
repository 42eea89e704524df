"""The files that fuzzing starts from: the corpus's good ones, and its hostile ones that are small."""

from collections import defaultdict
from collections.abc import Iterable

from tests.corpus.items import Item, good_items, hostile_items
from tests.corpus.trap import Trap
from tests.corpus.workshop import content

MAX_BYTES = 64 * 1024

_NOWHERE = Trap("/nowhere", 9)


def good_seeds() -> dict[str, list[bytes]]:
    """Return theme → files."""
    return _by_theme(good_items())


def all_seeds() -> dict[str, list[bytes]]:
    """Return theme → files; this makes the whole corpus once, which takes a while."""
    return _by_theme((*good_items(), *hostile_items()))


def _by_theme(items: Iterable[Item]) -> dict[str, list[bytes]]:
    themes = defaultdict(list)
    for item in items:
        made = content(item, _NOWHERE)
        if isinstance(made, bytes) and len(made) <= MAX_BYTES:
            themes[item.make.__module__.rpartition(".")[2]].append(made)
    return dict(themes)
