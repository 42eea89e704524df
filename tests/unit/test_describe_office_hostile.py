"""Hostile office documents: each comes to a verdict, and nothing in them is expanded, fetched or believed."""

import contextlib
import io
import struct
from zipfile import ZIP_BZIP2, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.ingest import Reason
from tests.unit import documents
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits
from workers.examine.describe import Refused, _ooxml, _package, _xml, office
from workers.examine.examination import Examine


def refusal(content):
    with pytest.raises(Refused) as refused:
        office.describe(io.BytesIO(content), "")
    return refused.value.reason


def with_core(xml):
    return documents.docx({"docProps/core.xml": xml})


def bomb():
    return with_core(b"<a>" + b" " * (_package.MAX_BYTES + 1) + b"</a>")


def deep():
    return with_core(b"<a>" * 100_000 + b"</a>" * 100_000)


LAUGHS = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;</a>'
EXTERNAL = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'


def test_a_part_that_unpacks_to_more_than_the_budget_is_a_bomb():
    assert refusal(bomb()) is Reason.ARCHIVE_BOMB


def test_an_honest_long_part_is_left_unread_with_a_warning(monkeypatch):
    monkeypatch.setattr(_package, "MAX_BYTES", 2000)
    noise = "".join(f"<n{number * 7919 % 10_007}/>" for number in range(1000))
    found = office.describe(io.BytesIO(documents.ooxml("xlsx", f"<workbook>{noise}</workbook>")), "")
    assert found.metadata.sheets is None
    assert found.warnings == (
        "the document was read for 2000 unpacked bytes alone",
        "sheets could not be read",
        "hidden_sheets could not be read",
    )


@pytest.mark.parametrize("xml", [LAUGHS, EXTERNAL, "<a><b></a>", "<a", "", "<a>&undeclared;</a>", "<a>\0</a>"])
def test_xml_with_entities_or_faults_is_unreadable(xml):
    assert refusal(with_core(xml)) is Reason.UNREADABLE


def test_a_doctype_that_declares_nothing_does_no_harm():
    xml = '<!DOCTYPE a SYSTEM "https://example.org/a.dtd"><a><title>The Title</title></a>'
    assert office.describe(io.BytesIO(with_core(xml)), "").metadata.title == "The Title"


def test_xml_in_a_codec_that_nobody_has_is_read_as_utf_8():
    xml = '<?xml version="1.0" encoding="no-such-codec"?><a><title>Größe</title></a>'
    assert office.describe(io.BytesIO(with_core(xml)), "").metadata.title == "Größe"


def test_xml_is_nested_to_a_bound():
    assert refusal(deep()) is Reason.UNREADABLE


def test_of_a_long_text_a_bound_is_kept():
    found = _xml.texts([b"<a><title>" + b"<![CDATA[x]]>" * 100_000 + b"</title></a>"], "title")
    assert len(found["title"]) == _xml.MAX_CHARACTERS


def test_relationships_beyond_the_bound_leave_the_counts_out(monkeypatch):
    monkeypatch.setattr(_ooxml, "MAX_RELATIONSHIP_PARTS", 1)
    links = documents.relationships(("attachedTemplate", "https://example.org/", "External"))
    found = office.describe(io.BytesIO(documents.docx({"word/_rels/document.xml.rels": links})), "")
    assert (found.metadata.macros, found.metadata.external_references) == (None, None)
    assert found.warnings == ("macros could not be read", "external_references could not be read")


def central(content, offset, value):
    """Change what the central directory says of its last entry."""
    place = content.rfind(b"PK\x01\x02") + offset
    return content[:place] + value + content[place + len(value) :]


def packed_with_bzip2():
    target = io.BytesIO()
    with ZipFile(target, "w", ZIP_BZIP2) as out:
        out.writestr("[Content_Types].xml", "<Types/>")
        out.writestr("_rels/.rels", "<Relationships/>")
    return target.getvalue()


def long_directory():
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, _package.MAX_DIRECTORY_BYTES + 1, 0, 0)
    return b"PK\x03\x04" + bytes(_package.MAX_DIRECTORY_BYTES) + end


def test_a_directory_of_a_million_entries_is_not_read():
    assert refusal(long_directory()) is Reason.ARCHIVE_BOMB


# The last part is app.xml, and the directory tells its size.
NOTED = documents.docx(app="<Pages>1</Pages>")


def test_a_size_that_is_too_small_is_found_out():
    assert refusal(central(NOTED, 24, struct.pack("<I", 1))) is Reason.UNREADABLE


