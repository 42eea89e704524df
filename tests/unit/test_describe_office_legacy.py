"""Word, Excel and PowerPoint before 2007, and locked documents of today: exact metadata, made by hand."""

import io
import struct

import pytest

from shared.metadata import OfficeMetadata
from tests.unit import documents
from workers.examine.describe import office
from workers.examine.examination import Claim
from workers.examine.examine import examine

ENCRYPTED = "the document is encrypted, so nothing in it could be read"


def described(content, filename=None):
    found = examine(io.BytesIO(content), Claim(filename=filename))
    assert found.reason is None, found.detail
    assert found.kind == "office"
    return found


CREATED = struct.pack("<Q", 133_590_240_000_000_000)
SUMMARY = documents.properties({2: "Grüße", 4: "A. Writer", 12: CREATED, 13: bytes(8), 14: 3, 15: 120, 18: "By Hand"})
OLD = {"title": "Grüße", "author": "A. Writer", "created": "2024-05-01T08:00:00Z", "application": "By Hand"}


def record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content


def sheet(name, state=0, type_=0):
    wide = any(ord(letter) > 255 for letter in name)
    encoded = name.encode("utf-16-le" if wide else "latin-1")
    return record(0x85, struct.pack("<I4B", 0, state, type_, len(name), wide) + encoded)


def workbook(*records):
    return record(0x809, bytes(16)) + b"".join(records) + record(0x0A, b"") + sheet("beyond the end")


def test_a_doc_with_programs_and_objects():
    streams = {
        "WordDocument": b"\xec\xa5",
        "\x05SummaryInformation": SUMMARY,
        "Macros/VBA/dir": b"1",
        "ObjectPool/_1/Ole": b"1",
        "ObjectPool/_2/Ole": b"1",
    }
    found = described(documents.compound(streams))
    assert found.metadata == OfficeMetadata(
        format="doc", encrypted=False, pages=3, words=120, macros=True, embedded_objects=2, **OLD
    )
    assert found.warnings == ()


def test_an_xls_names_its_sheets():
    content = workbook(sheet("One"), sheet("Łódź", state=1), sheet("Diagram", type_=2))
    metadata = described(documents.compound({"Workbook": content})).metadata
    assert metadata == OfficeMetadata(
        format="xls",
        encrypted=False,
        sheets=3,
        hidden_sheets=1,
        sheet_names=("One", "Łódź", "Diagram"),
        macros=False,
        embedded_objects=0,
    )


def test_a_sheet_of_macros_is_a_macro():
    content = workbook(sheet("One"), sheet("Auto", type_=1, state=2))
    metadata = described(documents.compound({"Workbook": content})).metadata
    assert (metadata.sheets, metadata.hidden_sheets, metadata.macros) == (2, 1, True)


@pytest.mark.parametrize("flag", [0, 1])
def test_a_ppt_counts_slides_and_says_whether_it_has_programs(flag):
    programs = bytes.fromhex("1f00ff0314000000 020000040c000000") + struct.pack("<III", 1, flag, 2)
    streams = {
        "PowerPoint Document": bytes(10_000) + programs,
        "Current User": struct.pack("<12xI", 0xE391C05F),
        "\x05DocumentSummaryInformation": documents.properties({7: 5}),
    }
    metadata = described(documents.compound(streams)).metadata
    assert metadata == OfficeMetadata(format="ppt", encrypted=False, slides=5, macros=bool(flag))


@pytest.mark.parametrize(
    ("streams", "format_"),
    [
        ({"EncryptedPackage": b"", "EncryptionInfo": b""}, "ooxml"),
        ({"WordDocument": struct.pack("<10xH", 0x0100)}, "doc"),
        ({"Workbook": workbook(record(0x2F, b"key"))}, "xls"),
        ({"PowerPoint Document": b"", "Current User": struct.pack("<12xI", 0xF3D1C4DF)}, "ppt"),
    ],
)
def test_a_locked_document_says_only_that(streams, format_):
    found = office.describe(io.BytesIO(documents.compound(streams)), "application/msword")
    assert found.metadata == OfficeMetadata(format=format_, encrypted=True)
    assert found.warnings == (ENCRYPTED,)


def test_a_locked_docx_may_bear_its_name():
    assert described(documents.compound({"EncryptedPackage": b""}), "a.docx").metadata.encrypted


def test_a_compound_file_of_another_program_is_told_as_that():
    metadata = described(documents.compound({"Other": b"", "\x05SummaryInformation": SUMMARY})).metadata
    assert (metadata.format, metadata.title) == ("ole", "Grüße")
