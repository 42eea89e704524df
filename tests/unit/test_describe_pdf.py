"""PDF: exact metadata, and what hostile ones come to, in the real cage."""

import io
import zlib

import pytest

from shared.ingest import Reason
from shared.metadata import PdfMetadata
from tests.unit import pdfs
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits
from workers.examine.describe import pdf
from workers.examine.describe._pdf_scripts import names_script
from workers.examine.examination import Claim, Examine
from workers.examine.examine import examine

A4 = {"page_width": 595, "page_height": 842, "version": "1.7", "encrypted": False, "tagged": False}
EMPTY = {"signatures": 0, "attachments": 0, "javascript": False, "forms": "none"}


def described(content):
    found = examine(io.BytesIO(content), Claim(declared_type="application/pdf", filename="a.pdf"))
    assert found.reason is None, found.detail
    assert (found.media_type, found.kind) == ("application/pdf", "pdf")
    return found


def test_a_pdf_with_text_and_a_title():
    info = b"/Title(The Title)/Author(A. Writer)/Producer(by hand)"
    found = described(pdfs.pages(3, "words", info=info))
    assert found.metadata == PdfMetadata(
        pages=3, has_text=True, title="The Title", author="A. Writer", producer="by hand", **A4, **EMPTY
    )
    assert found.warnings == ()


def test_a_scan_has_no_text():
    assert described(pdfs.pages(1)).metadata == PdfMetadata(pages=1, has_text=False, **A4, **EMPTY)


def test_a_signed_pdf_says_so():
    form = b"/AcroForm<</SigFlags 3/Fields[<</FT/Sig/T(s)/V<</Type/Sig/Filter/Adobe.PPKLite>>>>]>>"
    assert described(pdfs.pages(1, catalog=form)).metadata.signatures == 1


def test_a_pdf_behind_a_password_tells_nothing_but_that():
    found = described(pdfs.encrypted())
    assert found.metadata == PdfMetadata(encrypted=True)
    assert found.warnings == ("the PDF needs a password, so nothing in it could be read",)


def test_control_characters_are_taken_out_of_a_title():
    title = "a\u202eb\x07c".encode("utf-16-be").hex().encode()
    assert described(pdfs.pages(1, info=b"/Title<feff%s>" % title)).metadata.title == "abc"


@pytest.mark.parametrize("size", [20, 300, 0.5])
def test_a_cut_pdf_without_pages_is_unreadable(size):
    content = pdfs.pages(1, "words")
    cut = content[: size if size > 1 else int(len(content) * size)]
    found = examine(io.BytesIO(cut), Claim())
    assert found.reason is Reason.UNREADABLE
    assert found.metadata is None


def loop_of_pages():
    node = b"<</Type/Pages/Parent 2 0 R/Count 1000000/Kids[2 0 R]>>"
    return pdfs.pdf([b"<</Type/Catalog/Pages 2 0 R>>", node])


def loop_of_tables():
    return pdfs.pages(1, "words", b"/Prev 9")


def loop_of_forms():
    form = pdfs.stream(b"/X Do", b"/Type/XObject/Subtype/Form/Resources<</XObject<</X 4 0 R>>>>")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>/Contents 5 0 R>>"
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, form]
    return pdfs.pdf([*objects, pdfs.stream(b"/X Do")])


def bomb():
    packed = zlib.compress(zlib.compress(bytes(1 << 28), 9), 9)
    content = pdfs.stream(packed, b"/Filter[/FlateDecode/FlateDecode]")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>"
    return pdfs.pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, content])


def million_pages():
    return pdfs.pages(1).replace(b"/Count 1/", b"/Count 1000000/")


@pytest.fixture(scope="module")
def limits():
    return CageLimits(memory_bytes=512 << 20, cpu_seconds=10, wall_seconds=15)


@pytest.mark.parametrize("make", [loop_of_pages, loop_of_tables, loop_of_forms, bomb, million_pages])
async def test_a_hostile_pdf_gets_a_verdict_within_its_limits_and_the_next_file_too(make, limits, tmp_path):
    hostile, harmless = tmp_path / "hostile.pdf", tmp_path / "harmless.pdf"
    hostile.write_bytes(make())
    harmless.write_bytes(pdfs.pages(2, "words"))
    async with Cage(limits) as cage:
        found = await cage.examine(hostile, Examine())
        after = await cage.examine(harmless, Examine())
    assert found.reason in {None, Reason.UNREADABLE, Reason.PARSER_TIMEOUT, Reason.PARSER_MEMORY, Reason.PARSER_CRASHED}
    assert (found.metadata is None) == (found.reason is not None)
    assert after.metadata.pages == 2


