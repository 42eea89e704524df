"""The ports: what the service needs from the outside, as promises; it leaves keeping them to the adapters.

Every method may raise `Unavailable` (the part behind it does not answer in time); what else, each method says.
All moments are UTC and are passed in, so that no adapter looks at a clock of its own.
"""

import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from shared.digest import Hasher
from shared.events import Delivery, DeliveryState, Event
from shared.ingest import MAX_PRIORITY, Ingest, Move, Preview, Reason, State

PROCESS_TASK, PROCESS_QUEUE, LARGE_QUEUE = "ingest.process", "ingest", "ingest.large"
PREVIEW_TASK = "ingest.preview"
NOTIFY_TASK, NOTIFY_QUEUE = "ingest.notify", "notify"
SWEEP_TASK, RECONCILE_TASK, SWEEP_QUEUE = "ingest.sweep", "ingest.reconcile", "sweep"
"""The names under which tasks and queues are known to workers, operators and dashboards."""
PREVIEW_PRIORITY = MAX_PRIORITY + 1
PRIORITIES = tuple(range(PREVIEW_PRIORITY + 1))
"""Whoever sends or takes names these to Celery: on Redis each has a list of its own; by default there are four."""

ANY_SIZE = range(sys.maxsize)


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes free for us and in all on the store's device."""

    free: int
    total: int


class ObjectWriter(Protocol):
    """One object being written. Nothing is readable before `commit` has returned."""

    async def write(self, pieces: Sequence[bytes]) -> None:
        """Append the pieces in order and feed them to the hasher, off the event loop.

        The caller waits for one write before the next. Raise StorageFull where there is no room.
        """
        ...

    async def commit(self) -> None:
        """Make the object durable under its id: file synced, renamed, directory synced when this returns.

        Until `release`, the store's `abandoned` does not name it, so that its row can be committed in peace.
        """
        ...

    async def discard(self) -> None:
        """Remove every trace, committed or not. May be called at any time and twice."""
        ...

    async def release(self) -> None:
        """End the writer's claim on the object; a committed object stays. May be called twice."""
        ...


class ObjectStore(Protocol):
    """Where the bytes are, one object for each ingest id (which has the shape of `shared.ids.PATTERN`)."""

    async def create(self, ingest_id: str, hasher: Hasher, *, expected: int | None) -> ObjectWriter:
        """Begin a new object. Raise StorageFull at once where `expected` bytes would not fit.

        What other writers of this store expect and have not yet written is not there for this one.
        """
        ...

    async def size(self, ingest_id: str) -> int:
        """Return the object's size in bytes. Raise NotFound where there is none."""
        ...

    def read(self, ingest_id: str, start: int, stop: int) -> AsyncIterator[bytes]:
        """Yield the bytes from `start` up to `stop`, in pieces of at most 1 MiB. Raise NotFound where there is none."""
        ...

    def local_path(self, ingest_id: str) -> AbstractAsyncContextManager[Path]:
        """Lend a local file with the object's bytes, read-only, for the time of the context. Raise NotFound."""
        ...

    async def delete(self, ingest_id: str) -> None:
        """Remove the object, from quarantine too, and its preview, durably. No error where there is none."""
        ...

    async def put_away(self, ingest_id: str) -> None:
        """Move the object into quarantine, durably: out of the tree that others read, for our eyes alone.

        It stays readable here, so that nothing is lost where a move comes late. No error where it is there already.
        """
        ...

    async def bring_back(self, ingest_id: str) -> None:
        """Move the object out of quarantine, durably. No error where it is not there."""
        ...

    def in_quarantine(self) -> AsyncIterator[str]:
        """Yield the ids of all objects in quarantine."""
        ...

    async def put_preview(self, ingest_id: str, content: bytes) -> None:
        """Keep a preview durably, in place of any that is there; at no moment is a part of one readable.

        Raise StorageFull where there is no room. An object need not be there.
        """
        ...

    async def preview(self, ingest_id: str) -> bytes:
        """Return the preview. Raise NotFound where there is none."""
        ...

    def abandoned(self, before: datetime) -> AsyncIterator[str]:
        """Yield ids of objects and previews, unfinished or recent, last written before then and claimed by no writer.

        The caller asks the catalog which of them have a row, and deletes the others.
        """
        ...

    def finished(self, before: datetime) -> AsyncIterator[str]:
        """Yield the ids of all finished objects last written before then, in quarantine or not, folder by folder."""
        ...

    def unfinished(self, before: datetime) -> AsyncIterator[str]:
        """Yield ids of objects that were never committed, last written before then and claimed by no writer."""
        ...

    async def missing(self, ingest_ids: Sequence[str]) -> set[str]:
        """Return those of the ids under which there is no object, in quarantine neither."""
        ...

    async def space(self) -> Space:
        """Return the room on the device."""
        ...

    def uri(self, ingest_id: str) -> str:
        """Return the URI under which a reader that shares the store finds the object."""
        ...


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A caller's key, and the fingerprint of what came under it."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Which ingests to list, newest first: None means any. `before` is the id to continue behind."""

    state: State | None = None
    media_type: str | None = None
    sha256: str | None = None
    filename: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None
    limit: int = 50
    quarantined: bool = False
    """Only those whose bytes are in quarantine."""
    reason: Reason | None = None
    """One of the verdict's. It has no index, so it is looked for among those that another filter leaves."""


