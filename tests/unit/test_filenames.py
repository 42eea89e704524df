"""Names from senders, made safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import BadFilename
from shared.filenames import MAX_BYTES, extension, safe_filename


@pytest.mark.parametrize(
    ("sent", "safe"),
    [
        ("clip.mp4", "clip.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\clip.mp4", "clip.mp4"),
        ("a\x00b\r\nc.txt", "abc.txt"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("zero\u200bwidth.txt", "zerowidth.txt"),
        ("CON.txt", "_CON.txt"),
        ("nul", "_nul"),
        ("  .hidden. ", "hidden"),
        ('q"u<o>t:e|d?*.txt', "q_u_o_t_e_d__.txt"),
        ("e\u0301te\u0301.txt", "\u00e9t\u00e9.txt"),
        ("日本語.txt", "日本語.txt"),
    ],
)
def test_a_name_is_made_safe(sent, safe):
    assert safe_filename(sent) == safe


@pytest.mark.parametrize("sent", ["", "...", "///", "\x00\x01", "..", "?*", "x" * 1025])
def test_a_name_without_anything_usable_is_refused(sent):
    with pytest.raises(BadFilename):
        safe_filename(sent)


def test_a_long_name_is_cut_at_a_character_and_keeps_its_extension():
    safe = safe_filename("é" * 400 + ".mp4")
    assert safe.endswith(".mp4")
    assert len(safe.encode()) <= MAX_BYTES


@given(st.text(max_size=300))
def test_whatever_is_sent_the_safe_name_is_one_plain_name_or_is_refused(sent):
    try:
        safe = safe_filename(sent)
    except BadFilename:
        return
    assert 0 < len(safe.encode()) <= MAX_BYTES
    assert not set(safe) & set('/\\\x00<>:"|?*')
    assert safe not in {".", ".."}
    assert safe.isprintable() or " " in safe or not safe.isascii()
    assert safe_filename(safe) == safe


def test_an_extension_is_lower_case_without_its_dot():
    assert (extension("A.B.MP4"), extension("none"), extension(".hidden")) == ("mp4", "", "")