async def test_a_page_that_ends_the_process_costs_nothing_but_what_would_be_told_of_it(tmp_path):
    (tmp_path / "file").write_bytes(bomb())
    async with Cage(CageLimits(memory_bytes=128 << 20)) as cage:
        found = await cage.examine(tmp_path / "file", Examine())
    size = {"page_width": 9, "page_height": 9}
    assert found.metadata == PdfMetadata(pages=1, has_text=None, **A4 | size, **EMPTY)
    assert found.warnings[0] == "has_text could not be read"
    assert found.warnings[1].startswith("a closer look at it was ended: parser_")
    assert (found.media_type, found.reason) == ("application/pdf", None)


def test_text_is_looked_for_on_the_first_pages_alone(monkeypatch):
    monkeypatch.setattr(pdf, "TEXT_PAGES", 0)
    assert described(pdfs.pages(2, "words")).metadata.has_text is False


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (b"D:20240501100000+02'30'", "2024-05-01T07:30:00Z"),
        (b"D:20240501100000-05", "2024-05-01T15:00:00Z"),
        (b"D:20240501100000Z", "2024-05-01T10:00:00Z"),
        (b"20240501100000Z00'00'", "2024-05-01T10:00:00Z"),
        (b"D:20240501100000", "2024-05-01T10:00:00"),
        (b"D:202405", "2024-05-01T00:00:00"),
    ],
)
def test_dates_are_told_in_utc_where_the_document_tells_the_zone(written, told):
    found = described(pdfs.pages(1, info=b"/CreationDate(%s)/ModDate(%s)" % (written, written)))
    assert (found.metadata.created, found.metadata.modified, found.warnings) == (told, told, ())


@pytest.mark.parametrize(
    "written", [b"yesterday", b"D:20241301", b"D:2024050110000099", b"D:00000101", b"D:99991231Z-99"]
)
def test_a_malformed_date_is_absent_with_a_warning(written):
    found = described(pdfs.pages(1, info=b"/CreationDate(%s)" % written))
    assert (found.metadata.created, found.warnings) == (None, ("created could not be read",))


def test_scripts_of_the_document_are_told():
    names = b"/Names<</JavaScript<</Names[(a)<</S/JavaScript/JS(app.alert)>>]>>>>"
    assert described(pdfs.pages(1, catalog=names)).metadata.javascript is True


@pytest.mark.parametrize(
    ("form", "forms"),
    [(b"/AcroForm<</Fields[<</FT/Tx/T(a)>>]>>", "acroform"), (b"/AcroForm<</XFA(a)/Fields[]>>", "xfa")],
)
def test_the_kind_of_forms_is_told(form, forms):
    assert described(pdfs.pages(1, catalog=form)).metadata.forms == forms


@pytest.mark.parametrize("claimed", [2, 1_000_000])
def test_pages_that_are_claimed_and_missing_leave_the_rest_told(claimed):
    found = described(pdfs.pages(1).replace(b"/Count 1/", b"/Count %d/" % claimed))
    assert found.metadata == PdfMetadata(pages=None, has_text=None, **A4, **EMPTY)
    assert found.warnings == ("pages could not be read", "has_text could not be read")


def test_text_on_a_page_before_a_missing_one_is_found():
    found = described(pdfs.pages(1, "words").replace(b"/Count 1/", b"/Count 2/"))
    assert (found.metadata.pages, found.metadata.has_text) == (None, True)


@pytest.mark.parametrize(
    ("catalog", "told"),
    [
        (b"/OpenAction<</S/JavaScript/JS(app.alert)>>", True),
        (b"/AA<</O<</S/JavaScript/JS 9 0 R>>>>", True),
        (b"/OpenAction<</S/Java#53cript/J#53(app.alert)>>", None),
        (b"/Metadata 9 0 R/X/ObjStm", None),
        (b"/JSX/JavaScripts", False),
    ],
)
def test_a_script_that_no_list_of_the_document_names_is_seen_or_said_to_be_possibly_hidden(catalog, told):
    assert described(pdfs.pages(1, catalog=catalog)).metadata.javascript is told


def test_a_script_across_two_parts_of_the_file_is_seen():
    file = io.BytesIO(bytes(1024 * 1024 - 3) + b"/JavaScript")
    assert names_script(file) is True
