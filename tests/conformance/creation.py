"""tus 1.0.0, "Creation"."""

from tests.conformance.case import MUST, SHOULD, Section
from tests.conformance.server import ANY, Server, metadata

post = Section("creation", "Creation, Requests, POST")
described = Section("creation", "Creation, Headers, Upload-Metadata")


@post.must
def POST_is_answered_by_201_and_a_location(server: Server):
    server.send("POST", upload_length=5).expect(201, location=ANY)


@post.must
def POST_names_an_upload_that_is_there(server: Server):
    server.head(server.create(5)).expect(200, 204, upload_offset=0, upload_length=5)


@post.may
def POST_names_an_absolute_URL(server: Server):
    location = server.send("POST", upload_length=5).expect(201).headers["location"]
    assert location.startswith(("http://", "https://")), location


@post.must
def POST_twice_creates_two(server: Server):
    assert server.create(5) != server.create(5)


@post.must
def POST_needs_no_body_and_no_content_type(server: Server):
    server.send("POST", upload_length=5, content_type=None).expect(201)


@post.must
def POST_of_an_empty_upload_is_complete_at_once(server: Server):
    server.head(server.create(0)).expect(200, 204, upload_offset=0, upload_length=0)


@post.must
def POST_of_the_largest_number_of_bytes_is_answered(server: Server):
    server.send("POST", upload_length=2**63 - 1).expect(201, 400, 413, 507)


@post.must
def POST_of_more_than_the_largest_size_is_refused(server: Server):
    most = int(server.options().expect(200, 204, tus_max_size=ANY).headers["tus-max-size"])
    server.send("POST", upload_length=most + 1).expect(413, location=None)


@post.must
def POST_without_a_length_is_refused(server: Server):
    server.send("POST").expect(400, location=None)


@post.each(MUST, empty="", negative="-1", word="five", fraction="5.5", hexadecimal="0x5", exponent="5e0")
def POST_with_what_is_no_length_is_refused(server: Server, length: str):
    server.send("POST", upload_length=length).expect(400, location=None)


@post.should
def POST_of_a_length_that_no_machine_number_holds_is_refused(server: Server):
    server.send("POST", upload_length=2**80).expect(400, 413, location=None)


@post.should
def POST_to_an_upload_is_no_creation(server: Server):
    server.send("POST", server.create(5), upload_length=5).expect(400, 403, 404, 405, location=None)


@described.each(
    MUST,
    one=metadata(filename=b"a.txt"),
    several=metadata(filename=b"a.txt", filetype=b"text/plain", caption=b"a b, c"),
    without_a_value="is_confidential",
    with_and_without=metadata(filename=b"a.txt") + ",is_confidential",
    with_an_empty_value="caption ,filename YS50eHQ=",
    not_latin=metadata(filename="Überblick 文件.txt".encode()),
    not_text=metadata(filename=b"a.txt", thumbnail=bytes(range(256))),
    long=metadata(filename=b"a.txt", caption=b"x" * 3000),
)
def HEAD_gives_the_metadata_back_as_they_came(server: Server, given: str):
    server.head(server.create(5, upload_metadata=given)).expect(200, 204, upload_metadata=given)


@described.must
def HEAD_of_a_complete_upload_gives_the_metadata_back(server: Server):
    upload = server.create(5, upload_metadata=metadata(filename=b"a.txt"))
    server.patch(upload, 0, b"hello").expect(204)
    server.head(upload).expect(200, 204, upload_metadata=metadata(filename=b"a.txt"))


@described.must
def HEAD_without_metadata_has_no_header_for_them(server: Server):
    server.head(server.create(5)).expect(200, 204, upload_metadata=None)


@described.each(
    SHOULD,
    not_base64="filename a.txt!",
    three_words="filename YQ== YQ==",
    twice=metadata(filename=b"a") + "," + metadata(filename=b"b"),
    nothing_between_commas="filename YQ==,,caption YQ==",
)
def POST_with_what_are_no_metadata_is_refused(server: Server, given: str):
    server.send("POST", upload_length=5, upload_metadata=given).expect(400, location=None)


@described.should
def POST_with_a_line_break_in_metadata_smuggles_no_header(server: Server):
    upload = server.create(5, upload_metadata=metadata(filename=b"a\r\nSet-Cookie: b=c"))
    server.head(upload).expect(200, 204, set_cookie=None)
