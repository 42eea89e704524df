"""What videos and sounds tell of themselves beyond their first streams, exactly; cut ones; the place kept back."""

import io

import pytest

from shared.ingest import Reason
from shared.metadata import Location
from tests.unit import media_samples, samples
from tests.unit.media_samples import CUT, GOOD
from workers.cage.cage import Cage
from workers.examine.describe import _streams, _tags
from workers.examine.examination import Claim, Examine
from workers.examine.examine import examine

CUT_WARNING = "the file is cut: it ends within something whose length it declares"


def described(content, filename=None, *, keep_location=True):
    found = examine(io.BytesIO(content), Claim(filename=filename), keep_location=keep_location)
    assert found.reason is None, found.detail
    return found


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])
@pytest.mark.parametrize(("degrees", "size"), [(0, (64, 48)), (90, (48, 64)), (180, (64, 48)), (270, (48, 64))])
def test_a_phone_held_upright_shows_in_rotation_and_size(container, degrees, size):
    found = described(media_samples.rotated(degrees, container))
    shown = found.metadata
    assert (shown.width, shown.height, shown.rotation) == (64, 48, degrees)
    assert (shown.display_width, shown.display_height) == size
    assert found.warnings == ()


def test_a_matrix_that_turns_nothing_leaves_the_rotation_open():
    found = described(media_samples.singular())
    assert found.metadata.rotation is None
    assert "rotation could not be read" in found.warnings


def test_wide_pixels_show_in_the_size():
    shown = described(media_samples.wide()).metadata
    assert (shown.width, shown.display_width, shown.display_height) == (64, 85, 48)


def test_frames_that_are_too_large_are_not_decoded(monkeypatch):
    monkeypatch.setattr("workers.examine.describe._pictures.MAX_PIXELS", 100)
    found = described(samples.video())
    assert found.metadata.rotation is None
    assert found.warnings[0] == "rotation could not be read"


@pytest.mark.parametrize(
    ("transfer", "tag", "hdr", "name"),
    [
        (16, "hvc1", "HDR10", "smpte2084"),
        (18, "hvc1", "HLG", "arib-std-b67"),
        (16, "dvh1", "Dolby Vision", "smpte2084"),
        (14, "hvc1", None, "bt2020-10"),
    ],
)
def test_high_dynamic_range_is_told_with_its_colours(transfer, tag, hdr, name):
    shown = described(media_samples.hdr(transfer, tag)).metadata
    assert (shown.hdr, shown.colour_transfer) == (hdr, name)
    assert (shown.colour_primaries, shown.colour_matrix) == ("bt2020", "bt2020nc")
    stream = shown.streams[0]
    assert (stream.profile, stream.pixel_format, stream.bit_depth) == ("Main 10", "yuv420p10le", 10)


@pytest.mark.parametrize("container", ["matroska", "mp4"])
def test_chapters_languages_and_names_of_streams(container):
    told = described(media_samples.chaptered(container)).metadata
    assert told.chapters == 2
    assert (told.streams[0].language, told.streams[0].title, told.title) == ("deu", "Main", None)


@pytest.mark.parametrize("container", ["mp4", "mov", "matroska"])
def test_title_time_and_place_of_a_recording(container):
    content = media_samples.tagged_video(
        container, location=media_samples.PLACE, creation_time="2024-05-01T10:00:00Z", title="A Title"
    )
    told = described(content).metadata
    assert told.title == "A Title"
    assert told.creation_time == "2024-05-01T10:00:00Z"
    assert told.location == Location(latitude=48.8577, longitude=-2.295, altitude=35)


@pytest.mark.parametrize("time", ["yesterday", "0001-01-01T00:00:00+12:00"])
def test_a_time_that_is_none_is_warned_of(time):
    tags = _tags.Tags({"creation_time": time})
    assert tags.creation_time is None
    assert "creation_time" not in tags.missing()


def test_what_the_tags_tell_and_cannot_be_read_is_warned_of():
    content = media_samples.tagged_video("matroska", location="at home", title="A Title")
    found = described(content)
    assert found.metadata.location is None
    assert found.warnings == ("location could not be read",)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("name", ["located.mov", "photo.jpg"])
