"""Containers of streams that lie about sizes, nest without end, or hold nothing at all."""

import struct

from tests.corpus.formats import boxes, ebml, ogg
from tests.corpus.formats.boxes import box, full, long_box
from tests.corpus.formats.media import film
from tests.corpus.good import sound, video
from tests.corpus.items import COMPLETED, Content, hostile

UNREADABLE = "unreadable"


@hostile("an MP4 whose index at the end is cut off", "clip.mp4", UNREADABLE)
def cut_index() -> bytes:
    whole = video.mp4()
    return whole[: whole.rindex(b"moov") + 40]


@hostile("an MP4 without its index", "clip.mp4", UNREADABLE)
def no_index() -> bytes:
    whole = video.mp4()
    return whole[: whole.rindex(b"moov") - 4]


@hostile("an MP4 box of 2^63 bytes", "clip.mp4", UNREADABLE)
def huge_box() -> bytes:
    return boxes.ftyp(b"isom") + long_box(b"mdat", 2**63) + boxes.movie()


@hostile("an MP4 box of 2^64 - 1 bytes", "clip.mp4", UNREADABLE)
def largest_box() -> bytes:
    return boxes.ftyp(b"isom") + long_box(b"moov", 2**64 - 1, bytes(100))


@hostile("an MP4 of two million empty boxes", "clip.mp4", UNREADABLE)
def empty_boxes() -> bytes:
    return boxes.ftyp(b"isom") + box(b"free") * 2_000_000


@hostile("an MP4 whose boxes nest 20000 deep", "clip.mp4", UNREADABLE)
def deep_boxes() -> bytes:
    depth = 20_000
    nest = b"".join(struct.pack(">I4s", 8 * (depth - n), b"moov" if n == 0 else b"udta") for n in range(depth))
    return boxes.ftyp(b"isom") + nest


@hostile("an MP4 of 20000 tracks", "clip.mp4", "parser_memory", UNREADABLE, COMPLETED)
def many_tracks() -> bytes:
    empty = boxes.sample_table(boxes.raw_picture())
    track = boxes.track(b"vide", empty, full(b"url ", flags=1), full(b"vmhd", bytes(8)))
    return boxes.ftyp(b"isom") + boxes.movie(tracks=track * 20_000) + box(b"mdat")


@hostile("an MP4 of 2^32 - 1 samples in no bytes", "clip.mp4", COMPLETED)
def endless_samples() -> bytes:
    most = 2**32 - 1
    tables = boxes.sample_table(
        boxes.raw_picture(),
        full(b"stts", struct.pack(">III", 1, most, most)),
        full(b"stsc", struct.pack(">IIII", 1, 1, most, 1)),
        full(b"stsz", struct.pack(">II", most, most)),
        full(b"stco", struct.pack(">II", 1, 0)),
    )
    return boxes.ftyp(b"isom") + boxes.movie(tracks=boxes.track(b"vide", tables, full(b"url ", flags=1))) + box(b"mdat")


@hostile("an MP4 whose tables promise more entries than they hold", "clip.mp4", "parser_memory", UNREADABLE)
def short_tables() -> bytes:
    names = (b"stts", b"stsc", b"stco", b"stss", b"ctts", b"co64")
    tables = boxes.sample_table(boxes.raw_picture(), *(full(name, struct.pack(">I", 2**31 - 1)) for name in names))
    return boxes.ftyp(b"isom") + boxes.movie(tracks=boxes.track(b"vide", tables, full(b"url ", flags=1))) + box(b"mdat")


@hostile("an MP4 whose title is full of control characters", "clip.mp4", COMPLETED)
def title_of_controls() -> bytes:
    return film("mp4", "libx264", tags={"title": "\x1b[2J\u202ea\x07b\r\nc\u2066", "comment": "\x01" * 5000})


@hostile("a Matroska film of unknown sizes all the way down", "clip.mkv", UNREADABLE)
def unknown_sizes() -> bytes:
    parts = b"".join(ebml.lying(name, ebml.UNKNOWN_SIZE) for name in (ebml.CLUSTER, ebml.TRACKS, ebml.CLUSTER) * 3000)
    return ebml.head() + ebml.lying(ebml.SEGMENT, ebml.UNKNOWN_SIZE, ebml.info(), parts)


