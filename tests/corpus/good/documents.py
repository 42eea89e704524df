"""Documents: PDF, Office, OpenDocument, books and mail."""

import zlib
from typing import Any

from tests.corpus.formats import office, ole
from tests.corpus.formats.documents import one_page, pdf, stream
from tests.corpus.formats.zips import STORED, Entry, archive
from tests.corpus.items import good

PAGE = {"pages": 1, "version": "1.6", "page_width": 200.0, "page_height": 100.0}
PLAIN = {
    "kind": "pdf",
    "encrypted": False,
    "signatures": 0,
    "attachments": 0,
    "tagged": False,
    "javascript": False,
    "forms": "none",
    **PAGE,
}
FONT = b"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>>>>>"
TEXT = b"BT /F 18 Tf 20 40 Td (A short report) Tj ET"


@good(
    "a PDF with text",
    "report.pdf",
    "application/pdf",
    "application/pdf",
    {**PLAIN, "has_text": True, "title": "A report", "author": "A. Writer"},
)
def text_pdf() -> bytes:
    objects = one_page(TEXT, FONT) | {5: b"<</Title(A report)/Author(A. Writer)>>"}
    return pdf(objects, b"/Info 5 0 R")


@good("a scanned PDF", "scan.pdf", "application/pdf", "application/pdf", {**PLAIN, "has_text": False})
def scan() -> bytes:
    image = stream(
        zlib.compress(bytes(range(64)) * 32),
        b"/Type/XObject/Subtype/Image/Width 64/Height 32/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode",
    )
    return pdf(one_page(b"200 0 0 100 0 0 cm /I Do", b"<</XObject<</I 5 0 R>>>>") | {5: image})


@good(
    "a PDF behind a password",
    "secret.pdf",
    "application/pdf",
    "application/pdf",
    {"kind": "pdf", "encrypted": True},
    warnings=("the PDF needs a password, so nothing in it could be read",),
)
def locked_pdf() -> bytes:
    lock = b"/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -1/O<%s>/U<%s>>>/ID[<01><01>]" % (b"0b" * 32, b"0c" * 32)
    return pdf(one_page(TEXT, FONT), lock)


@good(
    "a PDF that carries a signature",
    "contract.pdf",
    "application/pdf",
    "application/pdf",
    {**PLAIN, "has_text": True, "signatures": 1, "forms": "acroform"},
)
def signed() -> bytes:
    catalog = b"<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields[5 0 R]>>>>"
    seal = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/ByteRange[0 10 20 10]/Contents<00>>>"
    place = b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal)/Rect[0 0 0 0]/P 3 0 R/V 6 0 R>>"
    return pdf(one_page(TEXT, FONT, catalog) | {5: place, 6: seal})


def told(format_: str, title: str, author: str = "A. Writer", **more: Any) -> dict[str, Any]:
    """Return what is told of a document of an office."""
    document = {"kind": "office", "format": format_, "encrypted": False, "title": title, "macros": False}
    return {**document, "external_references": 0, "embedded_objects": 0, "author": author, **more}


WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
MACRO_TYPE = "application/vnd.ms-word.document.macroEnabled.12"


@good("a Word document", "letter.docx", WORD_TYPE, WORD_TYPE, told("docx", "A letter", pages=2, words=2))
def docx() -> bytes:
    parts = {"word/document.xml": office.word_text("Dear reader"), **office.application(Pages=2, Words=2)}
    return office.ooxml("word/document.xml", office.WORD, parts, title="A letter", creator="A. Writer")


@good("a Word document with macros", "letter.docm", MACRO_TYPE, MACRO_TYPE, told("docm", "A letter", macros=True))
def docm() -> bytes:
    macros = ole.compound({"VBA": b"Attribute VB_Name"})
    parts = {"word/document.xml": office.word_text("Dear reader"), "word/vbaProject.bin": macros}
    return office.ooxml("word/document.xml", office.WORD_WITH_MACROS, parts, title="A letter", creator="A. Writer")


@good(
    "an Excel workbook of two sheets",
    "table.xlsx",
    SHEET_TYPE,
    SHEET_TYPE,
    told("xlsx", "A table", sheets=2, hidden_sheets=0, sheet_names=["Sheet 1", "Sheet 2"]),
)
def xlsx() -> bytes:
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheets = "".join(f'<sheet name="Sheet {n}" sheetId="{n}" r:id="rId{n}"/>' for n in (1, 2))
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    book = f'{office.DECLARATION}<workbook xmlns="{namespace}" xmlns:r="{links}"><sheets>{sheets}</sheets></workbook>'
    sheet = f'{office.DECLARATION}<worksheet xmlns="{namespace}"><sheetData/></worksheet>'.encode()
    parts = {"xl/workbook.xml": book.encode(), "xl/worksheets/sheet1.xml": sheet, "xl/worksheets/sheet2.xml": sheet}
    return office.ooxml("xl/workbook.xml", office.SHEET, parts, title="A table", creator="A. Writer")


