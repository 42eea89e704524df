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


def test_text_is_looked_for_on_the_first_pages_alone(monkeypatch):
    monkeypatch.setattr(pdf, "TEXT_PAGES", 0)
    assert described(pdfs.pages(2, "words")).metadata.has_text is False
