"""Turns what drivers and SQLAlchemy raise into `Unavailable`; it leaves programming errors as they are."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.errors import OutcomeUnknown, Unavailable

_OUR_MISTAKES = ("22", "23", "42")
"""SQLSTATE classes of wrong data, broken constraints and wrong SQL.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""
_NO_SCHEMA = ("42P01", "42703")
_NO_SCHEMA_WORDS = ("no such table", "no such column", "has no column named")


@contextmanager
def named_faults() -> Iterator[None]:
    """Raise Unavailable where the database does not answer or lacks our schema."""
    try:
        yield
    except DBAPIError as error:
        if _lacks_schema(error):
            raise Unavailable("The catalog has no or another schema: run the migrations.") from error
        if _is_our_mistake(error):
            raise
        raise Unavailable("The catalog does not answer.") from error
    except (PoolTimeoutError, OSError, TimeoutError) as error:
        raise Unavailable("The catalog does not answer.") from error


@contextmanager
def unknown_outcome() -> Iterator[None]:
    """Raise OutcomeUnknown where a commit broke off: the database may have it all the same."""
    try:
        yield
    except (DBAPIError, OSError, asyncio.CancelledError) as error:
        raise OutcomeUnknown("The catalog broke off during the commit.") from error


def _lacks_schema(error: DBAPIError) -> bool:
    return _state(error) in _NO_SCHEMA or any(words in str(error.orig) for words in _NO_SCHEMA_WORDS)


def _is_our_mistake(error: DBAPIError) -> bool:
    if state := _state(error):
        return state.startswith(_OUR_MISTAKES)
    return isinstance(error, IntegrityError) or not isinstance(error, OperationalError | InterfaceError)


def _state(error: DBAPIError) -> str | None:
    return getattr(error.orig, "sqlstate", None)
