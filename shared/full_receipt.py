"""The full receipt: all that has happened to an ingest, and what it waits for; it leaves reading that to others."""

from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from shared.events import Delivery, DeliveryState
from shared.ingest import Ingest, Move, State
from shared.receipt import Receipt, moment, waiting
from shared.resumable import Resumable


class MoveModel(BaseModel):
    """One move in an ingest's history."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    before: State | None
    after: State
    detail: str | None


class DeliveryModel(BaseModel):
    """One event on its way to one sink of Perception."""

    event_id: str
    ingest_id: str
    sink: str
    state: DeliveryState
    attempts: int
    pending_since: datetime = Field(description="Since the event, or since it was last driven again")
    next_attempt_at: datetime | None = Field(description="Null unless pending")
    delivered_at: datetime | None
    last_error: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """Return the delivery as it is shown."""
        values = {name: getattr(delivery, name) for name in cls.model_fields}
        pending = delivery.state is DeliveryState.PENDING
        return cls(**values | {"next_attempt_at": delivery.next_attempt_at if pending else None})


class FullReceipt(Receipt):
    """The receipt with everything that has happened."""

    history: list[MoveModel]
    deliveries: list[DeliveryModel]

    @classmethod
    def of_all(
        cls,
        ingest: Ingest,
        base_url: str,
        history: Sequence[Move],
        deliveries: Sequence[Delivery],
        upload: Resumable | None = None,
    ) -> Self:
        """Return the receipt of an ingest with its moves and deliveries, and what is said of an unfinished upload."""
        waits = (waiting(ingest), unsent(upload) if upload else None, *map(undelivered, deliveries))
        values = Receipt.of(ingest, base_url).model_dump() | {"waiting": " ".join(filter(None, waits)) or None}
        return cls(
            **values,
            history=[MoveModel.model_validate(move) for move in history],
            deliveries=[DeliveryModel.of(delivery) for delivery in deliveries],
        )


def unsent(upload: Resumable) -> str:
    """Say in a sentence how long an upload waits for its sender."""
    length = "Its length is not known" if upload.length is None else f"It will have {upload.length} bytes"
    return f"{length}; where nothing more comes it expires at {moment(upload.expires_at)}."


def undelivered(delivery: Delivery) -> str | None:
    """Say in a sentence what a delivery waits for, where it does."""
    said = (delivery.last_error or "not yet tried").rstrip(".")
    match delivery.state:
        case DeliveryState.PENDING:
            return f"Perception ({delivery.sink}): {said}; next try at {moment(delivery.next_attempt_at)}."
        case DeliveryState.DEAD:
            ended = f"dead after {delivery.attempts} attempts, undelivered since {moment(delivery.pending_since)}"
            return f"Perception ({delivery.sink}): {said}; {ended}: replay it."
    return None