@hostile("a Matroska film of the largest sizes", "clip.mkv", UNREADABLE)
def largest_sizes() -> bytes:
    tracks = ebml.lying(ebml.TRACKS, ebml.LARGEST_SIZE, bytes(100))
    return ebml.head() + ebml.lying(ebml.SEGMENT, ebml.LARGEST_SIZE, ebml.info(), tracks)


@hostile("a Matroska film that nests 20000 deep", "clip.mkv", UNREADABLE)
def deep_elements() -> bytes:
    simple_tag = b"\x67\xc8"
    nest = b"".join(ebml.lying(simple_tag, ebml.UNKNOWN_SIZE) for _ in range(20_000))
    tags = ebml.lying(ebml.TAGS, ebml.UNKNOWN_SIZE, ebml.lying(b"\x73\x73", ebml.UNKNOWN_SIZE, nest))
    return ebml.head() + ebml.lying(ebml.SEGMENT, ebml.UNKNOWN_SIZE, ebml.info(), tags)


@hostile("a Matroska film of a million voids", "clip.mkv", UNREADABLE)
def voids() -> bytes:
    return ebml.head() + ebml.lying(ebml.SEGMENT, ebml.UNKNOWN_SIZE, ebml.info(), b"\xec\x80" * 1_000_000)


@hostile("a WebM film with half a million blocks of no track", "clip.webm", UNREADABLE)
def stray_blocks() -> bytes:
    cluster = ebml.lying(ebml.CLUSTER, ebml.UNKNOWN_SIZE, b"\xa3\x84\x81\0\0\0" * 500_000)
    return ebml.head(b"webm") + ebml.lying(ebml.SEGMENT, ebml.UNKNOWN_SIZE, ebml.info(), cluster)


@hostile("a WAV that promises 4 GiB", "sound.wav", COMPLETED)
def lying_wav() -> bytes:
    head = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 2, 44_100, 176_400, 4, 16)
    return head + b"data\xff\xff\xff\xff" + bytes(1000)


@hostile("a WAV of no samples a second on no channel", "sound.wav", UNREADABLE)
def silent_wav() -> bytes:
    return b"RIFF\x24\0\0\0WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 0, 0, 0, 0, 0) + b"data\0\0\0\0"


@hostile("a WAV of 65535 channels", "sound.wav", UNREADABLE)
def crowded_wav() -> bytes:
    form = struct.pack("<IHHIIHH", 16, 1, 65535, 2**32 - 1, 2**32 - 1, 65535, 65535)
    return b"RIFF\x24\x10\0\0WAVEfmt " + form + b"data\0\x10\0\0" + bytes(4096)


@hostile("an AIFF that lies about everything", "sound.aiff", UNREADABLE)
def lying_aiff() -> bytes:
    common = struct.pack(">hIh", 32767, 2**32 - 1, 32767) + b"\x7f\xff" + b"\xff" * 8
    return b"FORM\x7f\xff\xff\xffAIFFCOMM\0\0\0\x12" + common + b"SSND\xff\xff\xff\xff" + bytes(100)


@hostile("an AVI whose lists nest 50000 deep", "clip.avi", UNREADABLE)
def deep_avi() -> bytes:
    depth = 50_000
    lists = b"".join(b"LIST" + struct.pack("<I", 12 * (depth - n) - 8) + b"hdrl" for n in range(depth))
    return b"RIFF" + struct.pack("<I", len(lists) + 4) + b"AVI " + lists


@hostile("an AVI that promises 2^32 - 1 frames in as many streams", "clip.avi", UNREADABLE)
def lying_avi() -> bytes:
    header = b"avih" + struct.pack("<I14I", 56, *[2**32 - 1] * 14)
    listed = b"LIST" + struct.pack("<I", len(header) + 4) + b"hdrl" + header
    return b"RIFF\xff\xff\xff\xffAVI " + listed + b"LIST\xff\xff\xff\xffmovi"


@hostile("an Ogg stream of 50000 empty pages", "song.ogg", UNREADABLE)
def empty_pages() -> bytes:
    return ogg.page(b"", 0, ogg.FIRST) + b"".join(ogg.page(b"", number) for number in range(1, 50_000))


