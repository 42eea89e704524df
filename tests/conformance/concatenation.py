"""tus 1.0.0, "Concatenation"."""

from urllib.parse import urlsplit

from tests.conformance.case import SHOULD, Section
from tests.conformance.core import unknown
from tests.conformance.server import ANY, APPEND, Answer, Server, metadata

concat = Section("concatenation", "Concatenation, Headers, Upload-Concat")
partial = Section("concatenation", "Concatenation, Requests (partial uploads)")
final = Section("concatenation", "Concatenation, Requests (final uploads)")
unfinished = Section("concatenation-unfinished", "Concatenation (concatenation-unfinished)")


@partial.must
def POST_creates_a_partial_upload(server: Server):
    server.send("POST", upload_length=5, upload_concat="partial").expect(201, location=ANY)


@partial.must
def HEAD_of_a_partial_upload_says_so_and_tells_its_offset(server: Server):
    upload = server.create(5, upload_concat="partial")
    server.head(upload).expect(200, 204, upload_concat="partial", upload_offset=0)


@partial.must
def HEAD_of_a_complete_partial_upload_tells_its_offset(server: Server):
    server.head(_part(server, b"hello")).expect(200, 204, upload_concat="partial", upload_offset=5)


@partial.must
def HEAD_of_a_partial_upload_gives_its_metadata_back(server: Server):
    upload = server.create(5, upload_concat="partial", upload_metadata=metadata(caption=b"first"))
    server.head(upload).expect(200, 204, upload_metadata=metadata(caption=b"first"))


@partial.must
def HEAD_of_a_usual_upload_has_no_Upload_Concat(server: Server):
    server.head(server.create(5)).expect(200, 204, upload_concat=None)


@partial.must
def POST_may_bring_the_bytes_of_a_partial_upload(server: Server):
    given = {"upload_length": 5, "upload_concat": "partial", "content_type": APPEND}
    part = server.located(server.send("POST", content=b"hello", **given).expect(201, upload_offset=5))
    _final(server, part).expect(201)


@partial.must
def POST_may_defer_the_length_of_a_partial_upload(server: Server):
    part = server.create(upload_defer_length=1, upload_concat="partial")
    server.patch(part, 0, b"hello", upload_length=5).expect(204)
    _final(server, part).expect(201)


@final.must
def POST_joins_two(server: Server):
    _final(server, _part(server, b"hello "), _part(server, b"world")).expect(201, location=ANY)


@final.must
def POST_joins_one_alone(server: Server):
    _final(server, _part(server, b"hello")).expect(201, location=ANY)


@final.must
def POST_joins_ten(server: Server):
    joined = server.located(_final(server, *(_part(server, b"x" * size) for size in range(1, 11))).expect(201))
    server.head(joined).expect(200, 204, upload_length=55, upload_offset=55)


@final.must
def POST_joins_a_part_twice(server: Server):
    part = _part(server, b"hello")
    joined = server.located(_final(server, part, part).expect(201))
    server.head(joined).expect(200, 204, upload_length=10)


@final.must
def POST_joins_a_part_in_two_final_uploads(server: Server):
    part, other = _part(server, b"hello"), _part(server, b"world")
    _final(server, part, other).expect(201)
    _final(server, other, part).expect(201)


@final.must
def POST_joins_an_empty_part(server: Server):
    joined = server.located(
        _final(server, server.create(0, upload_concat="partial"), _part(server, b"hello")).expect(201)
    )
    server.head(joined).expect(200, 204, upload_length=5)


@final.must
def POST_takes_absolute_URLs(server: Server):
    part = _part(server, b"hello")
    assert urlsplit(part).hostname
    _final(server, part).expect(201)


@final.must
def POST_takes_relative_URLs(server: Server):
    _final(server, urlsplit(_part(server, b"hello")).path).expect(201)


@final.may
def POST_sent_twice_is_answered_alike(server: Server):
    parts = _part(server, b"hello"), _part(server, b"world")
    _final(server, *parts).expect(201)
    _final(server, *parts).expect(201)


@final.must
def HEAD_of_a_final_upload_tells_offset_and_length(server: Server):
    joined = server.located(_final(server, _part(server, b"hello "), _part(server, b"world")).expect(201))
    server.head(joined).expect(200, 204, upload_offset=11, upload_length=11)


