"""Starts the client as a process of its own and checks its answers: an upload that was not kept whole is no figure."""

import asyncio
import json
import sys
from dataclasses import asdict

from bench.client import Answer, Order
from bench.payload import Payload
from deploy.local.faults import LaunchError


class UploadFailed(LaunchError):
    """The client broke off, or a server answered something else than the file's size and digest."""


async def send(order: Order, payload: Payload) -> list[Answer]:
    """Run the client and return its answers. Raise UploadFailed where one is not what it must be."""
    command = (sys.executable, "-m", "bench.client", json.dumps(asdict(order)))
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:  # cancelled: somebody wants us to stop
            process.kill()
            await process.wait()
    if process.returncode:
        raise UploadFailed(f"The client ended with exit code {process.returncode} at {order.path}.")
    answers = [Answer(**answer) for answer in json.loads(output)]
    for answer in answers:
        if (answer.body.get("size"), answer.body.get("sha256")) != (payload.size, payload.sha256):
            raise UploadFailed(f"{order.path} answered {answer.status}: {answer.body}")
    return answers
