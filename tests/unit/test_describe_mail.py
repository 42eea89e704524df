"""E-mail: exact metadata, mailboxes, and what hostile messages come to."""

import contextlib
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ingest import Reason
from shared.metadata import AttachedFile, EmailMetadata
from tests.unit import messages
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits
from workers.examine.describe import Refused, _mime, mail
from workers.examine.examination import Claim, Examine

FILES = (
    AttachedFile(name="Gruß.pdf", media_type="application/pdf", size=1000),
    AttachedFile(name="b.txt", media_type="text/plain", size=18),
)
MESSAGE = EmailMetadata(
    format="rfc822",
    messages=1,
    subject="Grüße aus Köln",
    author="Änne Writer <a@example.org>",
    recipients=("b@example.org", "c@example.org"),
    date="2024-05-01T08:00:00Z",
    message_id="1@example.org",
    parts=4,
    has_html=True,
    signed=False,
    encrypted=False,
    attachments=2,
    attached_files=FILES,
)


def described(content):
    return mail.describe(io.BytesIO(content), "message/rfc822")


@pytest.mark.parametrize(("line_end", "size"), [(b"\n", 18), (b"\r\n", 20)])
def test_a_message_tells_its_fields_and_files(line_end, size):
    content = messages.message().as_bytes().replace(b"\n", line_end)
    found = described(content)
    files = (FILES[0], FILES[1].model_copy(update={"size": size}))
    assert found.metadata == MESSAGE.model_copy(update={"attached_files": files})
    assert found.warnings == ()


def test_a_mailbox_is_told_by_its_first_message_and_their_number():
    one = messages.message().as_bytes()
    mailbox = b"".join(b"From a@example.org Wed May  1 10:00:00 2024\n" + one + b"\n" for _ in range(3))
    assert described(mailbox).metadata == MESSAGE.model_copy(update={"format": "mbox", "messages": 3})


def test_a_mailbox_over_the_bound_is_not_counted(monkeypatch):
    monkeypatch.setattr(mail, "MAX_MAILBOX_BYTES", 10)
    found = described(b"From a\n" + messages.message().as_bytes())
    assert (found.metadata.messages, found.warnings) == (None, ("messages could not be read",))


@pytest.mark.parametrize("chunk", [7, 8, 9, 10, 64])
def test_messages_are_counted_across_chunks(monkeypatch, chunk):
    monkeypatch.setattr(mail, "_CHUNK_BYTES", chunk)
    mailbox = b"From a\nSubject: x\n\nbody\n\nFrom b\nSubject: y\r\n\r\nFrom c\r\n\r\nbody\nFrom here on no mark\n"
    assert described(mailbox).metadata.messages == 3


def test_a_message_without_optional_fields_lacks_nothing():
    found = described(b"Received: by example.org\n\nHello.\n")
    assert found.metadata == EmailMetadata(
        format="rfc822", messages=1, parts=1, has_html=False, signed=False, encrypted=False, attachments=0
    )
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("Date: tomorrow", "date"),
        ("Date: Wed, 01 May 99999 10:00:00 +0000", "date"),
        ("Subject: =?no-such-codec?q?x?=", "subject"),
        ("Subject: =?utf-8?b?x?=", "subject"),
        ("From: " + "(" * 4000, "author"),
        ("Message-ID: <>", "message_id"),
    ],
)
def test_a_field_that_is_malformed_is_absent_with_a_warning(header, missing):
    found = described(messages.plain(header))
    assert getattr(found.metadata, missing) is None
    assert found.warnings == (f"{missing} could not be read",)


def test_utf_8_in_a_header_is_read():
    assert described(messages.plain("Subject: Grüße")).metadata.subject == "Grüße"


def test_other_bytes_in_a_header_are_not_guessed():
    found = described("Subject: Grüße\n\n".encode("latin-1"))
    assert (found.metadata.subject, found.warnings) == (None, ("subject could not be read",))


def test_a_time_whose_place_is_unknown_is_utc():
    assert described(messages.plain("Date: Wed, 01 May 2024 10:00:00 -0000")).metadata.date == "2024-05-01T10:00:00Z"


def test_of_many_recipients_and_files_the_first_16_are_told():
    recipients = ",\n ".join(f"r{number}@example.org" for number in range(5000))
    file = '--b\nContent-Disposition: attachment; filename="f"\n\nx\n'
    header = f"To: {recipients}\nContent-Type: multipart/mixed; boundary=b"
    metadata = described(messages.plain(header, file * 50 + "--b--\n")).metadata
    assert metadata.recipients == tuple(f"r{number}@example.org" for number in range(16))
    assert (metadata.attachments, len(metadata.attached_files)) == (50, 16)


