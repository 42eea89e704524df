"""What every answer on /uploads carries, and where the upload is."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from api.tus.answers import location
from api.upload_headers import UploadHeaders
from tests.unit.uploads import services_of

PAGE = "https://page.example"


def client(*origins):
    app = UploadHeaders(PlainTextResponse("there"), origins)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


def asking(origin):
    return {"origin": origin, "access-control-request-method": "PATCH", "access-control-request-headers": "x-own"}


async def test_only_the_pages_that_are_named_may_send():
    async with client(PAGE, "https://other.example") as pages:
        asked = await pages.options("/uploads", headers=asking(PAGE))
        assert asked.headers["access-control-allow-origin"] == PAGE
        answer = await pages.post("/uploads", headers={"origin": PAGE})
        assert (answer.headers["access-control-allow-origin"], answer.headers["vary"]) == (PAGE, "Origin")
        refused = await pages.options("/uploads", headers=asking("https://evil.example"))
        assert (refused.status_code, "access-control-allow-origin" in refused.headers) == (400, False)


async def test_no_page_may_send_where_none_is_named():
    async with client() as pages:
        assert (await pages.options("/uploads", headers=asking(PAGE))).status_code == 400
        answer = await pages.post("/uploads", headers={"origin": PAGE})
        assert (answer.text, "access-control-allow-origin" in answer.headers) == ("there", False)


@pytest.mark.parametrize(
    ("path", "inside"), [("/uploads", True), ("/uploads/x", True), ("/uploadsx", False), ("/ingest", False)]
)
async def test_only_uploads_are_open_and_speak_tus(path, inside):
    async with client("*") as pages:
        headers = (await pages.get(path, headers={"origin": PAGE})).headers
    assert ("access-control-allow-origin" in headers, "tus-resumable" in headers) == (inside, inside)


async def test_the_other_protocol_is_not_told_a_version_of_tus():
    async with client("*") as pages:
        assert "tus-resumable" not in (await pages.post("/uploads", headers={"upload-complete": "?1"})).headers


@pytest.mark.parametrize(
    ("public_url", "url"),
    [("", "https://files.example:1/uploads/x"), ("https://public.example/in/", "https://public.example/in/uploads/x")],
)
def test_the_url_is_below_the_public_one_or_as_the_sender_called_us(public_url, url):
    class App:
        class state:  # noqa: N801  (Starlette's name)
            services = services_of(public_url=public_url)

    scope = {"type": "http", "scheme": "https", "path": "/uploads", "app": App}
    request = Request(scope | {"headers": [(b"host", b"files.example:1")], "server": None, "query_string": b""})
    assert location(request, "x") == url
