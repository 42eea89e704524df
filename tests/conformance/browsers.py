"""The CORS protocol (https://fetch.spec.whatwg.org/#http-cors-protocol), without which no page can send to a server."""

from tests.conformance.case import SHOULD, Section
from tests.conformance.core import unknown
from tests.conformance.server import ANY, Answer, Server

ORIGIN = "https://page.example"
SENT = (
    "Content-Type", "Tus-Resumable", "Upload-Checksum", "Upload-Concat", "Upload-Defer-Length", "Upload-Length",
    "Upload-Metadata", "Upload-Offset", "X-HTTP-Method-Override", "X-Request-ID",
)  # fmt: skip
READ = (
    "Location", "Tus-Extension", "Tus-Max-Size", "Tus-Resumable", "Tus-Version", "Upload-Concat", "Upload-Defer-Length",
    "Upload-Length", "Upload-Metadata", "Upload-Offset",
)  # fmt: skip

preflight = Section("browsers", "Fetch, CORS-preflight request")
request = Section("browsers", "Fetch, CORS request")


@preflight.each(SHOULD, **{method: method for method in ("POST", "HEAD", "PATCH", "DELETE")})
def OPTIONS_allows_a_page_the_method(server: Server, method: str):
    answer = _preflight(server, method, "tus-resumable")
    assert {method.lower(), "*"} & set(answer.listed("Access-Control-Allow-Methods")), answer


@preflight.each(SHOULD, **{name.replace("-", "_"): name for name in SENT})
def OPTIONS_allows_a_page_the_header(server: Server, name: str):
    answer = _preflight(server, "PATCH", name.lower())
    assert {name.lower(), "*"} & set(answer.listed("Access-Control-Allow-Headers")), answer


@request.each(SHOULD, **{name.replace("-", "_"): name for name in READ})
def POST_lets_a_page_read_the_header(server: Server, name: str):
    answer = server.send("POST", upload_length=5, origin=ORIGIN).expect(201, access_control_expose_headers=ANY)
    assert {name.lower(), "*"} & set(answer.listed("Access-Control-Expose-Headers")), answer


@request.should
def POST_lets_a_page_read_the_answer(server: Server):
    _readable(server.send("POST", upload_length=5, origin=ORIGIN).expect(201))


@request.should
def HEAD_lets_a_page_read_the_answer(server: Server):
    _readable(server.head(server.create(5), origin=ORIGIN).expect(200, 204))


@request.should
def PATCH_lets_a_page_read_the_answer(server: Server):
    _readable(server.patch(server.create(5), 0, b"hello", origin=ORIGIN).expect(204))


@request.should
def PATCH_at_a_wrong_offset_lets_a_page_read_the_answer(server: Server):
    _readable(server.patch(server.create(5), 3, b"lo", origin=ORIGIN).expect(409))


@request.should
def HEAD_of_no_upload_lets_a_page_read_the_answer(server: Server):
    _readable(server.head(unknown(server), origin=ORIGIN).expect(403, 404, 410))


@request.should
def HEAD_in_another_version_lets_a_page_read_the_answer(server: Server):
    _readable(server.head(server.create(5), origin=ORIGIN, tus_resumable="0.2.2").expect(412))


def _preflight(server: Server, method: str, header: str) -> Answer:
    asked = {"access_control_request_method": method, "access_control_request_headers": header}
    return _readable(server.options(origin=ORIGIN, **asked).expect(200, 204))


def _readable(answer: Answer) -> Answer:
    assert answer.headers.get("access-control-allow-origin") in {"*", ORIGIN}, answer
    return answer
