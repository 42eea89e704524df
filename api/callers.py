"""Who is calling: the address, believed only where it can be, and the principal; it leaves limits to `api.limits`."""

from starlette.requests import Request


def address(request: Request) -> str:
    """Return the client's address; behind a trusted proxy uvicorn's middleware has put the real one there."""
    return request.client.host if request.client else "unknown"


def principal(request: Request) -> str:
    """Return the name under which ingests and idempotency keys are kept. Without accounts it is the address."""
    return f"address:{address(request)}"
