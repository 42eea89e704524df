"""Exact metadata of every kind, and what broken files come to."""

import io

import pytest

from shared.ingest import Reason
from shared.metadata import (
    AudioMetadata,
    OtherMetadata,
    Stream,
    TextMetadata,
    VideoMetadata,
)
from tests.unit import samples
from workers.examine.describe import Unreadable, describers, text
from workers.examine.examination import Claim
from workers.examine.examine import examine


def described(content: bytes):
    found = examine(io.BytesIO(content), Claim())
    assert found.reason is None, found.detail
    return found


def reason(content: bytes, filename: str | None = None) -> tuple[Reason | None, str]:
    found = examine(io.BytesIO(content), Claim(filename=filename))
    assert found.metadata is None
    return found.reason, found.detail


def test_an_mp4_with_sound():
    content = samples.video(audio_codec="aac")
    found = described(content)
    assert found.metadata == VideoMetadata(
        container="mp4",
        duration_seconds=0.4,
        width=64,
        height=48,
        frame_rate=25.0,
        bit_rate=int(len(content) * 8 / 0.4),
        video_codec="h264",
        audio_codec="aac",
        channels=2,
        sample_rate=48000,
        streams=(
            Stream(
                index=0,
                type="video",
                codec="h264",
                language="und",
                default=True,
                profile="High",
                level=10,
                bit_rate=18720,
                width=64,
                height=48,
                frame_rate=25.0,
                pixel_format="yuv420p",
                bit_depth=8,
            ),
            Stream(
                index=1,
                type="audio",
                codec="aac",
                language="und",
                default=True,
                profile="LC",
                bit_rate=2601,
                channels=2,
                channel_layout="stereo",
                sample_rate=48000,
            ),
        ),
        rotation=0,
        display_width=64,
        display_height=48,
        frames=10,
    )
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("container", "codec", "name", "codec_name"),
    [
        ("mp4", "libx264", "mp4", "h264"),
        ("mov", "libx264", "mov", "h264"),
        ("webm", "libvpx-vp9", "webm", "vp9"),
        ("matroska", "libx264", "matroska", "h264"),
        ("avi", "mpeg4", "avi", "mpeg4"),
        ("mpegts", "mpeg2video", "mpegts", "mpeg2video"),
    ],
)
def test_a_video_without_sound_lacks_nothing(container, codec, name, codec_name):
    found = described(samples.video(container, codec))
    video = found.metadata
    assert (video.container, video.video_codec, video.audio_codec) == (name, codec_name, None)
    assert (video.width, video.height, video.frame_rate) == (64, 48, 25.0)
    assert video.duration_seconds == pytest.approx(0.4, abs=0.05)
    assert found.warnings == ()


def test_a_field_that_cannot_be_read_is_none_with_a_warning():
    found = described(samples.video("ogg", "libvpx"))
    assert found.metadata.frame_rate is None
    assert found.warnings == ("frame_rate could not be read",)


@pytest.mark.parametrize(
    ("container", "codec", "name", "codec_name"),
    [
        ("mp3", "libmp3lame", "mp3", "mp3"),
        ("wav", "pcm_s16le", "wav", "pcm_s16le"),
        ("flac", "flac", "flac", "flac"),
        ("ogg", "libopus", "ogg", "opus"),
        ("ipod", "aac", "mp4", "aac"),
        ("webm", "libopus", "webm", "opus"),
    ],
)
def test_sound_alone_is_audio_in_every_container(container, codec, name, codec_name):
    found = described(samples.audio(container, codec))
    audio = found.metadata
    assert isinstance(audio, AudioMetadata)
    assert found.kind == "audio"
    assert (audio.container, audio.codec, audio.channels, audio.sample_rate) == (name, codec_name, 2, 48000)
    assert audio.duration_seconds == pytest.approx(1.0, abs=0.01)
    assert audio.bit_rate > 0