@pytest.mark.parametrize(
    ("type_", "signed", "encrypted"),
    [
        ("multipart/signed; boundary=b", True, False),
        ("multipart/encrypted; boundary=b", False, True),
        ("application/pkcs7-mime; smime-type=signed-data", True, False),
        ("application/pkcs7-mime; smime-type=enveloped-data", False, True),
        ("application/x-pkcs7-mime", False, True),
        ("text/plain", False, False),
    ],
)
def test_signatures_and_encryption_are_told(type_, signed, encrypted):
    metadata = described(messages.plain(f"Content-Type: {type_}")).metadata
    assert (metadata.signed, metadata.encrypted) == (signed, encrypted)


def test_an_attached_message_is_a_part_like_any_other():
    inner = "Content-Type: message/rfc822; name=m.eml\n\nSubject: inner\nContent-Type: text/html\n\nx\n"
    metadata = described(messages.plain("Content-Type: multipart/mixed; boundary=b", f"--b\n{inner}--b--\n")).metadata
    assert (metadata.parts, metadata.has_html, metadata.attachments) == (1, False, 1)


def test_parts_after_a_nested_multipart_belong_to_the_outer_one():
    inner = "Content-Type: multipart/mixed; boundary=in\n\n--in\n\n1\n--in\n\n2\n--in--\nepilogue\n"
    body = f"preamble\n--out\n{inner}--out\nContent-Disposition: attachment\n\nthree\n--out--\n--in\n\nnone\n"
    metadata = described(messages.plain("Content-Type: multipart/mixed; boundary=out", body)).metadata
    assert (metadata.parts, metadata.attachments, metadata.attached_files[0].size) == (3, 1, 5)


@pytest.mark.parametrize("depth", [_mime.MAX_DEPTH + 1, 10_000])
def test_a_deep_nest_is_unreadable(depth):
    with pytest.raises(Refused, match="nested deeper than 100") as refused:
        described(messages.nested(depth))
    assert refused.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize("content", [b"", b"\n\nno header\n", b"no field at all\n", b"X: y\n" * 100_000])
def test_what_has_no_header_or_an_endless_one_is_unreadable(content):
    with pytest.raises(Refused) as refused:
        described(content)
    assert refused.value.reason is Reason.UNREADABLE


@pytest.mark.parametrize(("bound", "value"), [("MAX_PARTS", 3), ("MAX_BYTES", 500)])
def test_beyond_a_bound_what_was_found_stands_and_the_rest_is_absent(monkeypatch, bound, value):
    monkeypatch.setattr(_mime, bound, value)
    found = described(messages.message().as_bytes())
    metadata = found.metadata
    assert (metadata.subject, metadata.parts, metadata.attachments) == ("Grüße aus Köln", None, None)
    assert metadata.signed is None
    assert found.warnings[0].startswith("the message is read for its first")
    assert "parts could not be read" in found.warnings


def test_a_long_line_is_no_delimiter_where_it_is_cut(monkeypatch):
    monkeypatch.setattr(_mime, "_MAX_LINE_BYTES", 10)
    header = "Content-Type: multipart/mixed; boundary=b"
    body = "--b\nContent-Disposition: attachment\n\n" + "x" * 10 + "--b\n--b--\n"
    assert described(messages.plain(header, body)).metadata.attached_files[0].size == 13


CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)))


@settings(max_examples=300, deadline=None)
@given(CHANGES)
def test_changed_bytes_end_in_metadata_or_a_refusal(changes):
    content = messages.message().as_bytes()
    for where, value in changes:
        place = int(where * len(content))
        content = content[:place] + value + content[place + len(value) :]
    with contextlib.suppress(Refused):
        assert described(content).metadata.kind == "email"


async def test_messages_are_described_in_the_cage(tmp_path):
    claim = Claim(declared_type="message/rfc822", filename="a.eml")
    path = tmp_path / "file"
    async with Cage(CageLimits(memory_bytes=128 << 20)) as cage:
        path.write_bytes(b"Received: by example.org\n" + messages.message().as_bytes())
        found = await cage.examine(path, Examine(claim=claim))
        assert (found.reason, found.metadata) == (None, MESSAGE)
        path.write_bytes(b"Received: by example.org\n" + messages.plain("Subject: =?no-such-codec?q?x?="))
        assert (await cage.examine(path, Examine(claim=claim))).warnings == ("subject could not be read",)
        path.write_bytes(messages.nested(10_000))
        found = await cage.examine(path, Examine(claim=claim))
        assert (found.reason, found.metadata) == (Reason.UNREADABLE, None)
