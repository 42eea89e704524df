"""tus 1.0.0, "Core Protocol": what a server tells of itself and of an upload; appends are in `core_patch`."""

import re

from tests.conformance.case import MUST, Section
from tests.conformance.server import ANY, APPEND, Server, Unmet, received

NAMES = re.compile("[a-z0-9-]+(, ?[a-z0-9-]+)*")
NUMBER = re.compile("[0-9]+")

options = Section("core", "Core Protocol, Requests, OPTIONS")
resumable = Section("core", "Core Protocol, Headers, Tus-Resumable")
override = Section("core", "Core Protocol, Headers, X-HTTP-Method-Override")
head = Section("core", "Core Protocol, Requests, HEAD")


@options.must
def OPTIONS_is_answered_by_200_or_204_and_the_versions(server: Server):
    versions = server.options().expect(200, 204, tus_version=ANY).listed("Tus-Version")
    assert "1.0.0" in versions, versions


@options.each(MUST, same="1.0.0", other="0.0.1")
def OPTIONS_ignores_Tus_Resumable(server: Server, version: str):
    server.options(tus_resumable=version).expect(200, 204, tus_version=ANY)


@options.must
def OPTIONS_lists_the_extensions(server: Server):
    server.options().expect(200, 204, tus_extension=NAMES)


@options.should
def OPTIONS_tells_the_largest_size_as_a_number(server: Server):
    server.options().expect(200, 204, tus_max_size=NUMBER)


@options.may
def OPTIONS_of_an_upload_is_answered_alike(server: Server):
    server.options(server.create(5)).expect(200, 204, tus_version=ANY)


@resumable.each(MUST, absent=None, older="0.2.2", nonsense="one")
def HEAD_in_no_version_of_ours_is_refused(server: Server, version: str | None):
    server.head(server.create(5), tus_resumable=version).expect(412, tus_version=ANY, upload_offset=None)


@resumable.each(MUST, absent=None, older="0.2.2", nonsense="one")
def PATCH_in_no_version_of_ours_is_refused_and_changes_nothing(server: Server, version: str | None):
    upload = server.create(5)
    server.patch(upload, 0, b"hello", tus_resumable=version).expect(412, tus_version=ANY)
    assert server.offset(upload) == 0


@resumable.each(MUST, absent=None, older="0.2.2", nonsense="one")
def POST_in_no_version_of_ours_is_refused_and_creates_nothing(server: Server, version: str | None):
    server.send("POST", upload_length=5, tus_resumable=version).expect(412, tus_version=ANY, location=None)


@resumable.must
def POST_is_answered_with_the_version(server: Server):
    server.send("POST", upload_length=5).expect(201, tus_resumable="1.0.0")


@resumable.must
def HEAD_is_answered_with_the_version(server: Server):
    server.head(server.create(5)).expect(200, 204, tus_resumable="1.0.0")


@resumable.must
def PATCH_is_answered_with_the_version(server: Server):
    server.patch(server.create(5), 0, b"hello").expect(204, tus_resumable="1.0.0")


@resumable.must
def PATCH_at_a_wrong_offset_is_answered_with_the_version(server: Server):
    server.patch(server.create(5), 3, b"lo").expect(409, tus_resumable="1.0.0")


@resumable.must
def HEAD_of_no_upload_is_answered_with_the_version(server: Server):
    server.head(unknown(server)).expect(404, 410, 403, tus_resumable="1.0.0")


@resumable.must
def HEAD_in_another_version_is_answered_with_ours(server: Server):
    server.head(server.create(5), tus_resumable="0.2.2").expect(412, tus_resumable="1.0.0")


@override.must
def POST_may_mean_PATCH(server: Server):
    upload = server.create(5)
    sent = {"x_http_method_override": "PATCH", "content_type": APPEND, "upload_offset": 0}
    server.send("POST", upload, b"hello", **sent).expect(204, upload_offset=5)


@override.must
def POST_may_mean_HEAD(server: Server):
    server.send("POST", server.create(5), x_http_method_override="HEAD").expect(200, 204, upload_offset=0)


@override.must
def PATCH_may_mean_HEAD(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello", x_http_method_override="HEAD").expect(200, 204, upload_offset=0)
    assert server.offset(upload) == 0


@head.must
def HEAD_of_a_new_upload_tells_offset_0(server: Server):
    server.head(server.create(5)).expect(200, 204, upload_offset=0)


@head.must
def HEAD_of_a_begun_upload_tells_its_offset(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hel").expect(204)
    server.head(upload).expect(200, 204, upload_offset=3)


@head.must
def HEAD_of_a_complete_upload_tells_its_offset(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello").expect(204)
    server.head(upload).expect(200, 204, upload_offset=5, upload_length=5)


@head.must
def HEAD_tells_the_length(server: Server):
    server.head(server.create(5)).expect(200, 204, upload_length=5)


@head.must
def HEAD_does_not_say_that_a_known_length_is_deferred(server: Server):
    server.head(server.create(5)).expect(200, 204, upload_defer_length=None)


@head.must
def HEAD_is_not_to_be_cached(server: Server):
    server.head(server.create(5)).expect(200, 204, cache_control=re.compile(".*no-store.*"))


@head.should
def HEAD_is_answered_by_200_or_204(server: Server):
    server.head(server.create(5)).expect(200, 204)


@head.must
def HEAD_has_no_body(server: Server):
    with server.connection(server.create(5), "HEAD") as connection:
        answer = received(connection)
    if not answer.endswith(b"\r\n\r\n"):
        raise Unmet(f"Bytes follow the head: {answer[-100:]!r}")


@head.must
def HEAD_changes_nothing(server: Server):
    upload = server.create(5)
    assert [server.offset(upload) for _ in range(3)] == [0, 0, 0]
    server.patch(upload, 0, b"hello").expect(204, upload_offset=5)


@head.should
def HEAD_of_no_upload_is_not_found_and_has_no_offset(server: Server):
    server.head(unknown(server)).expect(404, 410, 403, upload_offset=None)


@head.each(MUST, word="nonsense", dots="..%2f..%2fetc%2fpasswd", long="a" * 500, null="%00")
def HEAD_of_what_is_no_id_is_not_found(server: Server, name: str):
    server.head(f"{server.url.rstrip('/')}/{name}").expect(400, 403, 404, 410, upload_offset=None)


def unknown(server: Server) -> str:
    """Return the URL of an upload that never was: one with other digits and letters in its last ten places."""
    upload = server.create(5)
    return upload[:-10] + upload[-10:].translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