@pytest.mark.parametrize(
    ("format_", "mode", "frames", "stored_mode"),
    [
        ("PNG", "RGBA", 1, "RGBA"),
        ("JPEG", "L", 1, "L"),
        ("GIF", "RGB", 3, "P"),
        ("WEBP", "RGB", 3, "RGB"),
        ("TIFF", "RGB", 3, "RGB"),
        ("BMP", "RGB", 1, "RGB"),
        ("AVIF", "RGB", 1, "RGB"),
    ],
)
def test_a_picture(format_, mode, frames, stored_mode):
    found = described(samples.image(format_, mode, frames=frames))
    image = found.metadata
    assert (image.format, image.width, image.height) == (format_, 32, 24)
    assert (image.mode, image.frames) == (stored_mode, frames)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-32", "utf-32")],
)
def test_a_text_with_a_plain_encoding(encoding, name):
    found = described(samples.text(encoding))
    assert found.metadata == TextMetadata(encoding=name, lines=3, longest_line=30)
    assert found.warnings == ()


def test_an_inferred_encoding_is_told_as_such():
    found = described(samples.text("cp1252") * 20)
    assert found.metadata.encoding == "cp1252"
    assert "inferred" in found.warnings[0]


def test_a_foreign_byte_far_into_a_text_is_found():
    found = described(b"plain line\n" * 100_000 + samples.text("cp1252") + b"\n" + b"plain line\n" * 100_000)
    assert (found.metadata.encoding, found.metadata.lines) == ("cp1252", 200_003)


@pytest.mark.parametrize(
    ("content", "lines", "longest"),
    [
        (b"one", 1, 3),
        (b"one\n", 1, 3),
        (b"one\r\ntwo\rthree\n\n", 4, 5),
        (b"x" * 1_000_000, 1, 1_000_000),
        (b"\n" * 300_000 + b"yy", 300_001, 2),
    ],
)
def test_lines_are_counted_whatever_their_ends(content, lines, longest):
    metadata = text.describe(io.BytesIO(content), "text/plain").metadata
    assert (metadata.lines, metadata.longest_line) == (lines, longest)


def test_a_text_beyond_the_bound_is_not_counted(monkeypatch):
    monkeypatch.setattr(text, "MAX_BYTES", 1024)
    found = text.describe(io.BytesIO(b"line\n" * 100_000), "text/plain")
    assert found.metadata == TextMetadata(encoding="utf-8")
    assert found.warnings[0] == "The text is longer than 1024 bytes"


def test_anything_else_is_other():
    assert described(samples.elf()).metadata == OtherMetadata()


@pytest.mark.parametrize("part", [0.3, 0.5, 0.99])
def test_an_mp4_that_lost_its_index_is_unreadable(part):
    whole = samples.video(frames=50)
    found, detail = reason(whole[: int(len(whole) * part)])
    assert found is Reason.UNREADABLE
    assert "moov" in detail


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_a_truncated_picture_is_unreadable(format_):
    whole = samples.image(format_, size=(300, 200))
    assert reason(whole[: len(whole) * 2 // 3])[0] is Reason.UNREADABLE


def test_a_false_type_is_not_described():
    assert reason(samples.elf(), "clip.mp4")[0] is Reason.CONTENT_MISMATCH


PLAYLISTS = [
    b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://%s\n#EXT-X-ENDLIST\n",
    b"ffconcat version 1.0\nfile '%s'\n",
    b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/%s\n#EXT-X-ENDLIST\n",
]


@pytest.mark.parametrize("playlist", PLAYLISTS)
@pytest.mark.parametrize("media_type", ["video/mp4", "video/mp2t", "video/x-matroska", "audio/mpeg"])
def test_a_playlist_is_never_followed(tmp_path, playlist, media_type):
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(samples.video())
    hostile = playlist % str(secret).encode()
    assert reason(hostile, "clip.mp4")[0] is Reason.CONTENT_MISMATCH
    with pytest.raises(Unreadable):
        describers()["video"].describe(io.BytesIO(hostile), media_type)


@pytest.mark.parametrize("media_type", ["video/x-unheard-of", "image/x-unheard-of"])
def test_a_type_without_a_parser_is_unreadable(media_type):
    with pytest.raises(Unreadable):
        describers()[media_type.partition("/")[0]].describe(io.BytesIO(b"x"), media_type)


def test_strings_lose_their_control_characters_and_stay_within_4_kib():
    stream = Stream(index=0, type="audio", codec="a\x00\x1b[31m\u202eb", language="ä" * 5000)
    assert stream.codec == "a[31mb"
    assert len(stream.language.encode()) == 4096