@dataclass(frozen=True, slots=True)
class Undelivered:
    """Which deliveries, by sink, the longest waiting first: None means any; times are those of `pending_since`."""

    state: DeliveryState = DeliveryState.DEAD
    """Pending or dead: what is delivered is not listed."""
    sink: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[str, datetime, str] | None = None
    """Sink, `pending_since` and event id of the delivery to continue behind."""
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come, with its event; `token` proves the right to report on it."""

    delivery: Delivery
    event: Event
    token: int


@dataclass(frozen=True, slots=True)
class Census:
    """What the catalog counts, for the gauges."""

    ingests: Mapping[State, int]
    deliveries: Mapping[tuple[str, str], int]
    """(sink, state) → number."""
    oldest_waiting_at: datetime | None
    """Since when the longest waiting received ingest waits."""
    oldest_undelivered_at: datetime | None
    """Since when the oldest pending delivery waits."""
    missing: int = 0
    """How many ended ingests are noted to miss their bytes."""


@dataclass(frozen=True, slots=True)
class Depth:
    """How many rings no worker has taken yet, by size class, and in each by priority from 0 to MAX_PRIORITY."""

    small: tuple[int, ...]
    large: tuple[int, ...]


class Catalog(Protocol):
    """The durable record. A method that writes has committed, synced to the disk, when it returns.

    Every change of state writes its row in the history and its event, with a pending delivery for each configured
    sink, in the same commit.
    """

    async def record(self, ingest: Ingest, key: IdempotencyKey | None = None, detail: str | None = None) -> None:
        """Insert a new ingest in its state, with the history from `receiving` to there.

        A received or processing ingest has a `due_at`, here and in `save`: no sweeper would find it otherwise.
        Raise StaleState where its id is already recorded.
        Raise DuplicateIngest where the principal has used the key before (under concurrency one wins);
        nothing is written then, nor where Unavailable is raised, unless that is OutcomeUnknown.
        """
        ...

    async def get(self, ingest_id: str) -> Ingest:
        """Return the ingest. Raise NotFound."""
        ...

    async def known(self, ingest_ids: Sequence[str]) -> set[str]:
        """Return those of the ids whose row says that the bytes are kept.

        They are not where it is aborted, expired or deleted, nor where it is rejected and not in quarantine.
        """
        ...

    async def kept(self, before: str | None, limit: int) -> list[str]:
        """Return ids of ended ingests whose row says that the bytes are kept, the newest first, older than `before`."""
        ...

    async def missing(self, limit: int) -> list[str]:
        """Return ids of ended ingests whose bytes were noted as missing."""
        ...

    async def note_missing(self, ingest_id: str, *, missing: bool) -> bool:
        """Write in `why` that the bytes of an ended ingest are missing, or that they are no longer.

        Return whether that was news. Nothing is written where the row says by now that no bytes are kept.
        """
        ...

    async def quarantined(self, ingest_ids: Sequence[str]) -> set[str]:
        """Return those of the ids whose row says that the bytes are in quarantine."""
        ...

    async def end_quarantine(self, now: datetime, limit: int) -> list[str]:
        """Return ids of rejected ingests whose quarantine has ended; from now on their bytes are not kept.

        Two callers at once get different ids. Whoever read the row before can no longer save it: the token moves on.
        """
        ...

    async def history(self, ingest_id: str, after: int = 0) -> list[Move]:
        """Return the moves whose number is greater than `after`, in order; empty where there are none."""
        ...

    async def listing(self, wanted: Listing) -> list[Ingest]:
        """Return at most `limit` ingests, newest first, at a cost that does not grow with the catalog."""
        ...

    async def save(
        self, before: Ingest, after: Ingest, event: Event | None = None, detail: str | None = None
    ) -> Event | None:
        """Save `after` if the row still has `before`'s state and token; return the event with its sequence.

        `detail` goes into the history. Raise StaleState where the row has moved on; nothing is written then.
        """
        ...

    async def renew(self, ingest: Ingest, until: datetime) -> None:
        """Keep the lease until then. Raise LeaseLost where the row is not `processing` under this token."""
        ...

    async def waiting(
        self, now: datetime, next_ring: datetime, limit: int, *, last: int = MAX_PRIORITY, sizes: range = ANY_SIZE
    ) -> list[Ingest]:
        """Return received ingests that are due, by priority, then the oldest first, and set them due at `next_ring`.

        Only those of these sizes, and of no priority after `last`. Two callers at once get different ones.
        """
        ...

    async def backlog(self, limit: int) -> int:
        """Return how many received ingests there are, counting up to `limit`, so that the cost is bounded."""
        ...

    async def holders(self) -> set[str]:
        """Return the holders of the processing ingests."""
        ...

    async def expired_leases(self, now: datetime, limit: int, gone: Collection[str] = ()) -> list[Ingest]:
        """Return processing ingests whose lease has ended, or whose holder is gone."""
        ...

    async def note_preview(self, ingest_id: str, preview: Preview) -> bool:
        """Write what became of a wanted preview; return whether the ingest was completed and still wanted one."""
        ...

    async def unpreviewed(self, before: datetime, now: datetime, limit: int) -> list[Ingest]:
        """Return completed ingests that want a preview and were last updated before then, and set them updated now.

        Those returned say when they were last updated before. Two callers at once get different ones.
        """
        ...

    async def event_of(self, ingest_id: str) -> Event | None:
        """Return the latest event of the ingest."""
        ...

    async def events(self, after: int, limit: int) -> list[Event]:
        """Return events with a sequence greater than `after`, in order, without holes.

        Sequences become visible in their order, so a follower that asks with the last sequence misses none.
        """
        ...

    async def deliveries(self, ingest_id: str) -> list[Delivery]:
        """Return all deliveries of the ingest's events, oldest first."""
        ...

    async def due_deliveries(
        self, now: datetime, until: datetime, limit: int, event_id: str | None = None
    ) -> list[Due]:
        """Claim pending deliveries that are due (of one event, where given) until then, and return them.

        Two callers at once get different ones; a claim that ends unreported is due again.
        """
        ...

    async def report(self, due: Due, outcome: Delivery) -> bool:
        """Save the outcome of an attempt if the claim still holds; return whether it did."""
        ...

    async def revive(self, ingest_id: str, now: datetime) -> int:
        """Make the ingest's dead deliveries pending, due now, with no attempts; return how many."""
        ...

    async def undelivered(self, wanted: Undelivered) -> list[Delivery]:
        """Return at most `limit` deliveries, at a cost that does not grow with what is delivered."""
        ...

    async def revive_many(self, wanted: Undelivered, now: datetime) -> list[str]:
        """Do as `revive` does to dead deliveries of any ingest, at most `limit`; return the ids of their events.

        All of it is one statement. Two callers at once revive different ones; an id may come twice.
        """
        ...

    async def forget_keys(self, before: datetime) -> int:
        """Forget idempotency keys recorded before then; return how many."""
        ...

    async def census(self, now: datetime) -> Census:
        """Count what the gauges show."""
        ...

    async def ping(self) -> None:
        """Return if the catalog answers and has the schema that this code knows. Raise Unavailable."""
        ...