@good("PowerPoint slides", "talk.pptx", SLIDES_TYPE, SLIDES_TYPE, told("pptx", "A talk", slides=3))
def pptx() -> bytes:
    namespace = "http://schemas.openxmlformats.org/presentationml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in (1, 2, 3))
    show = (
        f'{office.DECLARATION}<p:presentation xmlns:p="{namespace}" xmlns:r="{links}">'
        f"<p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
    )
    slide = f'{office.DECLARATION}<p:sld xmlns:p="{namespace}"><p:cSld><p:spTree/></p:cSld></p:sld>'.encode()
    parts = {"ppt/presentation.xml": show.encode(), **{f"ppt/slides/slide{n}.xml": slide for n in (1, 2, 3)}}
    parts |= office.application(Slides=3)
    return office.ooxml("ppt/presentation.xml", office.SLIDES, parts, title="A talk", creator="A. Writer")


ODT, ODS, ODP = (f"application/vnd.oasis.opendocument.{name}" for name in ("text", "spreadsheet", "presentation"))


@good("an OpenDocument text", "letter.odt", ODT, ODT, told("odt", "A letter", pages=2, words=2))
def odt() -> bytes:
    statistic = '<meta:document-statistic meta:page-count="2" meta:word-count="2"/>'
    body = "<office:text><text:p>Dear reader</text:p></office:text>"
    return office.opendocument(ODT, body, "A letter", "A. Writer", statistic)


@good(
    "an OpenDocument spreadsheet of two tables",
    "table.ods",
    ODS,
    ODS,
    told("ods", "A table", sheets=2, hidden_sheets=0, sheet_names=["One", "Two"]),
)
def ods() -> bytes:
    tables = '<table:table table:name="One"/><table:table table:name="Two"/>'
    body = f"<office:spreadsheet>{tables}</office:spreadsheet>"
    return office.opendocument(ODS, body, "A table", "A. Writer", '<meta:document-statistic meta:table-count="2"/>')


@good("OpenDocument slides", "talk.odp", ODP, ODP, told("odp", "A talk", slides=3))
def odp() -> bytes:
    slides = "".join(f'<draw:page draw:name="page{n}"/>' for n in (1, 2, 3))
    return office.opendocument(ODP, f"<office:presentation>{slides}</office:presentation>", "A talk", "A. Writer")


@good(
    "a book in EPUB",
    "book.epub",
    "application/epub+zip",
    "application/epub+zip",
    {
        "kind": "office",
        "format": "epub",
        "encrypted": False,
        "title": "A book",
        "author": "A. Writer",
        "language": "en",
        "external_references": 0,
    },
)
def epub() -> bytes:
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:x</dc:identifier>'
        "<dc:title>A book</dc:title><dc:creator>A. Writer</dc:creator><dc:language>en</dc:language></metadata>"
        '<manifest><item id="one" href="one.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="one"/></spine></package>'
    )
    chapter = (
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>One</title></head><body><p>Word.</p></body></html>'
    )
    texts = {"META-INF/container.xml": container, "book.opf": package, "one.xhtml": chapter}
    first = Entry(b"mimetype", b"application/epub+zip", STORED)
    return archive([first, *(Entry(name.encode(), text.encode()) for name, text in texts.items())])


OLD = {"kind": "office", "encrypted": False, "author": "A. Writer", "macros": False, "embedded_objects": 0}


@good(
    "an old Word document",
    "letter.doc",
    "application/msword",
    "application/msword",
    OLD | {"format": "doc", "title": "A letter"},
)
def doc() -> bytes:
    text = b"\xec\xa5\xc1\x00" + bytes(508) + b"Dear reader"
    return ole.compound({"WordDocument": text, "\x05SummaryInformation": ole.summary("A letter", "A. Writer")})


@good(
    "an old Excel workbook",
    "table.xls",
    "application/vnd.ms-excel",
    "application/vnd.ms-excel",
    OLD | {"format": "xls", "title": "A table", "sheets": 1, "hidden_sheets": 0, "sheet_names": ["One"]},
)
def xls() -> bytes:
    begin, end = bytes.fromhex("0908100000060500bb0dcc07c100000006030000"), bytes.fromhex("0a000000")
    sheet = bytes.fromhex("85000b00 00000000 0000 0300") + b"One"  # [MS-XLS] 2.4.28: where it is, seen, a worksheet
    book = begin + sheet + end
    return ole.compound({"Workbook": book, "\x05SummaryInformation": ole.summary("A table", "A. Writer")})