async def test_where_it_was_taken_leaves_the_cage_on_request_alone(name, keep, tmp_path):
    path = tmp_path / name
    path.write_bytes(GOOD[name]())
    async with Cage() as cage:
        found = await cage.examine(path, Examine(claim=Claim(filename=name), keep_location=keep))
    assert (found.metadata.location is not None) is keep
    assert "48.85" in found.model_dump_json() or not keep
    assert "48.85" not in found.model_dump_json() or keep
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("+48.8577+002.2950+035.000/", (48.8577, 2.295, 35)),
        ("-33.5+151.25/", (-33.5, 151.25, None)),
        ("+4851.5-00217.7/", (48.858333, -2.295, None)),
        ("+485130-0021742+10CRSWGS_84/", (48.858333, -2.295, 10)),
        ("+00-000/", (0, 0, None)),
        ("+91+000/", None),
        ("+48+181/", None),
        ("+1+2/", None),
        ("somewhere", None),
        ("", None),
    ],
)
def test_points_as_iso_6709_writes_them(text, place):
    found = _tags.point(text)
    assert (found and (found.latitude, found.longitude, found.altitude)) == place


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("tagged.mp3", ("mp3", None, "fltp", None, 64_000)),
        ("tagged.flac", ("flac", None, "s16", 16, None)),
        ("tagged.m4a", ("aac", "LC", "fltp", None, 65_125)),
        ("tagged.opus", ("opus", None, "fltp", None, None)),
    ],
)
def test_a_sound_with_tags(name, told):
    found = described(GOOD[name](), name)
    sound = found.metadata
    assert (sound.codec, sound.profile, sound.sample_format, sound.bit_depth, sound.codec_bit_rate) == told
    assert (sound.channels, sound.channel_layout, sound.sample_rate) == (1, "mono", 48_000)
    assert {name: getattr(sound, name) for name in media_samples.TAGS} == media_samples.TAGS
    assert sound.duration_seconds == pytest.approx(1, abs=0.01)
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("container", "codec", "bits"),
    [
        ("wav", "pcm_s24le", 24),
        ("wav", "pcm_u8", 8),
        ("wav", "pcm_f32le", 32),
        ("ipod", "alac", 24),
        ("flac", "flac", 16),
    ],
)
def test_the_bits_of_a_sample_without_loss(container, codec, bits):
    assert described(samples.audio(container, codec)).metadata.bit_depth == bits


def test_a_cover_is_told_of_and_is_no_video():
    found = described(media_samples.covered(), "song.mp3")
    assert (found.kind, found.metadata.has_cover) == ("audio", True)


@pytest.mark.parametrize(
    "content", [lambda: samples.audio("adts", "aac"), GOOD["speech.amr"]], ids=["aac without container", "amr"]
)
def test_an_estimated_duration_is_told_as_such(content):
    found = described(content())
    assert found.metadata.duration_seconds == pytest.approx(1, abs=0.1)
    assert found.warnings == ("duration_seconds is estimated from the bit rate",)


@pytest.mark.parametrize(
    ("container", "codec", "sound", "media_type"),
    [
        ("mp4", "libsvtav1", "libopus", "video/mp4"),
        ("mp4", "libx265", "ac3", "video/mp4"),
        ("3gp", "mpeg4", "aac", "video/3gpp"),
        ("webm", "libvpx", "libopus", "video/webm"),
        ("matroska", "libx264", "flac", "video/x-matroska"),
        ("avi", "mpeg4", "libmp3lame", "video/x-msvideo"),
        ("flv", "flv", "libmp3lame", "video/x-flv"),
        ("asf", "wmv2", "libmp3lame", "video/x-ms-asf"),
        ("mpegts", "mpeg2video", "mp2", "video/mp2t"),
        ("mpeg", "mpeg1video", "mp2", "video/mpeg"),
    ],
)
def test_every_container_tells_of_each_stream(container, codec, sound, media_type):
    found = described(samples.video(container, codec, sound))
    told = found.metadata
    assert (found.media_type, found.warnings) == (media_type, ())
    assert (told.width, told.height, told.rotation) == (64, 48, 0)
    assert told.truncated is (None if container == "mpeg" else False)  # a program stream may end anywhere
    assert (told.channels, told.sample_rate) == (2, 48_000)
    picture, audible = sorted(told.streams, key=lambda stream: stream.type, reverse=True)
    assert (picture.pixel_format, picture.bit_depth, picture.width, picture.height) == ("yuv420p", 8, 64, 48)
    assert (audible.channels, audible.channel_layout, audible.sample_rate) == (2, "stereo", 48_000)


