"""Bytes that mean nothing, far too many of them, or tags as long as a book."""

import random
import struct
from typing import BinaryIO

from tests.corpus.formats import ogg
from tests.corpus.good import sound
from tests.corpus.items import COMPLETED, Content, hostile

MIB = 1024 * 1024
UNREADABLE = "unreadable"


def _noise(seed: int):
    return lambda: random.Random(seed).randbytes(256 * 1024)


for _seed in (1, 2, 3):
    hostile(f"noise, the {_seed}. of three", "noise.bin", COMPLETED)(_noise(_seed))


@hostile("64 MiB of zeros", "zeros.bin", COMPLETED)
def zeros() -> Content:
    return lambda file: file.truncate(64 * MIB)


@hostile("64 MiB of zeros that claim to be a film", "clip.mp4", "content_mismatch", declared_type="video/mp4")
def zeros_of_film() -> Content:
    return lambda file: file.truncate(64 * MIB)


@hostile("a hundred gigabytes of holes", "disk.img", COMPLETED)
def sparse() -> Content:
    return lambda file: file.truncate(100 * 1024 * MIB)


@hostile("a text that goes on for a hundred gigabytes of holes", "letter.txt", COMPLETED)
def sparse_text() -> Content:
    def write(file: BinaryIO) -> None:
        file.write(b"a letter\n" * 5000)
        file.truncate(100 * 1024 * MIB)

    return write


@hostile("a film whose box is a hundred gigabytes of holes", "clip.mp4", UNREADABLE)
def sparse_film() -> Content:
    def write(file: BinaryIO) -> None:
        file.write(b"\0\0\0\x14ftypisom\0\0\0\0isom" + struct.pack(">I4sQ", 1, b"mdat", 100 * 1024 * MIB - 20))
        file.truncate(100 * 1024 * MIB)

    return write


@hostile("an empty file", "empty.txt", COMPLETED)
def nothing() -> bytes:
    return b""


@hostile("a single byte", "one.bin", COMPLETED)
def one_byte() -> bytes:
    return b"\x1f"


@hostile("an MP3 whose title is 64 MiB long", "song.mp3", COMPLETED)
def long_title() -> bytes:
    def size(number: int) -> bytes:
        return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))

    text = b"\3" + b"t" * (64 * MIB)
    frame = b"TIT2" + size(len(text)) + b"\0\0" + text
    return b"ID3\4\0\0" + size(len(frame)) + frame + sound.mp3()


@hostile("a FLAC whose comments are 15 MiB long", "song.flac", COMPLETED)
def long_comment() -> bytes:
    whole = sound.flac()
    comment = b"TITLE=" + b"t" * (15 * MIB)
    block = struct.pack("<I", 0) + struct.pack("<I", 1) + struct.pack("<I", len(comment)) + comment
    first = 4 + 4 + 34  # the mark, and the block that must come first
    return whole[:4] + bytes([0]) + whole[5:first] + b"\x04" + len(block).to_bytes(3, "big") + block + whole[first:]


@hostile("an Ogg Vorbis title of 4 MiB", "song.ogg", UNREADABLE)
def long_vorbis_title() -> bytes:
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 2, 44_100, 0, 128_000, 0, 0xB8, 1)
    title = b"TITLE=" + b"t" * (4 * MIB)
    comment = b"\x03vorbis" + struct.pack("<III", 0, 1, len(title)) + title + b"\1"
    pieces = [comment[start : start + 65025] for start in range(0, len(comment), 65025)]
    pages = [ogg.page(piece, number, int(number > 1)) for number, piece in enumerate(pieces, 1)]
    return ogg.page(head, 0, ogg.FIRST) + b"".join(pages)
