"""`python -m deploy.local.demo`: the main job in one go, for a newcomer and for CI; `make demo` is the way to it.

A video goes in by curl, and the event that the Perception consumer's own process took comes out; then everything stops.
"""

import asyncio
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.local.clip import make_clip
from deploy.local.environment import isolated
from deploy.local.faults import DemoFailed, LaunchError
from deploy.local.stack import Plan, launch
from deploy.local.terminal import exit_code, say

LIMIT_SECONDS = 120.0
LOG_LINES = 5


@dataclass(frozen=True, slots=True)
class Demo:
    """One demonstration: in a folder of its own, on free ports, whatever `.env` says."""

    folder: Path
    plan: Plan

    async def show(self, _redis_url: str) -> None:
        """Send a video and follow it to Perception and back. Raise DemoFailed where it doesn't arrive."""
        try:
            await self._show()
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise DemoFailed(f"The API answered something else than it should: {error!r}") from error

    async def _show(self) -> None:
        clip = self.folder / "clip.mp4"
        make_clip(clip)
        say(f"The stack is ready. A video of {clip.stat().st_size} bytes goes in:")
        receipt = await self._upload(clip)
        async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
            await self._follow(client, receipt)
            event = await self._event(receipt["id"])
            say(f"\nPerception's consumer took this event:\n{json.dumps(event, indent=2)}")
            await self._compare(client, receipt, clip)

    async def _upload(self, clip: Path) -> dict[str, Any]:
        url = f"http://{self.plan.address}/ingest"
        command = ("curl", "--silent", "--show-error", "--noproxy", "*", "--form", f"file=@{clip}", url)
        say(f"$ curl -F file=@{clip.name} {url}")
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        answer, _ = await process.communicate()
        say(answer.decode())
        if process.returncode or "id" not in (receipt := json.loads(answer)):
            raise DemoFailed("The upload was not accepted.")
        return dict(receipt)

    async def _follow(self, client: httpx.AsyncClient, receipt: dict[str, Any]) -> None:
        say("\nIts moves:")
        async with client.stream("GET", receipt["links"]["events"]) as response:
            async for move in _moves(response):
                say(f"  {move['at']}  {move['before'] or '':>10} → {move['after']}")
        end = (await client.get(receipt["links"]["self"])).json()
        if end["state"] != "completed":
            raise DemoFailed(f"It ended as {end['state']}: {json.dumps(end['verdict'])}")

    async def _event(self, ingest_id: str) -> dict[str, Any]:
        """Return the event once it stands in the file where the consumer writes what it took."""
        taken = self.folder / "data" / "perception" / "events.jsonl"
        while True:
            lines = taken.read_text().splitlines(keepends=True) if taken.exists() else []
            for entry in (json.loads(line) for line in lines if line.endswith("\n")):
                if entry["event"]["subject"] == ingest_id:
                    return dict(entry["event"])
            await asyncio.sleep(0.05)

    async def _compare(self, client: httpx.AsyncClient, receipt: dict[str, Any], clip: Path) -> None:
        content = (await client.get(receipt["links"]["content"])).raise_for_status().content
        sent, back = _sha256(clip), hashlib.sha256(content).hexdigest()
        if not sent == back == receipt["sha256"]:
            raise DemoFailed(f"SHA-256 differs: sent {sent}, receipt {receipt['sha256']}, fetched {back}.")
        say(f"\nFetched back, {len(content)} bytes, the same SHA-256: {back}")


async def _moves(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Yield the moves of a stream of server-sent events."""
    async for line in response.aiter_lines():
        if line.startswith("data:"):
            yield json.loads(line.removeprefix("data:"))


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def demo() -> None:
    """Start the stack, show, stop; where it went wrong, say what the processes said."""
    with tempfile.TemporaryDirectory(prefix="hmas-demo-") as name:
        folder = Path(name)
        settings, environ = isolated(os.environ, data_dir=folder / "data")
        plan = Plan(settings, environ, say)
        say("Starting the stack …")
        try:
            launch(plan, Demo(folder, plan).show, seconds=LIMIT_SECONDS)
        except* LaunchError:
            _say_logs(plan.data_dir / "logs")
            raise
    say("Stopped, all is well.")


def _say_logs(logs: Path) -> None:
    for log in sorted(logs.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()
        say("\n".join([f"--- {log.name}", *lines[-LOG_LINES:]]))


if __name__ == "__main__":
    sys.exit(exit_code(demo))