def test_parts_that_say_to_unpack_to_gigabytes_are_a_bomb():
    assert refusal(central(NOTED, 24, struct.pack("<I", 0xFFFFFFF0))) is Reason.ARCHIVE_BOMB


@pytest.mark.parametrize("name", ["../../owned", "word/../../owned", "..\\owned"])
def test_a_part_that_leads_outside_is_refused(name):
    assert refusal(documents.docx({name: b"x"})) is Reason.ARCHIVE_UNSAFE


@pytest.mark.parametrize(
    "content",
    [
        packed_with_bzip2(),
        central(documents.docx(), 8, b"\x01\x00"),
        documents.docx()[:-30],
        documents.docx()[:200],
        documents.package({"[Content_Types].xml": "<Types/>"}),
        documents.package({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<a/>"}),
        documents.docx({"[Content_Types].xml": "<Types/>"}),
        documents.package({"mimetype": "application/vnd.oasis.opendocument.poem"}),
        documents.package({"mimetype": "application/epub+zip"}),
        documents.package({"a": "b"}),
        documents.compound({"WordDocument": b""})[:400],
        documents.compound({"WordDocument": b""})[:600],
        b"PK",
        b"",
    ],
)
def test_what_breaks_its_format_is_unreadable(content):
    assert refusal(content) is Reason.UNREADABLE


def changed(content, place, form, value):
    return content[:place] + struct.pack(form, value) + content[place + struct.calcsize(form) :]


COMPOUND = documents.compound({"WordDocument": bytes(5000), "\x05SummaryInformation": documents.properties({2: "x"})})
SECTORS_OF_64_KIB, TABLES, SHORT_TABLES = (30, "<H", 16), (44, "<I", 0xFFFFFF), (64, "<I", 0xFFFFFF)


@pytest.mark.parametrize("change", [SECTORS_OF_64_KIB, TABLES, SHORT_TABLES])
def test_a_compound_file_whose_header_lies_is_unreadable(change):
    assert refusal(changed(COMPOUND, *change)) is Reason.UNREADABLE


def test_a_compound_file_with_an_endless_list_of_streams_is_unreadable():
    streams = {f"s{number}": b"" for number in range(1100)}
    assert refusal(documents.compound(streams)) is Reason.UNREADABLE


def test_a_chain_of_sectors_in_a_circle_ends():
    content = documents.compound({"Workbook": struct.pack("<HH", 0x809, 0) * 2000})
    # Sector 0 is the table itself, 1 the directory; the workbook goes on from 2 to 3.
    assert struct.unpack_from("<4I", content, 512) == (0xFFFFFFFD, 0xFFFFFFFE, 3, 4)
    circle = changed(content, 512 + 4 * 2, "<I", 2)
    assert office.describe(io.BytesIO(circle), "").metadata.sheets == 0


def test_a_vector_of_four_thousand_million_properties_is_not_read():
    endless = documents.properties({2: b""}).replace(struct.pack("<I", 0x40), struct.pack("<II", 0x1000, 0xFFFFFFFF))
    content = documents.compound({"WordDocument": b"", "\x05SummaryInformation": endless})
    assert office.describe(io.BytesIO(content), "").metadata.title is None


SOUND = (
    documents.docx(core="<dc:title>t</dc:title>"),
    documents.opendocument("text", "<o:body/>"),
    documents.epub("<dc:title>t</dc:title>"),
    COMPOUND,
)


CHANGES = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8)))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SOUND), CHANGES)
def test_changed_bytes_end_in_metadata_or_a_refusal(content, changes):
    for where, value in changes:
        place = int(where * len(content))
        content = content[:place] + value + content[place + len(value) :]
    with contextlib.suppress(Refused):
        assert office.describe(io.BytesIO(content), "").metadata.kind == "office"


@pytest.mark.parametrize(
    ("make", "reason"),
    [(bomb, Reason.ARCHIVE_BOMB), (deep, Reason.UNREADABLE), (lambda: with_core(LAUGHS), Reason.UNREADABLE)],
)
async def test_in_the_cage_a_hostile_document_has_the_same_verdict_within_256_mib(make, reason, tmp_path):
    path = tmp_path / "hostile.docx"
    path.write_bytes(make())
    async with Cage(CageLimits(memory_bytes=256 << 20)) as cage:
        found = await cage.examine(path, Examine())
    assert (found.reason, found.metadata) == (reason, None)
