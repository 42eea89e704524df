"""A sink: one way to tell Perception. It leaves when, and how often, to the notifier."""

from typing import Protocol

from shared.events import Event


class PerceptionSink(Protocol):
    """One way to tell Perception."""

    name: str
    """The sink's URL without any secret: what rows, logs and metrics show."""

    @property
    def resting(self) -> bool:
        """Whether it is known not to answer just now, so that it is better asked later."""
        ...

    async def deliver(self, event: Event) -> None:
        """Hand the event over; the other side has it when this returns. Bounded in time.

        Raise DeliveryRefused, with what it answered, or Unavailable. It may be called again with the same event.
        """
        ...