class TaskQueue(Protocol):
    """The doorbell. Losing a ring is no loss: the sweeper rings again."""

    async def enqueue(self, ingest: Ingest) -> None:
        """Ask a worker to process the ingest, by its size class and priority. Bounded in time; raise Unavailable."""
        ...

    async def enqueue_notify(self, event_id: str) -> None:
        """Ask a worker to deliver the event. Bounded in time; raise Unavailable."""
        ...

    async def enqueue_preview(self, ingest_id: str) -> None:
        """Ask a worker to make the preview once no other ring waits. Bounded in time; raise Unavailable."""
        ...

    async def depth(self) -> Depth:
        """Return how many rings of `enqueue` no worker has taken yet. Bounded in time; raise Unavailable."""
        ...

    async def preview_depth(self) -> int:
        """Return how many rings of `enqueue_preview` no worker has taken yet. Bounded in time; raise Unavailable."""
        ...

    async def ping(self) -> None:
        """Return if the broker answers. Raise Unavailable."""
        ...


class Presence(Protocol):
    """Which worker slots live, as the kernel knows it: a slot that was killed is gone at once, without any time-out."""

    name: str
    """Our own slot, as `Ingest.holder` names it."""

    def enter(self) -> None:
        """Be there, until `leave` or the end of this process, however that comes.

        Where that cannot be, say so in the log: the slot stays unknown, and its leases end by time.
        """
        ...

    def leave(self) -> None:
        """Be there no more, in order. May be called twice, and without `enter`."""
        ...

    def gone(self, limit: int) -> set[str]:
        """Return at most so many slots that surely ended without leaving in order.

        One that may work elsewhere is not among them: its lease ends by time.
        """
        ...

    def forget(self, slots: Collection[str]) -> None:
        """Forget slots that are gone, once no ingest names them. No error for one that is forgotten already."""
        ...


class PerceptionSink(Protocol):
    """One way to tell Perception."""

    name: str
    """The sink's URL without any secret: what rows, logs and metrics show."""

    async def deliver(self, event: Event) -> None:
        """Hand the event over; the other side has it when this returns. Bounded in time.

        Raise DeliveryRefused, with what it answered, or Unavailable. It may be called again with the same event.
        """
        ...
