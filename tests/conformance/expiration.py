"""tus 1.0.0, "Expiration"."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tests.conformance.case import Section
from tests.conformance.server import ANY, Answer, Server

expires = Section("expiration", "Expiration, Headers, Upload-Expires")


@expires.must
def POST_tells_when_the_upload_expires(server: Server):
    server.send("POST", upload_length=5).expect(201, upload_expires=ANY)


@expires.must
def PATCH_tells_when_the_upload_expires(server: Server):
    server.patch(server.create(5), 0, b"hel").expect(204, upload_expires=ANY)


@expires.may
def HEAD_tells_when_the_upload_expires(server: Server):
    server.head(server.create(5)).expect(200, 204, upload_expires=ANY)


@expires.must
def POST_tells_it_as_HTTP_writes_dates(server: Server):
    answer = server.send("POST", upload_length=5).expect(201, upload_expires=ANY)
    written = answer.headers["upload-expires"]
    assert datetime.strptime(written, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC) == _expiry(answer), written


@expires.must
def PATCH_tells_of_a_time_to_come(server: Server):
    assert _expiry(server.patch(server.create(5), 0, b"hel")) > datetime.now(UTC)


@expires.may
def PATCH_does_not_bring_the_time_forward(server: Server):
    created = server.send("POST", upload_length=5).expect(201, upload_expires=ANY)
    assert _expiry(server.patch(server.located(created), 0, b"hel")) >= _expiry(created)


def _expiry(answer: Answer) -> datetime:
    return parsedate_to_datetime(answer.expect(201, 204, upload_expires=ANY).headers["upload-expires"])
