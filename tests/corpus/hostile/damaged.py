"""Sound files that were cut or damaged on their way, one pair for each format."""

import random
from collections.abc import Callable

from tests.corpus.good import archives, data, documents, pictures, sound, video
from tests.corpus.items import COMPLETED, Maker, hostile

_SEED = 20260101
_SPARED_BYTES = 64
"""The first bytes stay as they are, so that the format is still recognised."""

UNREADABLE, MISMATCH = "unreadable", "content_mismatch"
TOLD = "told"
"""Completed, with the warning that the file is cut."""
EITHER = "either"
"""Completed or unreadable: what an encoder wrote differs between its versions, and so does what the damage meets."""

# Filename, maker, verdict on the first half of the file, verdict on the file with one byte in fifty replaced.
_FILES: tuple[tuple[str, Maker, str, str], ...] = (
    ("clip.mp4", video.mp4, UNREADABLE, EITHER),
    ("clip.mov", video.mov, UNREADABLE, EITHER),
    ("clip.webm", video.webm, TOLD, EITHER),
    ("clip.mkv", video.matroska, TOLD, EITHER),
    ("clip.avi", video.avi, TOLD, EITHER),
    ("clip.ts", video.transport_stream, TOLD, MISMATCH),
    ("clip.flv", video.flash, TOLD, EITHER),
    ("clip.wmv", video.windows_media, TOLD, EITHER),
    ("song.m4a", sound.m4a, UNREADABLE, EITHER),
    ("song.ogg", sound.vorbis, UNREADABLE, EITHER),
    ("note.opus", sound.opus, UNREADABLE, EITHER),
    ("song.mp3", sound.mp3, TOLD, EITHER),
    ("song.flac", sound.flac, COMPLETED, COMPLETED),
    ("sound.wav", sound.wav, TOLD, COMPLETED),
    ("sound.aiff", sound.aiff, TOLD, COMPLETED),
    ("sound.aac", sound.aac, COMPLETED, EITHER),
    ("picture.png", pictures.png, UNREADABLE, UNREADABLE),
    ("picture.apng", pictures.apng, UNREADABLE, UNREADABLE),
    ("photo.jpg", pictures.photograph, UNREADABLE, UNREADABLE),
    ("picture.gif", pictures.gif, COMPLETED, UNREADABLE),
    ("picture.webp", pictures.webp, UNREADABLE, UNREADABLE),
    ("scan.tiff", pictures.tiff, COMPLETED, UNREADABLE),
    ("picture.bmp", pictures.bmp, UNREADABLE, COMPLETED),
    ("favicon.ico", pictures.icon, UNREADABLE, COMPLETED),
    ("picture.avif", pictures.avif, UNREADABLE, UNREADABLE),
    ("picture.jp2", pictures.jpeg2000, UNREADABLE, UNREADABLE),
    ("photo.heic", pictures.heic, UNREADABLE, UNREADABLE),
    ("report.pdf", documents.text_pdf, UNREADABLE, UNREADABLE),
    ("letter.docx", documents.docx, MISMATCH, MISMATCH),
    ("letter.odt", documents.odt, UNREADABLE, MISMATCH),
    ("letter.doc", documents.doc, COMPLETED, MISMATCH),
    ("files.zip", archives.zip_, UNREADABLE, UNREADABLE),
    ("files.tar", archives.tar, COMPLETED, MISMATCH),
    ("files.tar.gz", archives.tar_gz, UNREADABLE, UNREADABLE),
    ("notes.txt.bz2", archives.bzip2, UNREADABLE, UNREADABLE),
    ("notes.txt.xz", archives.xz, UNREADABLE, UNREADABLE),
    ("notes.txt.zst", archives.zstandard, UNREADABLE, COMPLETED),
    ("files.7z", archives.seven, UNREADABLE, UNREADABLE),
    ("files.rar", archives.rar5, UNREADABLE, UNREADABLE),
    ("table.parquet", data.parquet_, UNREADABLE, UNREADABLE),
    ("table.arrow", data.arrow_file, UNREADABLE, UNREADABLE),
    ("array.npy", data.npy, UNREADABLE, UNREADABLE),
    ("arrays.npz", data.npz, UNREADABLE, UNREADABLE),
    ("data.h5", data.hdf5, UNREADABLE, UNREADABLE),
    ("model.safetensors", data.safetensors, MISMATCH, MISMATCH),
    ("data.sqlite", data.sqlite, COMPLETED, COMPLETED),
)


def _cut(make: Maker) -> Callable[[], bytes]:
    def half() -> bytes:
        whole = make()
        return whole[: len(whole) // 2]

    return half


def _damaged(make: Maker) -> Callable[[], bytes]:
    def replaced() -> bytes:
        content, chance = bytearray(make()), random.Random(_SEED)
        for place in range(min(_SPARED_BYTES, len(content) // 2), len(content)):
            if not chance.randrange(50):
                content[place] = chance.randrange(256)
        return bytes(content)

    return replaced


for _filename, _make, _on_cut, _on_damaged in _FILES:
    _cut_told = ("the file is cut",) if _on_cut == TOLD else ()
    _half = hostile(f"half of {_filename}", _filename, COMPLETED if _cut_told else _on_cut, warnings=_cut_told)
    _half(_cut(_make))
    _right = (COMPLETED, UNREADABLE) if _on_damaged == EITHER else (_on_damaged,)
    hostile(f"a damaged {_filename}", _filename, *_right)(_damaged(_make))
