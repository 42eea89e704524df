"""tus 1.0.0 on /uploads (https://tus.io/protocols/resumable-upload): headers in and out; bytes are `resuming`'s."""

from starlette.requests import Request
from starlette.responses import Response


async def post(request: Request) -> Response:
    """Create an upload."""
    raise NotImplementedError


head = patch = delete = options = post

VERSION = "1.0.0"

__all__ = ["VERSION", "delete", "head", "options", "patch", "post"]
