"""Archives: exact metadata of every format."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest

from shared.metadata import ArchiveMetadata
from tests.unit.archive_writers import (
    Zipped,
    rar4,
    rar5,
    rar5_file,
    rar5_link,
    rar5_locked,
    seven_of,
    tar_member,
    tar_of,
    tar_tree,
    zip_of,
)
from tests.unit.archives import LINK
from workers.examine.describe import archive
from workers.examine.describe._archives.decoders import zstd
from workers.examine.examination import Claim
from workers.examine.examine import examine

PLAIN = {"encrypted": False, "multi_volume": False, "comment": False, "nested": 0, "folders": 0, "symlinks": 0}
ONE = PLAIN | {"entries": 1, "files": 1, "depth": 1, "unpacked_is": "counted"}


def described(content: bytes, filename: str | None = None):
    found = examine(io.BytesIO(content), Claim(filename=filename))
    assert found.reason is None, found.detail
    assert found.kind == "archive"
    return found


def test_a_zip():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        out.mkdir("folder")
        out.writestr("folder/a.txt", "word " * 1000)
        out.writestr("folder/b.gz", gzip.compress(b"words"))
        out.comment = b"a comment"
    content = target.getvalue()
    found = described(content, "a.zip")
    assert found.metadata == ArchiveMetadata(
        format="zip",
        packed_bytes=len(content),
        unpacked_bytes=5025,
        unpacked_is="counted",
        ratio=round(5025 / len(content), 3),
        encrypted=False,
        multi_volume=False,
        entries=3,
        files=2,
        folders=1,
        symlinks=0,
        nested=1,
        depth=2,
        comment=True,
        names=("folder/", "folder/a.txt", "folder/b.gz"),
    )
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("method", "pack"),
    [
        (0, bytes),
        (8, None),
        (12, bz2.compress),
        (93, zstd.compress),
        (95, lzma.compress),
    ],
)
def test_a_zip_entry_is_counted_by_every_method(method, pack):
    content = b"word " * 100_000
    whole = zip_of(Zipped(b"a", content, method, pack and pack(content)))
    assert described(whole).metadata.unpacked_bytes == 500_000


def test_a_zip_entry_is_counted_by_lzma_with_and_without_an_end_mark():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_LZMA) as out:
        out.writestr("a", b"word " * 100_000)
    assert described(target.getvalue()).metadata.unpacked_bytes == 500_000
    filters = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 20, "lc": 3, "lp": 0, "pb": 2}]
    stream = lzma.compress(b"word " * 1000, lzma.FORMAT_RAW, filters=filters)
    packed = b"\x09\x14\x05\x00\x5d\x00\x00\x10\x00" + stream
    assert described(zip_of(Zipped(b"a", b"word " * 1000, 14, packed))).metadata.unpacked_bytes == 5000


def test_a_zip_written_as_a_stream_and_one_in_zip64_are_counted():
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    for target in (Pipe(), io.BytesIO()):
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out, out.open("a", "w", force_zip64=True) as entry:
            entry.write(b"word " * 1000)
        assert described(target.getvalue()).metadata.unpacked_bytes == 5000


def test_what_stands_before_a_zip_does_not_hinder_reading_it():
    found = archive.describe(io.BytesIO(b"#!/bin/sh\n" + zip_of(Zipped(b"a", b"x"))), "application/zip")
    assert found.metadata.names == ("a",)


def test_an_encrypted_zip_entry_is_told_and_not_counted():
    found = described(zip_of(Zipped(b"a", b"x"), Zipped(b"b.zip", b"yy", flags=1)))
    metadata = found.metadata
    assert (metadata.encrypted, metadata.unpacked_bytes, metadata.unpacked_is) == (True, 1, "at_least")
    assert (metadata.entries, metadata.nested) == (2, 1)
    assert found.warnings == (
        "entries that could not be read and are not counted: 1",
        "nested archives that were not looked into, or not to their end: 1",
    )


def test_an_unknown_method_is_told_and_not_counted():
    found = described(zip_of(Zipped(b"a", b"x", method=97)))
    assert (found.metadata.unpacked_bytes, found.metadata.unpacked_is) == (0, "at_least")
    assert found.warnings == ("entries that could not be read and are not counted: 1",)


def test_a_link_that_stays_inside_a_zip_is_fine():
    content = zip_of(Zipped(b"a/b", b"x"), Zipped(b"a/c", b"../a/b", mode=LINK), Zipped(b"d", b"a", mode=LINK))
    assert described(content).metadata.symlinks == 2


@pytest.mark.parametrize(
    ("mode", "pack", "format_"),
    [
        ("w", bytes, "tar"),
        ("w:gz", bytes, "tar.gz"),
        ("w:bz2", bytes, "tar.bz2"),
        ("w:xz", bytes, "tar.xz"),
        ("w", zstd.compress, "tar.zst"),
    ],
)
def test_a_tar(mode, pack, format_):
    content = pack(tar_tree(mode))
    inner = len(zip_of(Zipped(b"x", b"x")))
    found = described(content)
    assert found.metadata == ArchiveMetadata(
        format=format_,
        packed_bytes=len(content),
        unpacked_bytes=5000 + inner,
        unpacked_is="counted",
        ratio=round((5000 + inner) / len(content), 3),
        encrypted=False,
        multi_volume=False,
        entries=5,
        files=3,
        folders=1,
        symlinks=1,
        nested=1,
        depth=2,
        comment=False,
        names=("folder", "folder/a.txt", "folder/b.zip", "folder/link", "hard"),
    )
    assert found.warnings == ()


@pytest.mark.parametrize("format_", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_of_a_tar_are_cut_to_255_bytes(format_):
    target = io.BytesIO()
    name = f"{'ä' * 60}/{'b' * 90}" if format_ == tarfile.USTAR_FORMAT else "ä" * 400
    with tarfile.open(fileobj=target, mode="w", format=format_) as out:
        out.addfile(tarfile.TarInfo(name))
    assert described(target.getvalue()).metadata.names == (name.encode()[:255].decode(errors="ignore"),)


def test_a_tar_without_its_end_mark_is_whole():
    content = tar_of(("a", b"x"))[:1024]
    assert described(content).metadata.entries == 1


def test_the_folder_of_a_tar_may_come_twice():
    folder = tar_member(".", tarfile.DIRTYPE)
    assert described(tar_of(folder, ("./a", b"x"), folder)).metadata.folders == 2


@pytest.mark.parametrize(
    ("format_", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zst", zstd.compress)]
)
def test_a_single_compressed_file(format_, pack):
    content = pack(b"word " * 1000)
    found = described(content)
    assert found.metadata == ArchiveMetadata(
        format=format_, packed_bytes=len(content), unpacked_bytes=5000, ratio=round(5000 / len(content), 3), **ONE
    )
    assert found.warnings == ()
    several = described(content + bytes(8) + content * 3)
    assert (several.metadata.unpacked_bytes, several.warnings) == (20_000, ())
    followed = described(content + b"something else")
    assert (followed.metadata.unpacked_bytes, followed.metadata.unpacked_is) == (5000, "counted")
    assert followed.warnings == ("bytes that are not compressed follow its end",)


def test_a_gzip_tells_its_content_s_name_and_comment():
    header = b"\x1f\x8b\x08\x1c" + bytes(6) + b"\x02\x00xx" + b"a.txt\0" + b"a comment\0"
    metadata = described(header + gzip.compress(b"words")[10:]).metadata
    assert (metadata.names, metadata.comment, metadata.unpacked_bytes) == (("a.txt",), True, 5)


def test_a_7z():
    content = seven_of(("folder/a.txt", b"word " * 1000), ("b.zip", b"x"))
    found = described(content)
    assert found.metadata == ArchiveMetadata(
        format="7z",
        packed_bytes=len(content),
        unpacked_bytes=5001,
        unpacked_is="declared",
        ratio=round(5001 / len(content), 3),
        entries=2,
        files=2,
        depth=2,
        names=("folder/a.txt", "b.zip"),
        **PLAIN | {"nested": 1},
    )
    assert found.warnings == ("nested archives that were not looked into, or not to their end: 1",)


def test_a_7z_behind_a_password_tells_its_names_unless_they_are_behind_it_too():
    named = described(seven_of(("a", b"words"), password="p")).metadata
    assert (named.encrypted, named.names, named.unpacked_bytes) == (True, ("a",), 5)
    found = described(content := seven_of(("a", b"words"), password="p", hide=True))
    assert found.metadata == ArchiveMetadata(format="7z", packed_bytes=len(content), encrypted=True, multi_volume=False)
    assert found.warnings == ("its directory is encrypted, so nothing in it could be read",)


def test_a_rar_4():
    files = (("folder\\a.txt", b"words", 0o100644), ("b.zip", b"x", 0o100644), ("link", b"b.zip", LINK))
    content = rar4(*files, comment=b"a comment")
    assert described(content).metadata == ArchiveMetadata(
        format="rar",
        packed_bytes=len(content),
        unpacked_bytes=11,
        unpacked_is="declared",
        ratio=round(11 / len(content), 3),
        entries=3,
        files=2,
        depth=2,
        names=("folder/a.txt", "b.zip", "link"),
        **PLAIN | {"nested": 1, "symlinks": 1, "comment": True},
    )


def test_a_rar_5():
    files = (
        rar5_file("folder", folder=True),
        rar5_file("folder/a.txt", b"words"),
        rar5_file("CMT", b"a comment", kind=3),
        rar5_link("folder/link", "a.txt"),
    )
    content = rar5(*files)
    found = described(content)
    assert found.metadata == ArchiveMetadata(
        format="rar",
        packed_bytes=len(content),
        unpacked_bytes=5,
        unpacked_is="declared",
        ratio=round(5 / len(content), 3),
        entries=3,
        files=1,
        depth=2,
        names=("folder/", "folder/a.txt", "folder/link"),
        **PLAIN | {"folders": 1, "symlinks": 1, "comment": True},
    )
    assert found.warnings == ()


def test_a_rar_with_encrypted_headers_tells_nothing_but_that():
    found = described(content := rar5_locked())
    assert found.metadata == ArchiveMetadata(
        format="rar", packed_bytes=len(content), encrypted=True, multi_volume=False
    )
    assert found.warnings == ("its directory is encrypted, so nothing in it could be read",)


def test_a_volume_of_a_rar_may_declare_more_than_it_holds():
    found = described(rar5(rar5_file("a", b"x", size=1 << 40, split=True), main_flags=1))
    assert (found.metadata.multi_volume, found.metadata.unpacked_bytes) == (True, 1 << 40)
    assert found.warnings == ("it is one of several volumes, so entries and bytes are those that begin in it",)


def test_only_the_first_32_names_are_told():
    content = zip_of(*(Zipped(b"%d" % n, b"x") for n in range(40)))
    assert described(content).metadata.names == tuple(f"{n}" for n in range(32))
