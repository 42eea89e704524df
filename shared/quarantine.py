"""Quarantine: whether and how long a rejected file's bytes are kept; it leaves moving them to the object store."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from shared.ingest import Reason

_RULE = re.compile(r"(?:(?P<reason>[a-z_]+)=)?(?:drop|keep:(?P<number>\d{1,5})(?P<unit>[hd]))")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}
_USAGE = "'{}' is no rule; use drop, keep:30d or keep:12h, for one reason as in executable=drop"


@dataclass(frozen=True, slots=True)
class Quarantine:
    """For how long bytes are kept, in general and by reason; None: they are dropped."""

    lifetime: timedelta | None
    by_reason: Mapping[Reason, timedelta | None] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the quarantine of a setting such as `keep:30d,executable=drop`; raise ValueError for what is none."""
        rules = dict(_rule(item.strip()) for item in text.split(",") if item.strip())
        lifetime = rules.pop(None, None)
        return cls(lifetime, {reason: rules[reason] for reason in rules if reason is not None})

    def until(self, reasons: Sequence[Reason], now: datetime) -> datetime | None:
        """Return until when the bytes are kept, by the longest lifetime of the reasons; None where they are dropped."""
        lifetimes = [self.by_reason.get(reason, self.lifetime) for reason in reasons]
        kept = [lifetime for lifetime in lifetimes if lifetime is not None]
        return now + max(kept) if kept else None


def _rule(text: str) -> tuple[Reason | None, timedelta | None]:
    parts = _RULE.fullmatch(text)
    if parts is None or (parts["reason"] and parts["reason"] not in set(Reason)):
        raise ValueError(_USAGE.format(text))
    reason = Reason(parts["reason"]) if parts["reason"] else None
    return reason, int(parts["number"]) * _UNITS[parts["unit"]] if parts["number"] else None
