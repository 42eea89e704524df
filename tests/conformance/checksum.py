"""tus 1.0.0, "Checksum"."""

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Callable

from tests.conformance.case import MAY, MUST, Section
from tests.conformance.server import ANY, APPEND, Server, received

ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "sha1": lambda content: hashlib.sha1(content).digest(),
    "sha256": lambda content: hashlib.sha256(content).digest(),
    "md5": lambda content: hashlib.md5(content).digest(),
    "crc32": lambda content: zlib.crc32(content).to_bytes(4, "big"),
}
OPTIONAL = {name: name for name in ALGORITHMS if name != "sha1"}

options = Section("checksum", "Checksum, Headers, Tus-Checksum-Algorithm")
checked = Section("checksum", "Checksum, Headers, Upload-Checksum")
trailer = Section("checksum-trailer", "Checksum (checksum-trailer)")


def checksum(content: bytes, algorithm: str = "sha1") -> str:
    """Return `Upload-Checksum` of the content."""
    return f"{algorithm} {b64encode(ALGORITHMS[algorithm](content)).decode()}"


@options.must
def OPTIONS_names_sha1_among_the_algorithms(server: Server):
    algorithms = server.options().expect(200, 204, tus_checksum_algorithm=ANY).listed("Tus-Checksum-Algorithm")
    assert "sha1" in algorithms, algorithms


@options.must
def OPTIONS_names_the_algorithms_in_lower_case(server: Server):
    named = server.options().expect(200, 204, tus_checksum_algorithm=ANY).headers["tus-checksum-algorithm"]
    assert named == named.lower(), named


@checked.each(MUST, sha1="sha1")
@checked.each(MAY, **OPTIONAL)
def PATCH_with_the_right_checksum_counts(server: Server, algorithm: str):
    server.patch(server.create(5), 0, b"hello", upload_checksum=checksum(b"hello", algorithm)).expect(
        204, upload_offset=5
    )


@checked.each(MUST, sha1="sha1")
@checked.each(MAY, **OPTIONAL)
def PATCH_with_a_wrong_checksum_is_460_and_changes_nothing(server: Server, algorithm: str):
    upload = server.create(5)
    server.patch(upload, 0, b"hello", upload_checksum=checksum(b"jello", algorithm)).expect(460)
    assert server.offset(upload) == 0


@checked.each(MUST, sha1="sha1")
@checked.each(MAY, **OPTIONAL)
def PATCH_may_be_repeated_after_460(server: Server, algorithm: str):
    upload = server.create(5)
    server.patch(upload, 0, b"jello", upload_checksum=checksum(b"hello", algorithm)).expect(460)
    server.patch(upload, 0, b"hello", upload_checksum=checksum(b"hello", algorithm)).expect(204, upload_offset=5)


@checked.must
def PATCH_with_a_wrong_checksum_keeps_what_was_there(server: Server):
    upload = server.create(10)
    server.patch(upload, 0, b"hello", upload_checksum=checksum(b"hello")).expect(204)
    server.patch(upload, 5, b"world", upload_checksum=checksum(b"hello")).expect(460)
    assert server.offset(upload) == 5
    server.patch(upload, 5, b"world", upload_checksum=checksum(b"world")).expect(204, upload_offset=10)


@checked.must
def PATCH_with_a_wrong_checksum_and_chunks_changes_nothing(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, iter((b"hel", b"lo")), upload_checksum=checksum(b"jello")).expect(460)
    assert server.offset(upload) == 0


@checked.must
def PATCH_with_the_right_checksum_and_chunks_counts(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, iter((b"hel", b"lo")), upload_checksum=checksum(b"hello")).expect(204, upload_offset=5)


@checked.must
def PATCH_of_a_mebibyte_with_a_wrong_checksum_changes_nothing(server: Server):
    upload = server.create(1 << 20)
    server.patch(upload, 0, bytes(1 << 20), upload_checksum=checksum(b"")).expect(460)
    assert server.offset(upload) == 0


@checked.must
def PATCH_with_an_unknown_algorithm_is_refused_and_changes_nothing(server: Server):
    upload = server.create(5)
    server.patch(upload, 0, b"hello", upload_checksum="fnv1 " + checksum(b"hello").split()[1]).expect(400)
    assert server.offset(upload) == 0


@checked.each(
    MUST,
    algorithm_alone="sha1",
    not_base64="sha1 !!!!",
    too_short="sha1 aGVsbG8=",
    empty="",
    value_alone="qvTGHdzF6KLavt4PO0gs2a6pQ00=",
    in_hexadecimal="sha1 aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d",
)
def PATCH_with_what_is_no_checksum_is_refused_and_changes_nothing(server: Server, given: str):
    upload = server.create(5)
    server.patch(upload, 0, b"hello", upload_checksum=given).expect(400, 460)
    assert server.offset(upload) == 0


@checked.must
def PATCH_with_a_checksum_that_breaks_off_counts_nothing(server: Server):
    upload = server.create(5)
    server.cut(upload, 5, b"hel", upload_checksum=checksum(b"hello"))
    server.patch(upload, 0, b"hello", upload_checksum=checksum(b"hello")).expect(204, upload_offset=5)


@checked.must
def POST_with_bytes_and_a_wrong_checksum_counts_none_of_them(server: Server):
    given = {"upload_length": 5, "content_type": APPEND, "upload_checksum": checksum(b"jello")}
    answer = server.send("POST", content=b"hello", **given).expect(201, 460)
    if "location" in answer.headers:
        assert server.offset(server.located(answer)) == 0


@checked.must
def POST_with_bytes_and_the_right_checksum_counts_them(server: Server):
    given = {"upload_length": 5, "content_type": APPEND, "upload_checksum": checksum(b"hello")}
    server.send("POST", content=b"hello", **given).expect(201, upload_offset=5)


@trailer.each(MUST, right=(b"hello", b"204", 5), wrong=(b"jello", b"460", 0))
def PATCH_may_bring_its_checksum_behind_the_bytes(server: Server, row: tuple[bytes, bytes, int]):
    checked_content, status, offset = row
    upload = server.create(5)
    chunked = {"transfer_encoding": "chunked", "trailer": "Upload-Checksum", "content_type": APPEND, "upload_offset": 0}
    with server.connection(upload, "PATCH", **chunked) as connection:
        connection.sendall(b"5\r\nhello\r\n0\r\nUpload-Checksum: %s\r\n\r\n" % checksum(checked_content).encode())
        answer = received(connection)
    assert answer.split(b" ")[1] == status, answer
    assert server.offset(upload) == offset
