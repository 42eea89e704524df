"""Wait until the API says that it can do the work; it leaves what that takes to the API's `/ready`."""

import asyncio
import time

import httpx

from deploy.local.faults import NotReady

READY_SECONDS = 90.0


async def ready(address: str, seconds: float = READY_SECONDS) -> None:
    """Return once `/ready` at `host:port` answers 200. Raise NotReady, with its last answer, after the time."""
    until = time.monotonic() + seconds
    # trust_env=False: a proxy from the environment has no business with a loopback address.
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=5, trust_env=False) as client:
        while (answer := await _ask(client)) is not None:
            if time.monotonic() > until:
                raise NotReady(f"http://{address}/ready didn't say yes within {seconds:.0f} s: {answer}")
            await asyncio.sleep(0.05)


async def _ask(client: httpx.AsyncClient) -> str | None:
    try:
        response = await client.get("/ready")
    except httpx.TransportError as error:
        return str(error) or type(error).__name__
    return None if response.is_success else response.text
