"""tus 1.0.0, "Creation": with a length that comes later, and "Creation With Upload"."""

from tests.conformance.case import MUST, SHOULD, Section
from tests.conformance.server import ANY, APPEND, Server, metadata

deferred = Section("creation-defer-length", "Creation, Requests, POST (Upload-Defer-Length)")
with_upload = Section("creation-with-upload", "Creation With Upload")


@deferred.must
def POST_may_defer_the_length(server: Server):
    server.send("POST", upload_defer_length=1).expect(201, location=ANY)


@deferred.each(SHOULD, zero="0", two="2", word="true", empty="")
def POST_with_another_value_than_1_is_refused(server: Server, value: str):
    server.send("POST", upload_defer_length=value).expect(400, location=None)


@deferred.should
def POST_with_a_length_that_it_also_defers_is_refused(server: Server):
    server.send("POST", upload_length=5, upload_defer_length=1).expect(400, location=None)


@deferred.must
def HEAD_says_that_the_length_is_deferred(server: Server):
    server.head(_deferred(server)).expect(200, 204, upload_defer_length=1, upload_length=None, upload_offset=0)


@deferred.must
def HEAD_says_so_after_an_append_too(server: Server):
    upload = _deferred(server)
    server.patch(upload, 0, b"hel").expect(204, upload_offset=3)
    server.head(upload).expect(200, 204, upload_defer_length=1, upload_length=None, upload_offset=3)


@deferred.must
def PATCH_may_tell_the_length_with_its_first_bytes(server: Server):
    upload = _deferred(server)
    server.patch(upload, 0, b"hel", upload_length=5).expect(204, upload_offset=3)
    server.head(upload).expect(200, 204, upload_defer_length=None, upload_length=5, upload_offset=3)


@deferred.must
def PATCH_may_tell_the_length_with_its_last_bytes(server: Server):
    upload = _deferred(server)
    server.patch(upload, 0, b"hel").expect(204)
    server.patch(upload, 3, b"lo", upload_length=5).expect(204, upload_offset=5)
    server.head(upload).expect(200, 204, upload_defer_length=None, upload_length=5, upload_offset=5)


@deferred.must
def PATCH_may_tell_the_length_without_bytes(server: Server):
    upload = _deferred(server)
    server.patch(upload, 0, b"hello").expect(204)
    server.patch(upload, 5, upload_length=5).expect(204, upload_offset=5)
    server.head(upload).expect(200, 204, upload_defer_length=None, upload_length=5, upload_offset=5)


@deferred.must
def PATCH_cannot_change_a_length_that_was_told(server: Server):
    upload = _deferred(server)
    server.patch(upload, 0, b"hel", upload_length=5).expect(204)
    server.patch(upload, 3, b"lo", upload_length=6).expect(400, 403, 409)
    server.head(upload).expect(200, 204, upload_length=5)


@deferred.must
def PATCH_cannot_change_a_length_of_the_creation(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello", upload_length=6).expect(400, 403, 409)
    server.head(upload).expect(200, 204, upload_length=5)


@deferred.must
def PATCH_cannot_tell_a_length_below_the_offset(server: Server):
    upload = _deferred(server)
    server.patch(upload, 0, b"hello").expect(204)
    server.patch(upload, 5, upload_length=3).expect(400, 403, 409, 413)
    assert server.offset(upload) == 5


@deferred.must
def PATCH_cannot_tell_a_length_over_the_largest_size(server: Server):
    most = int(server.options().expect(200, 204, tus_max_size=ANY).headers["tus-max-size"])
    server.patch(_deferred(server), 0, b"hello", upload_length=most + 1).expect(413)


@deferred.should
def PATCH_cannot_bring_more_than_the_length_that_it_tells(server: Server):
    upload = _deferred(server)
    server.patch(upload, 0, b"hello", upload_length=3).expect(400, 413)


@deferred.each(MUST, negative="-1", word="five", empty="")
def PATCH_cannot_tell_what_is_no_length(server: Server, length: str):
    upload = _deferred(server)
    server.patch(upload, 0, b"hello", upload_length=length).expect(400)
    assert server.offset(upload) == 0


@with_upload.must
def POST_may_bring_all_bytes(server: Server):
    upload = _created(server, b"hello", 5, upload_offset=5)
    server.head(upload).expect(200, 204, upload_offset=5, upload_length=5)


@with_upload.must
def POST_may_bring_the_first_bytes(server: Server):
    upload = _created(server, b"hel", 5, upload_offset=3)
    server.patch(upload, 3, b"lo").expect(204, upload_offset=5)


@with_upload.must
def POST_may_bring_bytes_in_chunks(server: Server):
    answer = server.send("POST", content=iter((b"he", b"llo")), upload_length=5, content_type=APPEND)
    answer.expect(201, upload_offset=5, location=ANY)


@with_upload.must
def POST_may_bring_no_bytes(server: Server):
    _created(server, b"", 5, upload_offset=0)


@with_upload.must
def POST_may_bring_bytes_and_metadata(server: Server):
    answer = server.send(
        "POST", content=b"hello", upload_length=5, content_type=APPEND, upload_metadata=metadata(filename=b"a.txt")
    )
    server.head(server.located(answer.expect(201))).expect(200, 204, upload_metadata=metadata(filename=b"a.txt"))


@with_upload.must
def POST_may_bring_bytes_and_defer_the_length(server: Server):
    answer = server.send("POST", content=b"hel", upload_defer_length=1, content_type=APPEND).expect(
        201, upload_offset=3
    )
    server.patch(server.located(answer), 3, b"lo", upload_length=5).expect(204, upload_offset=5)


@with_upload.must
def POST_cannot_bring_more_than_its_length(server: Server):
    server.send("POST", content=b"hello", upload_length=3, content_type=APPEND).expect(400, 413)


@with_upload.should
def POST_of_bytes_of_another_content_type_counts_none_of_them(server: Server):
    answer = server.send("POST", content=b"hello", upload_length=5, content_type="text/plain").expect(201, 400, 415)
    if answer.status == 201:  # taken for a plain creation
        assert server.offset(server.located(answer)) == 0


def _deferred(server: Server) -> str:
    return server.create(upload_defer_length=1)


def _created(server: Server, content: bytes, length: int, **headers: int) -> str:
    answer = server.send("POST", content=content, upload_length=length, content_type=APPEND)
    return server.located(answer.expect(201, location=ANY, **headers))
