"""Texts: languages, odd encodings, and what is no text at all."""

import io
import tracemalloc

import pytest

from shared.metadata import TextMetadata
from workers.cage.cage import Cage
from workers.examine.describe import describers, text
from workers.examine.describe._language import language
from workers.examine.examination import Examine

ENGLISH = "The quick brown fox jumps over the lazy dog and runs away.\n" * 20
GERMAN = "Schöne Straßen führen über große Hügel und grüne Täler zum Café am Fluß.\n" * 20
RUSSIAN = "Широкая электрификация южных губерний даст мощный толчок подъёму хозяйства, и это хорошо.\n" * 20
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。\n" * 20
CHINESE = "今天天气很好。我们一起去公园散步。孩子们在草地上玩。老师告诉我们这个城市的历史。\n" * 20
INFERRED = "encoding is inferred from a part of the text"
UNREAD = tuple(f"{name} could not be read" for name in ("encoding", "lines", "longest_line"))


@pytest.fixture(scope="module", autouse=True)
def prepared():
    text.prepare()


def described(content):
    return text.describe(io.BytesIO(content), "text/plain")


@pytest.mark.parametrize(
    ("sentence", "code"), [(ENGLISH, "en"), (GERMAN, "de"), (RUSSIAN, "ru"), (JAPANESE, "ja"), (CHINESE, "zh")]
)
def test_the_language_is_told(sentence, code):
    found = described(sentence.encode())
    assert (found.metadata.language, found.warnings) == (code, ())


@pytest.mark.parametrize(
    "content",
    ["", "Nineteen words are too few to tell.", "x" * 100_000, "x y " * 1000, "1,2,3\n" * 1000, "qzx wvk " * 500],
)
def test_a_language_that_is_not_clear_is_absent_without_a_warning(content):
    found = described(content.encode())
    assert (found.metadata.language, found.warnings) == (None, ())


def test_no_code_of_three_letters_is_told():
    sentence = "Ang mga tawo sa Bikol nagtataram nin tataramon na Bikol, asin ini sarong tataramon sa Pilipinas. " * 3
    assert language(sentence) is None


@pytest.mark.parametrize(
    ("sentence", "encoding", "name", "code"),
    [
        (ENGLISH, "utf-16-le", "utf-16-le", "en"),
        (GERMAN, "utf-16-be", "utf-16-be", "de"),
        (RUSSIAN, "utf-16-le", "utf-16-le", "ru"),
        (RUSSIAN, "koi8-r", "koi8-r", "ru"),
        (RUSSIAN, "cp1251", "cp1251", "ru"),
        (JAPANESE, "shift_jis", "cp932", "ja"),
        (CHINESE, "gb18030", "gb18030", "zh"),
        (GERMAN, "cp500", "cp037", "de"),  # the two differ in a few signs that are not in it
    ],
)
def test_an_odd_encoding_is_inferred_and_told_as_such(sentence, encoding, name, code):
    found = described(sentence.encode(encoding))
    assert (found.metadata.encoding, found.metadata.lines, found.warnings) == (name, 20, (INFERRED,))
    assert found.metadata.language in {code, None}


def test_utf_7_is_plain_ascii_to_all_but_its_readers():
    found = described(GERMAN.encode("utf-7"))
    assert (found.metadata.encoding, found.metadata.language, found.metadata.lines) == ("utf-8", None, 20)


@pytest.mark.parametrize(
    "content",
    [
        RUSSIAN.encode("koi8-r") + JAPANESE.encode("shift_jis") + GERMAN.encode(),
        b"\xff\xfe" + b"\x00\xd8" * 100,
        bytes(range(128, 256)) * 100,
    ],
)
def test_mixed_and_broken_encodings_are_absent_with_a_warning(content):
    found = described(content)
    assert found.metadata == TextMetadata()
    assert found.warnings[-3:] == UNREAD


@pytest.mark.parametrize(
    "content",
    [b"line\n" * 100_000 + b"\0line\n", bytes(5000), ENGLISH.encode("utf-32-le"), JAPANESE.encode("utf-16-le")],
)
def test_what_holds_nul_characters_is_no_text(content):
    found = described(content)
    assert found.metadata == TextMetadata()
    assert found.warnings == ("The text holds NUL characters, which no text does", *UNREAD)


class EndlessLine(io.RawIOBase):
    """A line of 1 GiB that nobody has to store."""

    size = 1 << 30
    place = 0

    def seek(self, place, whence=0):
        self.place = place
        return place

    def tell(self):
        return self.place

    def read(self, size=-1):
        piece = b"word " * (min(size, self.size - self.place) // 5 + 1)
        piece = piece[: min(size, self.size - self.place)]
        self.place += len(piece)
        return piece


def test_a_line_of_a_gibibyte_takes_no_more_memory_than_a_short_one(monkeypatch):
    monkeypatch.setattr(text, "MAX_BYTES", 64 << 20)  # tracing allocations takes its time
    tracemalloc.start()
    found = text.describe(EndlessLine(), "text/plain")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.metadata.encoding, found.metadata.lines) == ("utf-8", None)
    assert peak < 4 << 20


LAUGHS = '<!DOCTYPE a [<!ENTITY x "ha ha ha"><!ENTITY y "&x;&x;&x;&x;">]>\n<a>&y;</a>\n'


@pytest.mark.parametrize("media_type", ["text/xml", "image/svg+xml", "application/rtf", "application/postscript"])
def test_what_reads_as_text_is_measured_and_nothing_in_it_is_expanded(media_type):
    found = describers()["text"].describe(io.BytesIO(LAUGHS.encode()), media_type)
    assert found.metadata == TextMetadata(encoding="utf-8", lines=2, longest_line=63)


@pytest.mark.parametrize("sentence", [ENGLISH, JAPANESE, " ".join(f"word{number} is" for number in range(2000))])
async def test_the_language_is_told_in_the_cage_too(sentence, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(sentence)
    async with Cage() as cage:
        found = await cage.examine(path, Examine())
    assert found.reason is None
    assert found.metadata == described(sentence.encode()).metadata
