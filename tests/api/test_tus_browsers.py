"""Uploads from a web page: what CORS lets a page send and read (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

import pytest

from tests.api.tus import APPEND, append, create, created

PAGE = "https://page.example"
READ = {
    "location",
    "upload-offset",
    "upload-length",
    "upload-metadata",
    "upload-expires",
    "upload-concat",
    "upload-defer-length",
    "tus-version",
    "tus-resumable",
    "tus-max-size",
    "tus-extension",
    "tus-checksum-algorithm",
    "upload-complete",
    "upload-incomplete",
    "upload-draft-interop-version",
    "upload-limit",
    "retry-after",
    "x-request-id",
}


def asked(client, method, headers, path="/uploads"):
    request = {"origin": PAGE, "access-control-request-method": method, "access-control-request-headers": headers}
    return client.options(path, headers=request)


@pytest.mark.parametrize("method", ["POST", "HEAD", "PATCH", "DELETE"])
def test_a_browser_that_asks_may_send_each_method_and_any_header(uploads, method):
    answer = asked(uploads, method, ", ".join([*APPEND, "upload-offset", "x-of-its-own"]), "/uploads/x")
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert method in answer.headers["access-control-allow-methods"]
    assert "x-of-its-own" in answer.headers["access-control-allow-headers"]
    assert answer.headers["access-control-max-age"] == "86400"


def test_a_page_may_read_each_header_of_each_answer_refusals_too(uploads):
    url = created(uploads, 10, origin=PAGE)
    for answer in (create(uploads, 10, origin=PAGE), append(uploads, url, 5, b"x", origin=PAGE)):
        exposed = answer.headers["access-control-expose-headers"].lower().split(", ")
        assert set(exposed) >= READ
        assert answer.headers["access-control-allow-origin"] == "*"
    missing = uploads.head("/uploads/x", headers={"origin": PAGE})
    assert (missing.status_code, missing.headers["access-control-allow-origin"]) == (412, "*")


def test_other_routes_are_not_opened_to_pages(uploads):
    answer = uploads.get("/ingest", headers={"origin": PAGE})
    assert "access-control-allow-origin" not in answer.headers
    assert asked(uploads, "GET", "x", "/ingest").status_code == 405
