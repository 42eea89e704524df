"""The catalog: the durable record of ingests, events and deliveries. It leaves the bytes to the object store."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from shared.events import Delivery, Event
from shared.ingest import MAX_PRIORITY, Ingest, Move, Preview
from shared.ports.catalog_values import ANY_SIZE, Census, Due, IdempotencyKey, Listing, Undelivered
from shared.resumable import Resumable


class Catalog(Protocol):
    """The durable record. A method that writes has committed, synced to the disk, when it returns.

    Every change of state writes its row in the history and its event, with a pending delivery for each configured
    sink, in the same commit.
    """

    async def record(
        self,
        ingest: Ingest,
        key: IdempotencyKey | None = None,
        detail: str | None = None,
        resumable: Resumable | None = None,
    ) -> None:
        """Insert a new ingest in its state, with the history from `receiving` to there, and its resumable upload.

        A received or processing ingest has a `due_at`, here and in `save`: no sweeper would find it otherwise.
        Raise StaleState where its id is already recorded.
        Raise DuplicateIngest where the principal has used the key before (under concurrency one wins);
        nothing is written then, nor where Unavailable is raised, unless that is OutcomeUnknown.
        """
        ...

    async def get(self, ingest_id: str) -> Ingest:
        """Return the ingest. Raise NotFound."""
        ...

    async def named(self, principal: str, key: str) -> str | None:
        """Return the id of the ingest that the principal's idempotency key names, if there is one."""
        ...

    async def resumable(self, ingest_id: str) -> Resumable:
        """Return the resumable upload of the ingest. Raise NotFound where there is none, or none any more."""
        ...

    async def declare_length(self, ingest_id: str, length: int) -> None:
        """Write how long the upload will be. Raise StaleState where another length is written, or it is over."""
        ...

    async def prolong(self, ingest_ids: Collection[str], until: datetime) -> None:
        """Put off, or bring forward, when uploads expire. No error where there is none."""
        ...

    async def expire_uploads(self, now: datetime, limit: int) -> list[Resumable]:
        """Save as expired the receiving ingests whose upload has expired by now, and return those uploads.

        One that is prolonged or saved at the same time is left alone, or was expired before: never both. Two callers
        at once get different ones.
        """
        ...

    async def forget_uploads(self, now: datetime, limit: int) -> int:
        """Forget uploads that have expired and whose ingest is no longer receiving; return how many."""
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
        self,
        now: datetime,
        until: datetime,
        limit: int,
        event_id: str | None = None,
        but_not: Collection[str] = (),
    ) -> list[Due]:
        """Claim pending deliveries that are due (of one event, where given) until then, and return at most `limit`.

        Those to the sinks in `but_not` are left out, at no cost however many they are; of each other sink the longest
        due ones come, as many as of any other, so that none waits behind another one's backlog.
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
