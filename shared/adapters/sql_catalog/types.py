"""Column types that mean the same on SQLite and PostgreSQL; they leave the tables to `tables`."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, String, Text
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Id = String(36).with_variant(String(36, collation="C"), "postgresql")
"""Compared byte by byte, as Python and SQLite do; other collations need not keep the order of time."""

Number = BigInteger().with_variant(Integer, "sqlite")
"""64 bits on both; SQLite makes only an INTEGER primary key the table itself: https://sqlite.org/rowidtable.html"""


class Moment(TypeDecorator[datetime]):
    """An aware moment, as whole microseconds since 1970: exact, and compared right by both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse naive moments by the subtraction's TypeError."""
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return UTC."""
        return None if value is None else _EPOCH + value * _MICROSECOND


class Words(TypeDecorator[str]):
    """Text that both databases take: NUL becomes U+FFFD and a lone surrogate a question mark."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Replace what UTF-8 or PostgreSQL cannot hold."""
        return None if value is None else storable(value)


class Json(TypeDecorator[Any]):
    """Any JSON value as ASCII text; so a string in it keeps even NUL and lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Store None as NULL."""
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Return what was stored."""
        return None if value is None else json.loads(value)


def storable(text: str) -> str:
    """Return the text as `Words` keeps it."""
    return text.replace("\0", "\ufffd").encode(errors="replace").decode()
