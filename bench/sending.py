"""Starts the clients as processes and checks the answers: an upload that was not kept whole is no figure."""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from bench.client import Answer, Framing, Order
from bench.payload import Payload
from bench.wire import CREATED, NO_CONTENT
from deploy.local.faults import LaunchError

SAY_NO_DIGEST: set[Framing] = {"put", "tus"}
"""What they kept must be looked at."""


class UploadFailed(LaunchError):
    """A client broke off, or a server answered something else than the file's size and digest."""


async def send(order: Order, payload: Payload) -> list[Answer]:
    """Run the client and return its answers. Raise UploadFailed where one is not what it must be."""
    answers = [Answer(**answer) for answer in await program("bench.client", asdict(order))]
    for answer in answers:
        if not _is_right(answer, order.framing, payload):
            raise UploadFailed(f"{order.path} answered {answer.status}: {answer.body}")
    return answers


def _is_right(answer: Answer, framing: Framing, payload: Payload) -> bool:
    if framing in SAY_NO_DIGEST:
        return answer.status in {CREATED, NO_CONTENT}
    return (answer.body.get("size"), answer.body.get("sha256")) == (payload.size, payload.sha256)


async def program(module: str, given: dict[str, Any]) -> Any:
    """Run a program of the benchmark with what it is given, and return what it prints. Raise UploadFailed."""
    command = (sys.executable, "-m", module, json.dumps(given))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:  # cancelled: somebody wants us to stop
            process.kill()
            await process.wait()
    if process.returncode:
        raise UploadFailed(f"{module} ended with exit code {process.returncode}.")
    return json.loads(output)
