"""POST /ingest: takes one file in; it leaves the bytes to intake."""

from starlette.requests import Request
from starlette.responses import Response

from api.admission import admitted
from api.bodies import declared_length
from api.context import pressure_of, receipt_of, services_of
from api.intake import receive


async def post_ingest(request: Request) -> Response:
    """Take one file in: multipart/form-data with a part `file`, or any other content type as the raw body."""
    services = services_of(request)
    upload, sender = admitted(request, services.policy)
    pressure_of(request).check(declared_length(request.headers))
    receipt = receipt_of(request, await receive(upload, sender, services))
    headers = {"Location": f"/ingest/{receipt.id}"}
    return Response(receipt.model_dump_json(), 202, headers, media_type="application/json")