@concat.must
def HEAD_of_a_final_upload_gives_Upload_Concat_back_as_it_came(server: Server):
    given = f"final;{_part(server, b'hello')} {urlsplit(_part(server, b'world')).path}"
    joined = server.located(server.send("POST", upload_concat=given).expect(201))
    server.head(joined).expect(200, 204, upload_concat=given)


@final.must
def HEAD_of_a_final_upload_gives_its_own_metadata_back(server: Server):
    part = _part(server, b"hello", upload_metadata=metadata(filename=b"part.txt"))
    joined = server.located(_final(server, part, upload_metadata=metadata(filename=b"whole.txt")).expect(201))
    server.head(joined).expect(200, 204, upload_metadata=metadata(filename=b"whole.txt"))


@final.must
def HEAD_of_a_final_upload_has_no_metadata_of_its_parts(server: Server):
    part = _part(server, b"hello", upload_metadata=metadata(filename=b"part.txt"))
    server.head(server.located(_final(server, part).expect(201))).expect(200, 204, upload_metadata=None)


@final.must
def PATCH_of_a_final_upload_is_forbidden(server: Server):
    joined = server.located(_final(server, _part(server, b"hello")).expect(201))
    server.patch(joined, 5, b"!").expect(403)
    server.head(joined).expect(200, 204, upload_length=5, upload_offset=5)


@final.must
def PATCH_of_a_final_upload_is_forbidden_from_its_beginning_too(server: Server):
    joined = server.located(_final(server, _part(server, b"hello")).expect(201))
    server.patch(joined, 0, b"hello").expect(403)


@final.should
def POST_of_a_final_upload_with_a_length_is_refused(server: Server):
    _final(server, _part(server, b"hello"), upload_length=5).expect(400, location=None)


@final.should
def POST_that_joins_what_never_was_is_refused(server: Server):
    _final(server, _part(server, b"hello"), unknown(server)).expect(400, 403, 404, 410, location=None)


@final.should
def POST_that_joins_a_terminated_part_is_refused(server: Server):
    part = _part(server, b"hello")
    server.delete(part).expect(204)
    _final(server, part).expect(400, 403, 404, 410, location=None)


@final.should
def POST_that_joins_a_usual_upload_is_refused(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello").expect(204)
    _final(server, upload).expect(400, 403, 404, 409, location=None)


@final.should
def POST_that_joins_a_final_upload_is_refused(server: Server):
    joined = server.located(_final(server, _part(server, b"hello")).expect(201))
    _final(server, joined).expect(400, 403, 404, 409, location=None)


@final.each(SHOULD, word="https://example.org/", path="/etc/passwd", dots="../..", nothing="")
def POST_that_joins_what_is_no_upload_of_ours_is_refused(server: Server, named: str):
    server.send("POST", upload_concat=f"final;{named}").expect(400, 403, 404, location=None)


@concat.each(SHOULD, word="whole", list_alone="final", capital="Partial", empty="")
def POST_with_what_is_neither_partial_nor_final_is_refused(server: Server, given: str):
    server.send("POST", upload_length=5, upload_concat=given).expect(400, location=None)


@final.must
def POST_that_joins_an_unfinished_part_is_refused_where_that_is_not_announced(server: Server):
    allowed = (201,) if "concatenation-unfinished" in server.extensions else (400, 403, 409)
    _final(server, server.create(5, upload_concat="partial")).expect(*allowed)


@unfinished.must
def POST_joins_an_unfinished_part(server: Server):
    part = server.create(5, upload_concat="partial")
    joined = server.located(_final(server, part).expect(201, location=ANY))
    server.patch(part, 0, b"hello").expect(204)
    server.reaches(joined, 5)


def _part(server: Server, content: bytes, **headers: str) -> str:
    part = server.create(len(content), upload_concat="partial", **headers)
    server.patch(part, 0, content).expect(204, upload_offset=len(content))
    return part


def _final(server: Server, *parts: str, **headers: str | int) -> Answer:
    return server.send("POST", upload_concat=f"final;{' '.join(parts)}", **headers)
