"""Office documents: exact metadata of each format, made by hand."""

import io

import pytest

from shared.metadata import OfficeMetadata
from tests.unit import documents
from workers.cage.cage import Cage
from workers.examine.describe import office
from workers.examine.examination import Claim, Examine
from workers.examine.examine import examine

CORE = (
    "<dc:title>The Title</dc:title><dc:creator>A. Writer</dc:creator><dc:language>en-GB</dc:language>"
    "<c:created>2024-05-01T10:00:00+02:00</c:created><c:modified>2024-05-02T00:00:00Z</c:modified>"
)
APP = "<Application>By Hand</Application><Pages>3</Pages><Words>120</Words><Slides>77</Slides>"
TOLD = {
    "title": "The Title",
    "author": "A. Writer",
    "language": "en-GB",
    "application": "By Hand",
    "created": "2024-05-01T08:00:00Z",
    "modified": "2024-05-02T00:00:00Z",
    "pages": 3,
    "words": 120,
}
PLAIN = {"encrypted": False, "macros": False, "external_references": 0, "embedded_objects": 0}
WORKBOOK = (
    '<workbook xmlns="urn:x"><sheets><sheet name="One"/><sheet name="Two" state="hidden"/>'
    '<sheet name="Three" state="veryHidden"/></sheets></workbook>'
)
SLIDES = (
    '<p:presentation xmlns:p="urn:p"><p:sldIdLst><p:sldId/><p:sldId/></p:sldIdLst><p:extLst><p:ext><p:sldIdLst>'
    "<p:sldId/></p:sldIdLst></p:ext></p:extLst></p:presentation>"
)
ENCRYPTED = "the document is encrypted, so nothing in it could be read"


def described(content, filename=None):
    found = examine(io.BytesIO(content), Claim(filename=filename))
    assert found.reason is None, found.detail
    assert found.kind == "office"
    return found


def test_a_docx_tells_what_its_notes_say():
    found = described(documents.docx(core=CORE, app=APP), "a.docx")
    assert found.metadata == OfficeMetadata(format="docx", **TOLD, **PLAIN)
    assert found.warnings == ()


def test_a_docx_without_notes_lacks_nothing():
    found = described(documents.docx(), "a.docx")
    assert found.metadata == OfficeMetadata(format="docx", **PLAIN)
    assert found.warnings == ()


def test_what_the_notes_say_badly_is_absent_with_a_warning():
    core = "<c:created>yesterday</c:created><c:modified>2024-13-01T00:00:00Z</c:modified>"
    found = described(documents.docx(core=core, app="<Pages>-3</Pages><Words>many</Words>"))
    assert found.metadata == OfficeMetadata(format="docx", **PLAIN)
    broken = ("created", "modified", "pages", "words")
    assert found.warnings == tuple(f"{name} could not be read" for name in broken)


def test_a_docm_says_that_it_has_macros():
    metadata = described(documents.docx({"word/vbaProject.bin": b"x"}, format_="docm")).metadata
    assert (metadata.format, metadata.macros) == ("docm", True)


def test_macros_under_a_plain_name_are_found_by_their_relationship():
    links = documents.relationships(("vbaProject", "data.bin", "Internal"))
    metadata = described(documents.docx({"word/_rels/document.xml.rels": links, "word/data.bin": b"x"})).metadata
    assert (metadata.format, metadata.macros) == ("docx", True)


def test_a_remote_template_is_counted_and_a_hyperlink_is_not():
    links = documents.relationships(
        ("attachedTemplate", "https://templates.example/t.dotm", "External"),
        ("hyperlink", "https://example.org/", "External"),
        ("image", "media/a.png", "Internal"),
    )
    assert described(documents.docx({"word/_rels/settings.xml.rels": links})).metadata.external_references == 1


def test_embedded_objects_are_counted():
    parts = {"word/embeddings/one.bin": b"1", "word/embeddings/two.xlsx": b"2"}
    assert described(documents.docx(parts)).metadata.embedded_objects == 2


def test_an_xlsx_names_its_sheets_and_counts_the_hidden_ones():
    found = described(documents.ooxml("xlsx", WORKBOOK), "a.xlsx")
    names = ("One", "Two", "Three")
    assert found.metadata == OfficeMetadata(format="xlsx", sheets=3, hidden_sheets=2, sheet_names=names, **PLAIN)
    assert found.warnings == ()


def test_no_more_than_16_short_names_of_sheets_are_told():
    sheets = "".join(f'<sheet name="{number}{"x" * 200}"/>' for number in range(1000))
    metadata = described(documents.ooxml("xlsx", f"<workbook><sheets>{sheets}</sheets></workbook>")).metadata
    assert (metadata.sheets, len(metadata.sheet_names), len(metadata.sheet_names[0])) == (1000, 16, 128)


@pytest.mark.parametrize("format_", ["pptx", "ppsm"])
def test_slides_are_counted_and_not_taken_from_the_notes(format_):
    found = described(documents.ooxml(format_, SLIDES, app=APP))
    assert (found.metadata.format, found.metadata.slides, found.metadata.pages) == (format_, 2, 3)
    assert found.warnings == ()


