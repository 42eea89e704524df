"""tus 1.0.0, "Core Protocol": appends."""

from tests.conformance.case import MUST, SHOULD, Section
from tests.conformance.core import unknown
from tests.conformance.server import APPEND, Server, Unmet

patch = Section("core", "Core Protocol, Requests, PATCH")
offset = Section("core", "Core Protocol, Headers, Upload-Offset")


@patch.must
def PATCH_of_all_bytes_is_answered_by_204_and_the_offset(server: Server):
    server.patch(server.create(5), 0, b"hello").expect(204, upload_offset=5)


@patch.must
def PATCH_by_PATCH_the_offset_grows(server: Server):
    upload = server.create(5)
    for at, piece in enumerate((b"h", b"e", b"l", b"l", b"o")):
        server.patch(upload, at, piece).expect(204, upload_offset=at + 1)


@patch.must
def PATCH_has_no_body_in_its_answer(server: Server):
    assert server.patch(server.create(5), 0, b"hello").expect(204).body == b""


@patch.must
def PATCH_may_be_chunked(server: Server):
    server.patch(server.create(5), 0, iter((b"hel", b"lo"))).expect(204, upload_offset=5)


@patch.must
def PATCH_of_a_part_may_be_chunked(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, iter((b"h", b"e"))).expect(204, upload_offset=2)
    server.patch(upload, 2, iter((b"llo",))).expect(204, upload_offset=5)


@patch.should
def PATCH_of_nothing_changes_nothing(server: Server):
    upload = server.create(5)
    server.patch(upload, 0).expect(204, upload_offset=0)
    server.patch(upload, 0, b"hello").expect(204, upload_offset=5)


@patch.must
def PATCH_of_a_mebibyte_and_one_byte_counts_each(server: Server):
    content = bytes(1024 * 1024 + 1)
    server.patch(server.create(len(content)), 0, content).expect(204, upload_offset=len(content))


@patch.each(SHOULD, absent=None, octets="application/octet-stream", text="text/plain", prefix="application/offset")
def PATCH_of_another_content_type_is_refused_and_changes_nothing(server: Server, content_type: str | None):
    upload = server.create(5)
    server.patch(upload, 0, b"hello", content_type=content_type).expect(415)
    assert server.offset(upload) == 0


@patch.each(MUST, before=2, far_before=0, behind=4, far_behind=10**15)
def PATCH_at_another_offset_is_a_conflict_and_changes_nothing(server: Server, at: int):
    upload = server.create(9)
    server.patch(upload, 0, b"hel").expect(204)
    server.patch(upload, at, b"l").expect(409)
    server.head(upload).expect(200, 204, upload_offset=3)


@patch.may
def PATCH_at_another_offset_is_told_the_right_one(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hel").expect(204)
    server.patch(upload, 0, b"hello").expect(409, upload_offset=3)


@patch.must
def PATCH_sent_twice_counts_once(server: Server):
    upload = server.create(10)
    server.patch(upload, 0, b"hello").expect(204)
    server.patch(upload, 0, b"hello").expect(409)
    assert server.offset(upload) == 5


@patch.must
def PATCH_of_a_complete_upload_from_its_beginning_is_a_conflict(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello").expect(204)
    server.patch(upload, 0, b"hello").expect(409)


@patch.should
def PATCH_behind_the_end_is_refused(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello").expect(204)
    server.patch(upload, 5, b"!").expect(400, 403, 409, 413)
    assert server.offset(upload) == 5


@patch.should
def PATCH_of_no_upload_is_not_found(server: Server):
    server.patch(unknown(server), 0, b"hello").expect(404, 410)


@offset.each(
    MUST,
    absent=None,
    empty="",
    negative="-1",
    word="none",
    fraction="0.5",
    hexadecimal="0x0",
    exponent="0e0",
    two="0,0",
)
def PATCH_at_what_is_no_offset_is_refused_and_changes_nothing(server: Server, at: str | None):
    upload = server.create(5)
    server.patch(upload, at, b"hello").expect(400, 403, 409)
    assert server.offset(upload) == 0


@offset.must
def PATCH_at_an_offset_that_no_machine_number_holds_is_refused(server: Server):
    server.patch(server.create(5), 2**80, b"hello").expect(400, 409)


@patch.must
def PATCH_of_more_than_the_rest_is_refused(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello world").expect(400, 413)
    assert server.offset(upload) <= 5


@patch.must
def PATCH_that_turns_out_longer_than_the_rest_is_refused(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, iter((b"hello", b" world"))).expect(400, 413)
    assert server.offset(upload) <= 5


@patch.must
def PATCH_that_declares_more_than_the_rest_keeps_the_upload_usable(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"he").expect(204)
    server.patch(upload, 2, b"llo world").expect(400, 413)
    at = server.offset(upload)
    if at < len(b"hello"):
        server.patch(upload, at, b"hello"[at:]).expect(204, upload_offset=5)


@patch.should
def PATCH_that_breaks_off_leaves_what_came(server: Server):
    upload = server.create(100_000)
    server.cut(upload, 100_000, bytes(60_000))
    server.reaches(upload, 60_000)
    server.patch(upload, 60_000, bytes(40_000)).expect(204, upload_offset=100_000)


@patch.should
def PATCH_that_breaks_off_before_its_first_byte_changes_nothing(server: Server):
    upload = server.create(5)
    server.cut(upload, 5, b"")
    server.patch(upload, 0, b"hello").expect(204, upload_offset=5)


@patch.should
def PATCH_that_waits_for_100_continue_is_told_to_go_on(server: Server):
    waiting = {"expect": "100-continue", "content_type": APPEND, "content_length": 5, "upload_offset": 0}
    with server.connection(server.create(5), "PATCH", **waiting) as connection:
        if not connection.recv(65536).startswith(b"HTTP/1.1 100"):
            raise Unmet("No 100 came")
        connection.sendall(b"hello")
        assert connection.recv(65536).startswith(b"HTTP/1.1 204")


@patch.must
def PATCH_of_one_upload_leaves_the_other_alone(server: Server):
    one, other = server.create(5), server.create(5)
    server.patch(one, 0, b"hello").expect(204)
    assert server.offset(other) == 0
