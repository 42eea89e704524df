"""Sound files that were cut or damaged on their way, one pair for each format."""

import random
from collections.abc import Callable
from pathlib import PurePosixPath

from tests.corpus.good import archives, data, documents, pictures, sound, video
from tests.corpus.items import COMPLETED, Maker, hostile

_SEED = 20260101
_SPARED_BYTES = 64
"""The first bytes stay as they are, so that the format is still recognised."""

U, C = frozenset({"unreadable"}), frozenset({COMPLETED})
UC = U | C

# Filename, maker, verdicts on the first half of the file, verdicts on the file with one byte in fifty replaced.
_FILES: tuple[tuple[str, Maker, frozenset[str], frozenset[str]], ...] = (
    ("clip.mp4", video.mp4, U, U),
    ("clip.mov", video.mov, U, U),
    ("clip.webm", video.webm, UC, UC),
    ("clip.mkv", video.matroska, UC, UC),
    ("clip.avi", video.avi, UC, UC),
    ("clip.ts", video.transport_stream, UC, UC),
    ("clip.flv", video.flash, UC, UC),
    ("clip.wmv", video.windows_media, UC, UC),
    ("song.m4a", sound.m4a, U, UC),
    ("song.ogg", sound.vorbis, UC, UC),
    ("note.opus", sound.opus, UC, UC),
    ("song.mp3", sound.mp3, UC, UC),
    ("song.flac", sound.flac, UC, UC),
    ("sound.wav", sound.wav, UC, UC),
    ("sound.aiff", sound.aiff, UC, UC),
    ("sound.aac", sound.aac, UC, UC),
    ("picture.png", pictures.png, U, U),
    ("picture.apng", pictures.apng, U, U),
    ("photo.jpg", pictures.photograph, U, UC),
    ("picture.gif", pictures.gif, UC, UC),
    ("picture.webp", pictures.webp, UC, UC),
    ("scan.tiff", pictures.tiff, UC, UC),
    ("picture.bmp", pictures.bmp, UC, UC),
    ("favicon.ico", pictures.icon, UC, UC),
    ("picture.avif", pictures.avif, UC, UC),
    ("picture.jp2", pictures.jpeg2000, UC, UC),
    ("photo.heic", pictures.heic, UC, UC),
    ("report.pdf", documents.text_pdf, UC, UC),
    ("letter.docx", documents.docx, UC, UC),
    ("letter.odt", documents.odt, UC, UC),
    ("letter.doc", documents.doc, UC, UC),
    ("files.zip", archives.zip_, UC, UC),
    ("files.tar", archives.tar, UC, UC),
    ("files.tar.gz", archives.tar_gz, UC, UC),
    ("notes.txt.bz2", archives.bzip2, UC, UC),
    ("notes.txt.xz", archives.xz, UC, UC),
    ("notes.txt.zst", archives.zstandard, UC, UC),
    ("files.7z", archives.seven, UC, UC),
    ("files.rar", archives.rar5, UC, UC),
    ("table.parquet", data.parquet_, UC, UC),
    ("table.arrow", data.arrow_file, UC, UC),
    ("array.npy", data.npy, UC, UC),
    ("arrays.npz", data.npz, UC, UC),
    ("data.h5", data.hdf5, UC, UC),
    ("model.safetensors", data.safetensors, UC, UC),
    ("data.sqlite", data.sqlite, UC, UC),
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
    _kind = "".join(PurePosixPath(_filename).suffixes)
    hostile(f"half of a {_kind} file ({_filename})", _filename, *sorted(_on_cut))(_cut(_make))
    hostile(f"a damaged {_kind} file ({_filename})", _filename, *sorted(_on_damaged))(_damaged(_make))
