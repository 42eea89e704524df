"""Whether a container ends within something whose length it declares, which FFmpeg does not tell; no frame is read.

A container that declares no lengths, such as raw AAC, may end anywhere.
"""

import io
import struct
from collections.abc import Callable
from typing import BinaryIO

from workers.examine.describe import _boxes

_MAX_CHUNKS = 10_000
_UNKNOWN_LENGTH = 0xFFFFFFFF


def is_cut(file: BinaryIO, container: str) -> bool | None:
    """Say whether the file lacks an end that it promises, None for a container (in FFmpeg's words) without promises."""
    check = _CHECKS.get(container)
    return check(file, file.seek(0, io.SEEK_END)) if check else None


def _mp4(file: BinaryIO, size: int) -> bool:
    del size
    return _boxes.is_cut(file)


def _riff(file: BinaryIO, size: int) -> bool:
    return _chunks_are_cut(file, size, "<")


def _aiff(file: BinaryIO, size: int) -> bool:
    return _chunks_are_cut(file, size, ">")


def _chunks_are_cut(file: BinaryIO, size: int, order: str) -> bool:
    """Walk the chunks of a RIFF or IFF file: https://www.loc.gov/preservation/digital/formats/fdd/fdd000025.shtml."""
    position = form_end = 0
    for _ in range(_MAX_CHUNKS):
        name, length = _chunk(file, position, order)
        if length in {0, _UNKNOWN_LENGTH} or (position >= form_end and name not in {b"RIFF", b"FORM"}):
            return False  # a recording that was never finished, or the end
        end = position + 8 + length
        if end > size:
            return True
        form = name in {b"RIFF", b"FORM"}
        form_end = end if form else form_end
        position = position + 12 if form else end + length % 2
    return False


def _chunk(file: BinaryIO, position: int, order: str) -> tuple[bytes, int]:
    file.seek(position)
    header = file.read(8)
    return (header[:4], struct.unpack(order + "I", header[4:])[0]) if len(header) == 8 else (b"", 0)  # noqa: PLR2004


def _matroska(file: BinaryIO, size: int) -> bool:
    """Follow the header and the segment; within one of unknown length, its elements: RFC 8794, section 6."""
    position = 0
    for _ in range(_MAX_CHUNKS):
        name, start, length = _element(file, position)
        if length is None and name != _SEGMENT:
            return False
        if length is not None and start + length > size:
            return True
        if start >= size:
            return False
        position = start if length is None else start + length
    return False


_SEGMENT = b"\x18\x53\x80\x67"


def _element(file: BinaryIO, position: int) -> tuple[bytes, int, int | None]:
    """Return an EBML element's id, where its data start, and their length, None where it is unknown."""
    file.seek(position)
    head = file.read(12)
    id_length = 9 - head[0].bit_length() if head else 0
    rest = head[id_length:]
    size_length = 9 - rest[0].bit_length() if rest and rest[0] else 0
    if not size_length or len(rest) < size_length:
        return b"", position + len(head), None
    length = int.from_bytes(rest[:size_length], "big") & ~(1 << 7 * size_length)
    unknown = length == (1 << 7 * size_length) - 1
    return head[:id_length], position + id_length + size_length, None if unknown else length


def _transport(file: BinaryIO, size: int) -> bool:
    """Packets have one length: https://en.wikipedia.org/wiki/MPEG_transport_stream#Packet."""
    file.seek(0)
    head = file.read(4096)
    for length, start in ((188, 0), (192, 4), (204, 0)):
        if set(head[start::length]) == {0x47}:
            return size % length != 0
    return False


def _asf(file: BinaryIO, size: int) -> bool:
    """Compare with the File Properties Object: https://www.loc.gov/preservation/digital/formats/fdd/fdd000067.shtml."""
    file.seek(0)
    head = file.read(64 * 1024)
    start = head.find(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))
    if start < 0 or len(head) < start + 92:
        return False
    (declared,) = struct.unpack_from("<Q", head, start + 40)
    (flags,) = struct.unpack_from("<I", head, start + 88)
    is_broadcast = bool(flags & 1)
    return not is_broadcast and declared > size


def _flv(file: BinaryIO, size: int) -> bool:
    """Behind each tag stands its length: Adobe Flash Video File Format Specification 10.1, annex E.3."""
    file.seek(max(0, size - 4))
    length = int.from_bytes(file.read(4), "big")
    file.seek(max(0, size - 4 - length))
    return int.from_bytes(file.read(4)[1:], "big") != length - 11


def _ogg(file: BinaryIO, size: int) -> bool:
    """Compare the last page's segments with what follows: RFC 3533, section 6."""
    file.seek(max(0, size - 2 * 65_307))  # a page is no longer than that
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    segments = page[27 : 27 + page[26]] if len(page) > 26 else b""  # noqa: PLR2004
    return len(page) < 27 or len(segments) < page[26] or len(page) < 27 + page[26] + sum(segments)  # noqa: PLR2004


def _mp3(file: BinaryIO, size: int) -> bool:
    """Compare with the byte count of the first frame's Xing header: http://gabriel.mp3-tech.org/mp3infotag.html."""
    file.seek(0)
    tag = file.read(10)
    sevens = [byte & 0x7F for byte in tag[6:10]]
    start = 10 + sum(seven << 7 * place for place, seven in enumerate(reversed(sevens))) if tag[:3] == b"ID3" else 0
    file.seek(start)
    frame = file.read(64)
    mark = max(frame.find(b"Xing"), frame.find(b"Info"))
    if mark < 0 or len(frame) < mark + 16:
        return False
    (flags,) = struct.unpack_from(">I", frame, mark + 4)
    (declared,) = struct.unpack_from(">I", frame, mark + (12 if flags & 1 else 8))
    return bool(flags & 2) and declared > size - start


_CHECKS: dict[str, Callable[[BinaryIO, int], bool]] = {
    "3g2": _mp4,
    "3gp": _mp4,
    "aiff": _aiff,
    "asf": _asf,
    "avi": _riff,
    "flv": _flv,
    "matroska": _matroska,
    "mov": _mp4,
    "mp3": _mp3,
    "mp4": _mp4,
    "mpegts": _transport,
    "ogg": _ogg,
    "wav": _riff,
    "webm": _matroska,
}