@hostile("an Ogg stream whose first pages start a thousand streams", "song.ogg", UNREADABLE)
def many_streams() -> bytes:
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 2, 44_100, 0, 128_000, 0, 0xB8, 1)
    first = ogg.page(head, 0, ogg.FIRST)
    return b"".join(first[:14] + struct.pack("<I", number) + first[18:] for number in range(1000))


@hostile("an Ogg Vorbis comment of 2^32 - 1 entries", "song.ogg", UNREADABLE)
def endless_comments() -> bytes:
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 2, 44_100, 0, 128_000, 0, 0xB8, 1)
    comment = b"\x03vorbis" + struct.pack("<II", 0, 2**32 - 1) + struct.pack("<I", 2**32 - 1) + b"a=b"
    return ogg.page(head, 0, ogg.FIRST) + ogg.page(comment, 1) + ogg.page(b"\x05vorbis", 2)


@hostile("a FLAC with a cover of 2^32 - 1 bytes", "song.flac", COMPLETED)
def lying_cover() -> bytes:
    whole = sound.flac()
    cover = struct.pack(">II", 3, 9) + b"image/png" + struct.pack(">IIIIII", 0, 2**31, 2**31, 32, 0, 2**32 - 1)
    first = 4 + 4 + 34  # the mark, and the block that must come first
    return whole[:4] + bytes([0]) + whole[5:first] + b"\x06" + len(cover).to_bytes(3, "big") + cover + whole[first:]


@hostile("an MP3 whose ID3 tag is longer than the file", "song.mp3", UNREADABLE)
def lying_tag() -> bytes:
    return b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"TIT2\x7f\x7f\x7f\x7f\0\0" + sound.mp3()


@hostile("an MP3 whose title holds control characters", "song.mp3", COMPLETED)
def title_of_escapes() -> bytes:
    return film(
        "mp3", None, "libmp3lame", tags={"title": "a\x1b]0;owned\x07\x00b\u202e\r\nSet-Cookie: c", "artist": "\x7f"}
    )


@hostile("an FLV of garbage tags", "clip.flv", COMPLETED)
def garbage_flv() -> bytes:
    tag = b"\x09\xff\xff\xff" + bytes(7) + b"\x17\0\0\0\0"
    return b"FLV\1\5\0\0\0\x09\0\0\0\0" + tag * 20_000


@hostile("an FLV whose script data nest 50000 deep", "clip.flv", UNREADABLE)
def deep_flv() -> bytes:
    script = b"\x02\0\x0aonMetaData" + b"\x03\0\x01a" * 50_000
    return b"FLV\1\1\0\0\0\x09\0\0\0\0\x12" + len(script).to_bytes(3, "big") + bytes(7) + script + bytes(4)


@hostile("a transport stream of packets that hold nothing", "clip.ts", UNREADABLE)
def garbage_ts() -> bytes:
    return b"".join(b"\x47" + struct.pack(">HB", number & 0x1FFF, 0x10) + b"\xff" * 184 for number in range(50_000))


@hostile("a transport stream that announces 8000 programmes", "clip.ts", UNREADABLE)
def many_programmes() -> bytes:
    entries = b"".join(struct.pack(">HH", number, 0xE000 | number) for number in range(1, 43))
    table = b"\0\xb0" + bytes([5 + len(entries) + 4]) + b"\0\1\xc1\0\0" + entries + bytes(4)
    packet = b"\x47\x40\0\x10\0" + table.ljust(183, b"\xff")
    return packet * 20_000


@hostile("an ASF whose objects promise 2^63 bytes", "clip.wmv", UNREADABLE)
def lying_asf() -> bytes:
    header = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
    return header + struct.pack("<QIBB", 2**63 - 1, 2**32 - 1, 1, 2) + (header + struct.pack("<Q", 2**63)) * 1000


@hostile("an AAC stream of sync words alone", "sound.aac", UNREADABLE)
def empty_aac() -> bytes:
    return b"\xff\xf1\x50\x80\x00\xff\xfc" * 100_000


@hostile("a film of four hours in 20 KiB", "clip.mp4", COMPLETED)
def long_film() -> Content:
    whole = bytearray(video.mp4())
    place = whole.index(b"mvhd") + 4 + 4 + 8 + 4
    whole[place : place + 4] = struct.pack(">I", 4 * 3600 * 1000)
    return bytes(whole)
