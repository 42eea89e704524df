"""/uploads: one resource that speaks two protocols; it leaves each request to the one whose headers it carries."""

from types import MappingProxyType
from typing import Annotated, Protocol

from fastapi import Path
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from api import ietf, tus
from shared.errors import MethodNotAllowed
from shared.ids import PATTERN

UploadId = Annotated[str, Path(description="The upload's id", json_schema_extra={"pattern": f"^{PATTERN}$"})]

_OF_TUS = "tus-resumable"
_OF_IETF = ("upload-draft-interop-version", "upload-complete", "upload-incomplete")


class UploadProtocol(Protocol):
    """A protocol's answers by method. A request for one upload has its id in `path_params["upload_id"]`."""

    async def post(self, request: Request, /) -> Response:
        """Create an upload."""
        ...

    async def head(self, request: Request, /) -> Response:
        """Tell where an upload stands."""
        ...

    async def patch(self, request: Request, /) -> Response:
        """Append to an upload."""
        ...

    async def delete(self, request: Request, /) -> Response:
        """End an upload."""
        ...

    async def options(self, request: Request, /) -> Response:
        """Tell what is admitted; its headers go into one answer with those of the other protocol."""
        ...


def protocol_of(request: HTTPConnection) -> UploadProtocol:
    """Return the protocol that a request speaks; one that names none, also by its URL, gets the refusal of tus."""
    if _OF_TUS in request.headers:
        return tus
    names_ietf = ietf.MARK in request.query_params or any(name in request.headers for name in _OF_IETF)
    return ietf if names_ietf else tus


async def post_upload(request: Request) -> Response:
    """Create an upload: tus 1.0.0, "Creation", or draft-ietf-httpbis-resumable-upload, "Upload Creation"."""
    return await protocol_of(request).post(request)


async def use_upload(request: Request, upload_id: UploadId) -> Response:
    """Tell where an upload stands (HEAD), append to it (PATCH) or end it (DELETE).

    A client that cannot name the method otherwise does so in a header; the request's own is ignored then (tus 1.0.0,
    "X-HTTP-Method-Override").
    """
    method = request.headers.get("x-http-method-override", request.method).upper()
    if method not in _CALLS:
        raise MethodNotAllowed(", ".join(_CALLS))
    spoken = protocol_of(request)
    answer: Response = await getattr(spoken, _CALLS[method])(request)
    return answer


async def get_upload_options(request: Request) -> Response:
    """Tell what both protocols admit."""
    answer = await tus.options(request)
    for name, value in (await ietf.options(request)).headers.items():
        answer.headers.setdefault(name, value)
    return answer


_CALLS = MappingProxyType({"HEAD": "head", "PATCH": "patch", "DELETE": "delete"})
