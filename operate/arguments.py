"""The words of the command line, and what they mean; it leaves doing it to `looking` and `driving`."""

import argparse
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from operate import driving, looking
from operate.printing import Printer
from shared.events import DeliveryState
from shared.ingest import Reason, State
from shared.wiring import Services

Command: TypeAlias = Callable[[argparse.Namespace, Services, Printer], Awaitable[int]]
"""Returns the exit code."""

_AGO = re.compile(r"(\d{1,5})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parser() -> argparse.ArgumentParser:
    """Return the parser; what it reads has the function to run as `command`."""
    root = argparse.ArgumentParser("python -m operate", description="An operator's levers, without the API and Redis.")
    words = root.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, about: str) -> argparse.ArgumentParser:
        added = words.add_parser(name, help=about, description=about)
        added.add_argument("--json", action="store_true", help="one JSON object a line, for machines")
        added.set_defaults(command=command)
        return added

    listed = _filtered(add("list", looking.list_ingests, "list ingests, the newest first"), 50)
    listed.add_argument("--state", type=State, choices=list(State), metavar="STATE")
    listed.add_argument("--quarantined", action="store_true", help="only those in quarantine")
    _one(add("show", looking.show, "tell all of one ingest, and what it waits for"))
    _bounded(
        add("uploads", looking.uploads, "list unfinished uploads: how far they are, when they expire"), 50, "begun"
    )
    replayed = _filtered(add("replay", driving.replay, "drive one failed ingest again, or many by filter"), 1000)
    replayed.add_argument("id", nargs="?", help="the one; dead deliveries, where it has not failed")
    replayed.add_argument(
        "--state", choices=[State.FAILED], metavar="failed", help="many: those that the filters leave"
    )
    replayed.add_argument("--dry-run", action="store_true", help="only tell which they are")
    _one(add("release", driving.release, "let one in quarantine pass in spite of its reasons"))
    _one(add("delete", driving.delete, "delete the bytes of one, and keep the tombstone"))
    shown = _undelivered(add("deliveries", looking.deliveries, "list what Perception has not got"), 50)
    state = shown.add_mutually_exclusive_group()
    for each in (DeliveryState.DEAD, DeliveryState.PENDING):
        state.add_argument(f"--{each}", dest="state", action="store_const", const=each, default=DeliveryState.DEAD)
    _undelivered(add("redeliver", driving.redeliver, "drive dead deliveries again"), 1000)
    checked = add("check", looking.check, "compare rows and bytes, both ways; 1 where something is wrong")
    checked.add_argument("--digests", action="store_true", help="read all bytes, and compare their SHA-256 too")
    add("status", looking.status, "tell what waits, what is dead, and how much room there is")
    return root


def moment(text: str) -> datetime:
    """Return a moment written as RFC 3339, in UTC without an offset, or as how long ago: 30m, 2h, 7d."""
    if ago := _AGO.fullmatch(text):
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def _one(added: argparse.ArgumentParser) -> None:
    added.add_argument("id", help="the ingest's id")


def _filtered(added: argparse.ArgumentParser, limit: int) -> argparse.ArgumentParser:
    added.add_argument("--media-type", metavar="TYPE")
    added.add_argument("--filename", metavar="NAME", help="the safe name, whole")
    added.add_argument("--sha256", metavar="HEX")
    added.add_argument("--reason", type=Reason, choices=list(Reason), metavar="REASON", help="as in docs/errors.md")
    return _bounded(added, limit, "first bytes")


def _undelivered(added: argparse.ArgumentParser, limit: int) -> argparse.ArgumentParser:
    added.add_argument("--sink", metavar="NAME", help="as deliveries show it")
    return _bounded(added, limit, "undelivered since")


def _bounded(added: argparse.ArgumentParser, limit: int, about: str) -> argparse.ArgumentParser:
    added.add_argument("--since", type=moment, metavar="TIME", help=f"{about} at or after: RFC 3339, or 30m, 2h, 7d")
    added.add_argument("--until", type=moment, metavar="TIME", help=f"{about} before")
    added.add_argument("--limit", type=_positive, default=limit, metavar="N", help=f"at most so many ({limit})")
    return added