def test_xml_in_utf_16_is_read():
    workbook = '<?xml version="1.0" encoding="UTF-16"?>' + WORKBOOK.replace("One", "Größe")
    metadata = described(documents.ooxml("xlsx", workbook.encode("utf-16"))).metadata
    assert metadata.sheet_names[0] == "Größe"


META = (
    "<dc:title>The Title</dc:title><m:initial-creator>A. Writer</m:initial-creator><dc:creator>B. Editor</dc:creator>"
    "<dc:language>en-GB</dc:language><m:generator>By Hand</m:generator>"
    "<m:creation-date>2024-05-01T10:00:00.123456789</m:creation-date><dc:date>2024-05-02T00:00:00Z</dc:date>"
    '<m:document-statistic m:page-count="3" m:word-count="120"/>'
)


def test_an_odt_tells_what_its_notes_say_and_invents_no_time_zone():
    found = described(documents.opendocument("text", "<o:body/>", meta=META), "a.odt")
    assert found.metadata == OfficeMetadata(format="odt", **TOLD | {"created": "2024-05-01T10:00:00"}, **PLAIN)
    assert found.warnings == ()


def test_an_ods_counts_its_sheets_but_no_tables_within_them():
    content = (
        '<s:style s:name="h"><s:table-properties t:display="false"/></s:style><o:body><o:spreadsheet>'
        '<t:table t:name="One"><t:table t:name="within"/></t:table><t:table t:name="Two" t:style-name="h"/>'
        "</o:spreadsheet></o:body>"
    )
    found = described(documents.opendocument("spreadsheet", content), "a.ods")
    assert found.metadata == OfficeMetadata(
        format="ods", sheets=2, hidden_sheets=1, sheet_names=("One", "Two"), **PLAIN
    )
    assert found.warnings == ()


def test_an_odp_counts_slides_objects_and_what_stands_outside():
    content = (
        '<o:body><o:presentation><d:page/><d:page><d:image x:href="https://example.org/a.png"/>'
        '<d:object x:href="./Object 1"/><t:a x:href="https://example.org/"/></d:page></o:presentation></o:body>'
    )
    found = described(documents.opendocument("presentation", content), "a.odp")
    told = PLAIN | {"external_references": 1, "embedded_objects": 1}
    assert found.metadata == OfficeMetadata(format="odp", slides=2, **told)


def test_an_odg_has_pages():
    found = described(documents.opendocument("graphics", "<o:body><o:drawing><d:page/></o:drawing></o:body>"))
    assert found.metadata == OfficeMetadata(format="odg", pages=1, **PLAIN)


@pytest.mark.parametrize(("file", "macros"), [("Module1.xml", True), ("script-lb.xml", False)])
def test_programs_in_opendocument_are_told_from_lists_of_none(file, macros):
    content = documents.opendocument("text", "<o:body/>", {f"Basic/Standard/{file}": "<a/>"})
    assert described(content).metadata.macros is macros


def test_an_encrypted_opendocument_tells_little_but_that():
    manifest = '<m:manifest xmlns:m="urn:m"><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>'
    found = described(documents.opendocument("text", "", {"META-INF/manifest.xml": manifest}, meta=META))
    assert found.metadata == OfficeMetadata(format="odt", encrypted=True, macros=False)
    assert found.warnings == (ENCRYPTED,)


BOOK = (
    "<dc:title>The Title</dc:title><dc:creator>A. Writer</dc:creator><dc:creator>B. Editor</dc:creator>"
    "<dc:language>en</dc:language><meta property='dcterms:modified'>2024-05-02T00:00:00Z</meta>"
)


def test_an_epub_tells_title_creator_and_language():
    found = described(documents.epub(BOOK, '<item href="https://example.org/a.mp3"/>'), "a.epub")
    assert found.metadata == OfficeMetadata(
        format="epub",
        encrypted=False,
        title="The Title",
        author="A. Writer",
        language="en",
        modified="2024-05-02T00:00:00Z",
        external_references=1,
    )
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("algorithm", "encrypted"), [("http://www.idpf.org/2008/embedding", False), ("urn:example:lock", True)]
)
def test_an_epub_whose_fonts_alone_are_mixed_up_is_not_encrypted(algorithm, encrypted):
    part = f'<encryption><EncryptionMethod Algorithm="{algorithm}"/></encryption>'
    assert described(documents.epub(BOOK, parts={"META-INF/encryption.xml": part})).metadata.encrypted is encrypted


async def test_every_format_is_described_in_the_cage(tmp_path):
    contents = {
        "docx": documents.docx(core=CORE, app=APP),
        "xlsx": documents.ooxml("xlsx", WORKBOOK),
        "pptx": documents.ooxml("pptx", SLIDES),
        "odt": documents.opendocument("text", "<o:body/>", meta=META),
        "epub": documents.epub(BOOK),
        "doc": documents.compound({"WordDocument": b"", "\x05SummaryInformation": documents.properties({2: "Title"})}),
    }
    async with Cage() as cage:
        for format_, content in contents.items():
            path = tmp_path / "file"
            path.write_bytes(content)
            found = await cage.examine(path, Examine(claim=Claim(filename=f"a.{format_}")))
            assert found.metadata == office.describe(io.BytesIO(content), found.media_type).metadata
            assert found.metadata.format == format_
