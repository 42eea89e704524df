"""Which faults happen when: the same seed gives the same plan; it leaves doing them to `faults`."""

import math
import random
from dataclasses import dataclass

SQLITE, POSTGRES = "sqlite", "postgres"
FAULTS_A_SECOND = 0.6
TRIES = 50
LAUNCHER_PATIENCE = 12.0
"""What lived for 10 s is started again at once; the launcher waits longer and longer for what ends sooner."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault: two that share a part never happen at once, and the part rests after each."""

    name: str
    part: str
    shortest: float = 0.0
    longest: float = 0.0
    rest: float = 0.5
    catalog: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault: `at` is in seconds since the storm began."""

    at: float
    kind: str
    seconds: float


KINDS = (
    # First what takes long, so that it finds room.
    Kind("postgres_stopped", "postgres", 16.5, 17.5, rest=2, catalog=POSTGRES),
    Kind("redis_stopped", "redis", 6.5, 8),
    Kind("worker_child_stopped", "worker child", 5, 7),
    Kind("perception_down", "perception", 3, 6),
    Kind("perception_slow", "perception", 3, 6),
    Kind("perception_500", "perception", 3, 6),
    Kind("perception_dies", "perception", 3, 6),
    Kind("disk_full", "disk", 3, 5, rest=3),
    Kind("redis_stalled", "redis link", 3, 7),
    Kind("redis_delayed", "redis link", 2, 5),
    Kind("redis_reset", "redis link", 0.2, 1.5),
    Kind("postgres_stalled", "postgres link", 3, 7, catalog=POSTGRES),
    Kind("postgres_delayed", "postgres link", 2, 5, catalog=POSTGRES),
    Kind("postgres_reset", "postgres link", 0.2, 1.5, catalog=POSTGRES),
    Kind("postgres_killed", "postgres", 0.2, 2, catalog=POSTGRES),
    Kind("uploads_stalled", "api link", 2, 5),
    Kind("uploads_delayed", "api link", 2, 4),
    Kind("uploads_reset", "api link", 0.2, 1),
    Kind("uploads_cut", "api link", 0.5, 2),
    Kind("answers_cut", "api link", 0.5, 2),
    Kind("api_killed", "api", rest=LAUNCHER_PATIENCE),
    Kind("worker_killed", "worker", rest=LAUNCHER_PATIENCE),
    Kind("worker_large_killed", "worker-large", rest=LAUNCHER_PATIENCE),
    Kind("notifier_killed", "notifier", rest=LAUNCHER_PATIENCE),
    Kind("beat_killed", "beat", rest=LAUNCHER_PATIENCE),
    Kind("worker_child_killed", "worker child", rest=1),
    Kind("redis_killed", "redis", 0.2, 2),
    Kind("redis_killed_without_aof", "redis", 0.2, 2),
    Kind("redis_flushed", "redis"),
)


def kinds(catalog: str) -> list[Kind]:
    """Return the kinds that a storm on this catalog has."""
    return [kind for kind in KINDS if kind.catalog in {None, catalog}]


def plan(seed: int, seconds: float, catalog: str) -> list[Planned]:
    """Return a storm's faults in their order: each kind once, then any of them, as long as its part has room."""
    chance, possible = random.Random(f"{seed} {catalog}"), kinds(catalog)
    placed: list[tuple[Kind, Planned]] = []
    for kind in possible:
        if (fault := _placed(kind, seconds, placed, chance)) is None:
            raise ValueError(f"{seconds:g} s are too short for a storm with {kind.name}.")
        placed.append((kind, fault))
    wanted = math.ceil(seconds * FAULTS_A_SECOND)
    for _ in range(TRIES * wanted):
        if len(placed) >= wanted:
            break
        kind = chance.choice(possible)
        if fault := _placed(kind, seconds, placed, chance):
            placed.append((kind, fault))
    return sorted((fault for _, fault in placed), key=lambda fault: fault.at)


def _placed(kind: Kind, seconds: float, others: list[tuple[Kind, Planned]], chance: random.Random) -> Planned | None:
    taken = [(fault.at, fault.at + fault.seconds + other.rest) for other, fault in others if other.part == kind.part]
    for _ in range(TRIES):
        lasts = round(chance.uniform(kind.shortest, kind.longest), 2)
        start = round(chance.uniform(0, seconds - lasts), 2)
        if all(start + lasts + kind.rest <= begins or start >= ends for begins, ends in taken):
            return Planned(start, kind.name, lasts)
    return None
