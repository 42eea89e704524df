"""Senders that upload all the time and retry as the API's documentation says; it leaves judging to the checker.

What broke without an answer, and without an Idempotency-Key, is not repeated: nobody knows whether it was taken. The
same holds for a refusal that asks for the key: the catalog may have broken off during the commit.
"""

import asyncio
import base64
import random
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.faults.payloads import Upload
from tests.faults.perception import Log

ACCEPTED = 202
COME_AGAIN = {429, 503, 507}
BARE_FAULT = 500
OUTCOME_UNKNOWN = "outcome_unknown"
LONGEST_PAUSE = 5.0
"""However long Retry-After says: a storm is short, and who comes early is only told again."""
PIECE_BYTES = 128 * 1024
TIMEOUT = httpx.Timeout(30)


class HungUpError(Exception):
    """The sender goes away in the middle of its body, on purpose."""


@dataclass
class Senders:
    """All senders of a storm: where they send to, what they log, and the ids that they got."""

    urls: dict[str, str]
    """route → URL of the API"""
    log: Log
    accepted: list[str] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    """Uploads without an outcome."""

    async def keep_sending(self, name: str, make: Callable[..., Upload], pause: float, until: float, seed: int) -> None:
        """Send one file after the other until then, with pauses of random length; the last one is seen to its end."""
        chance, number = random.Random(f"{seed} {name}"), 0
        async with httpx.AsyncClient(timeout=TIMEOUT, trust_env=False) as client:
            while time.monotonic() < until:
                number += 1
                await self.send(client, make(f"{name}-{number:05}", chance), name)
                await asyncio.sleep(chance.expovariate(1 / pause))

    async def send(self, client: httpx.AsyncClient, upload: Upload, sender: str) -> None:
        """Send one file until its outcome is known, or must stay unknown."""
        attempt, pause = 0, 0.0
        self.waiting.add(upload.name)
        while pause is not None:
            await asyncio.sleep(pause)
            attempt += 1
            answer = await self._attempt(client, upload)
            self.log.add(sender=sender, upload=upload.name, attempt=attempt, **_described(upload), **answer)
            pause = pause_before_next(upload, answer)
        if answer["receipt"]:
            self.accepted.append(answer["receipt"]["id"])
        self.waiting.discard(upload.name)

    def deleted(self, ingest_id: str, status: int | None, started: float) -> None:
        """Log that the deletion of an ingest was asked for."""
        empty = dict.fromkeys(("key", "sha256", "filename", "size", "error", "problem", "sabotage"))
        times = {"started": started, "ended": time.time()}
        named = {"sender": "operator", "upload": None, "attempt": 1, "way": "delete", "receipt": {"id": ingest_id}}
        self.log.add(**named, **empty, **times, status=status)

    async def _attempt(self, client: httpx.AsyncClient, upload: Upload) -> dict[str, Any]:
        """Return what one attempt came to."""
        seen: dict[str, Any] = {"status": None, "error": None, "problem": None, "receipt": None, "retry_after": None}
        started = time.time()
        try:
            answer = await client.post(f"{self.urls[upload.route]}/ingest", **_request(upload))
        except (httpx.HTTPError, HungUpError) as error:
            seen["error"] = f"{type(error).__name__}: {error}"
        else:
            seen |= _read(answer)
        return {**seen, "started": started, "ended": time.time()}


def pause_before_next(upload: Upload, answer: dict[str, Any]) -> float | None:
    """Return after how many seconds to try again; None where the outcome is known, or must stay unknown."""
    status, repeatable = answer["status"], upload.key is not None
    if upload.sabotage:
        return None
    if status is None or status == BARE_FAULT or _is_unsure(answer["problem"]):
        return min(answer["retry_after"] or 1.0, LONGEST_PAUSE) if repeatable else None
    return min(answer["retry_after"] or 1.0, LONGEST_PAUSE) if status in COME_AGAIN else None


def _is_unsure(problem: str | None) -> bool:
    """Whether a refusal says itself that nobody knows whether the file was taken in."""
    return (problem or "").startswith(OUTCOME_UNKNOWN)


def _request(upload: Upload) -> dict[str, Any]:
    body = upload.body
    headers = {"Content-Type": upload.body_type, "Content-Length": str(len(body))}
    if upload.key:
        headers["Idempotency-Key"] = upload.key
    if upload.sabotage == "bad_digest":
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"
    elif upload.sabotage is None and upload.way == "raw":
        headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(upload.sha256)).decode()}:"
    query = {"filename": upload.filename} if upload.way == "raw" else {}
    return {"content": _pieces(body, cut=upload.sabotage == "cut"), "headers": headers, "params": query}


async def _pieces(body: bytes, *, cut: bool) -> AsyncIterator[bytes]:
    end = len(body) // 2 if cut else len(body)
    for start in range(0, end, PIECE_BYTES):
        yield body[start : min(start + PIECE_BYTES, end)]
    if cut:
        raise HungUpError


def _read(answer: httpx.Response) -> dict[str, Any]:
    told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
    taken, seconds = answer.status_code == ACCEPTED, answer.headers.get("retry-after")
    return {
        "status": answer.status_code,
        "receipt": told if taken else None,
        "problem": None if taken else f"{told.get('code')}: {told.get('remedy')}",
        "retry_after": float(seconds) if seconds else None,
    }


def _described(upload: Upload) -> dict[str, Any]:
    names = ("way", "route", "key", "sha256", "filename", "sabotage")
    return {name: getattr(upload, name) for name in names} | {"size": len(upload.content)}
