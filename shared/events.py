"""Events as CloudEvents 1.0, and their deliveries; it leaves storing to the catalog and sending to the sinks.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, with the extensions `sequence` and `traceparent`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from shared.ids import new_id
from shared.ingest import Ingest, State
from shared.metadata import METADATA, Metadata
from shared.receipt import VerdictModel

MAX_EVENT_BYTES = 16 * 1024
SCHEMA_PATH = "/schemas/hmas.ingest.v1.json"

EventType = Literal[
    "hmas.ingest.completed.v1", "hmas.ingest.rejected.v1", "hmas.ingest.failed.v1", "hmas.ingest.deleted.v1"
]

TYPE_OF: dict[State, EventType] = {
    State.COMPLETED: "hmas.ingest.completed.v1",
    State.REJECTED: "hmas.ingest.rejected.v1",
    State.FAILED: "hmas.ingest.failed.v1",
    State.DELETED: "hmas.ingest.deleted.v1",
}
"""The states whose reaching Perception is told of."""


class FileData(BaseModel):
    """The file, by reference only."""

    id: str
    filename: str
    size: int = Field(description="Bytes")
    sha256: str = Field(description="Hex; empty only where it failed before its bytes could be read")
    media_type: str | None = Field(description="What the content is")
    declared_type: str | None = Field(description="What the sender said")
    uri: str = Field(description="Where the bytes are for a reader that shares the store")
    content_url: str = Field(description="Where the bytes are over HTTP")


class Validation(VerdictModel):
    """What the pipeline decided."""

    verdict: State
    malware: str | None = Field(default=None, description="Name of what a scanner found; no scanner, no value")


class Timing(BaseModel):
    """When it happened (UTC), and how often it was tried."""

    received_at: datetime | None
    completed_at: datetime | None
    attempts: int


class EventData(BaseModel):
    """What Perception gets to know of one ingest."""

    file: FileData
    validation: Validation
    metadata: Metadata | None = Field(description="By kind; null unless completed")
    timing: Timing
    labels: dict[str, str]


class Event(BaseModel):
    """A fact in the past tense. `id` stays the same over every delivery; changes within v1 are additive."""

    model_config = ConfigDict(frozen=True)

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: EventType
    subject: str = Field(description="The ingest's id")
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    sequence: str = Field(default="", description="Grows by one with each event; zero-padded, so it sorts as text")
    traceparent: str | None = None
    data: EventData

    @classmethod
    def of(cls, ingest: Ingest, *, uri: str, base_url: str) -> Self:
        """Return the event of a move that Perception is told of, at most 16 KiB as JSON."""
        event = cls(
            id=new_id(),
            source=base_url,
            type=TYPE_OF[ingest.state],
            subject=ingest.id,
            time=ingest.updated_at,
            dataschema=base_url + SCHEMA_PATH,
            traceparent=ingest.traceparent,
            data=_data(ingest, uri, base_url),
        )
        return event if event.fits else event.lightened()

    @property
    def fits(self) -> bool:
        """Whether it is at most 16 KiB as JSON, with room for its sequence."""
        return len(self.model_dump_json().encode()) < MAX_EVENT_BYTES

    def lightened(self) -> Self:
        """Return the event with the longest lists of its metadata left out, until it fits; the receipt keeps them."""
        event = self
        for name in _lists_by_weight(self.data.metadata):
            event = event.without(name)
            if event.fits:
                return event
        return event.without_metadata()

    def without(self, name: str) -> Self:
        """Return the event with a warning in place of one list of the metadata."""
        warnings = [*self.data.validation.warnings, f"{name} is too long for the event; the receipt has it"]
        metadata = self.data.metadata.model_copy(update={name: ()}) if self.data.metadata else None
        validation = self.data.validation.model_copy(update={"warnings": warnings})
        data = self.data.model_copy(update={"metadata": metadata, "validation": validation})
        return self.model_copy(update={"data": data})

    def without_metadata(self) -> Self:
        """Return the event with a warning in place of metadata that would not fit."""
        validation = self.data.validation.model_copy(update={"warnings": ["metadata_too_large_for_the_event"]})
        data = self.data.model_copy(update={"metadata": None, "validation": validation})
        return self.model_copy(update={"data": data})

    def numbered(self, sequence: int) -> Self:
        """Return the event with its place in the order of all events."""
        return self.model_copy(update={"sequence": f"{sequence:020d}"})


def _lists_by_weight(metadata: Metadata | None) -> list[str]:
    """Return the names of the metadata's lists, the one that takes most as JSON first."""
    lists = {name: len(repr(value)) for name, value in metadata or () if isinstance(value, tuple)}
    return sorted(lists, key=lists.__getitem__, reverse=True)


def _data(ingest: Ingest, uri: str, base_url: str) -> EventData:
    content_url = f"{base_url}/ingest/{ingest.id}/content"
    file = FileData.model_validate(
        {name: getattr(ingest, name) for name in ("id", "filename", "size", "media_type", "declared_type")}
        | {"sha256": ingest.sha256 or "", "uri": uri, "content_url": content_url}
    )
    verdict = VerdictModel.of(ingest.verdict)
    return EventData(
        file=file,
        validation=Validation(verdict=ingest.state, **dict(verdict)),
        metadata=METADATA.validate_python(ingest.metadata),
        timing=Timing(received_at=ingest.received_at, completed_at=ingest.completed_at, attempts=ingest.attempts),
        labels=ingest.labels,
    )


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one sink. `sink` is the sink's name: its URL without any secret."""

    event_id: str
    ingest_id: str
    sink: str
    state: DeliveryState
    attempts: int
    next_attempt_at: datetime
    pending_since: datetime
    """Since the event, or since an operator last drove it again."""
    delivered_at: datetime | None = None
    last_error: str | None = None
