"""The IETF's resumable uploads (draft-ietf-httpbis-resumable-upload) on /uploads; not spoken yet."""

from starlette.requests import Request
from starlette.responses import Response

from shared.errors import UnsupportedVersion


async def post(request: Request) -> Response:
    """Create an upload, or append to one."""
    raise UnsupportedVersion


head = patch = delete = post


async def options(request: Request) -> Response:
    """Tell what is admitted."""
    return Response()