def test_a_variable_bit_rate_is_none():
    told = described(samples.video("mpeg", "mpeg1video")).metadata
    assert told.streams[0].bit_rate is None


@pytest.mark.parametrize("name", CUT)
def test_a_cut_file_is_described_and_says_that_it_is_cut(name):
    found = described(CUT[name](), name)
    assert found.metadata.truncated
    assert found.warnings[0] == CUT_WARNING


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("mp4", "libx264"),
        ("avi", "mpeg4"),
        ("matroska", "libx264"),
        ("webm", "libvpx"),
        ("mpegts", "mpeg2video"),
        ("flv", "flv"),
        ("asf", "wmv2"),
        ("mpeg", "mpeg1video"),
    ],
)
def test_a_whole_video_is_not_cut(container, codec):
    assert not described(samples.video(container, codec)).metadata.truncated


@pytest.mark.parametrize("container", ["wav", "aiff", "mp3", "ogg", "flac"])
def test_a_whole_sound_is_not_cut(container):
    codec = {"wav": "pcm_s16le", "aiff": "pcm_s16be", "mp3": "libmp3lame", "ogg": "libopus", "flac": "flac"}[container]
    assert not described(samples.audio(container, codec)).metadata.truncated


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_recording_of_unknown_length_is_not_cut(length):
    content = bytearray(samples.audio("wav", "pcm_s16le"))
    for place in (4, content.index(b"data") + 4):
        content[place : place + 4] = length.to_bytes(4, "little")
    assert not described(bytes(content)).metadata.truncated


def test_a_live_matroska_of_unknown_lengths_is_not_cut():
    assert not described(samples.video("matroska", live="1")).metadata.truncated


def test_an_mp4_whose_index_is_cut_is_unreadable():
    content = samples.video(frames=50, moov_size="4096")
    found = examine(io.BytesIO(content[:600]), Claim())
    assert found.reason is Reason.UNREADABLE


def test_a_video_without_a_decoder_is_described_as_far_as_its_container_tells():
    found = described(samples.video(audio_codec="aac").replace(b"avc1", b"zzzz"))
    told = found.metadata
    assert (told.duration_seconds, told.audio_codec, told.video_codec, told.width) == (0.4, "aac", None, None)
    assert "video_codec could not be read" in found.warnings


def test_a_sound_without_a_decoder_is_described_as_far_as_its_container_tells():
    found = described(samples.audio("wav", "pcm_s16le").replace(b"fmt \x10\0\0\0\x01\0", b"fmt \x10\0\0\0\x77\x77"))
    assert (found.metadata.duration_seconds, found.metadata.codec) == (1, None)
    assert "sample_rate could not be read" in found.warnings


def test_a_box_that_claims_more_than_any_disk_holds_is_no_whole_file():
    beyond = b"\0\0\0\1free" + b"\xff" * 8
    found = described(samples.video(moov_size="4096") + beyond + bytes(8))
    assert (found.metadata.truncated, found.warnings) == (True, (CUT_WARNING,))
    assert examine(io.BytesIO(b"\0\0\0\x14ftypisom\0\0\2\0mp41" + beyond), Claim()).reason is Reason.UNREADABLE


def test_a_list_of_streams_is_bounded(monkeypatch):
    monkeypatch.setattr(_streams, "MAX_STREAMS", 1)
    assert len(described(samples.video(audio_codec="aac")).metadata.streams) == 1
