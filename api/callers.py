"""Who is calling: the address, believed only where it can be, and the principal; it leaves limits to `api.limits`."""

from starlette.requests import Request

from shared.errors import IncompleteBody


def address(request: Request) -> str:
    """Return the client's address; behind a trusted proxy uvicorn's middleware has put the real one there."""
    return request.client.host if request.client else "unknown"


def principal(request: Request) -> str:
    """Return the name under which ingests and idempotency keys are kept. Without accounts it is the address.

    A connection that was reset while it waited to be accepted has no address any more, but its bytes can be read: under
    another name the key of a sender who has long tried again would be free. Raise IncompleteBody. On a Unix socket,
    which has no address at our end either, nobody has one.
    """
    if request.client is None and request.scope.get("server") is not None:
        raise IncompleteBody("The connection broke before its request was read.")
    return f"address:{address(request)}"
