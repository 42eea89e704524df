"""Archives: where counting stops, what is nested, and what hostile ones come to in the real cage."""

import gzip
import io
import zipfile

import pytest

from shared.ingest import Reason
from tests.unit.archive_writers import Zipped, rar4, rar5, rar5_file, seven_of, tar_of, tar_tree, zip_of
from tests.unit.archives import HOSTILE, MIB, empty_gzip_streams, gzip_bomb, zip_bomb
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits
from workers.examine.describe import Unreadable, archive
from workers.examine.describe._archives.decoders import zstd
from workers.examine.examination import Claim, Examine
from workers.examine.examine import examine


def described(content: bytes):
    found = examine(io.BytesIO(content), Claim())
    assert found.reason is None, found.detail
    return found


@pytest.mark.parametrize("media_type", sorted(archive._FORMATS))
def test_every_type_has_a_reader_that_calls_noise_unreadable(media_type):
    with pytest.raises(Unreadable):
        archive.describe(io.BytesIO(b"noise" * 200), media_type)


def test_what_packs_well_but_stays_small_is_no_bomb():
    metadata = described(zip_bomb(60)).metadata
    assert (metadata.unpacked_bytes, metadata.unpacked_is) == (60 * MIB, "counted")


def test_beyond_the_bound_an_honest_archive_is_described_with_a_warning(monkeypatch):
    monkeypatch.setattr(archive, "COUNTED_BYTES", 300_000)
    files = [(f"{n}", bytes(range(256)) * 400) for n in range(10)]
    zipped = zip_of(*(Zipped(name.encode(), content) for name, content in files))
    for content in (gzip.compress(tar_of(*files)), gzip.compress(bytes(400_000)), zipped):
        found = described(content)
        assert found.metadata.unpacked_is == "at_least"
        assert found.warnings == ("counting stopped at its bound, so unpacked_bytes is a lower bound",)


def test_at_the_time_bound_too(monkeypatch):
    monkeypatch.setattr(archive, "COUNTED_SECONDS", -1.0)
    assert described(gzip.compress(tar_of(("a", b"x")))).metadata.unpacked_is == "at_least"


def test_a_bomb_with_a_large_tail_shows_within_the_bound(monkeypatch):
    monkeypatch.setattr(archive, "COUNTED_BYTES", 100 * MIB)
    bomb = gzip_bomb(200) + bytes(range(256)) * 40_000
    assert examine(io.BytesIO(bomb), Claim()).reason is Reason.ARCHIVE_BOMB


def test_an_archive_in_an_archive_is_counted_by_its_own_size():
    inner = zip_of(Zipped(b"x", b"word " * 1000))
    metadata = described(tar_of(("inner.zip", inner))).metadata
    assert (metadata.unpacked_bytes, metadata.nested) == (len(inner), 1)


def test_an_honest_archive_three_levels_deep_is_described():
    inner = zip_of(Zipped(b"c.zip", zip_of(Zipped(b"b.zip", zip_of(Zipped(b"a", b"word " * 10)))), method=0))
    assert described(inner).metadata.nested == 1


def test_what_is_wrong_in_a_nested_archive_is_a_warning():
    found = described(tar_of(("inner.zip", zip_of(Zipped(b"../a", b"x")))))
    assert found.warnings == ("a nested archive is at fault: The name '../a' leads outside.",)


def test_a_nested_archive_too_large_to_hold_is_told(monkeypatch):
    inner = zip_of(Zipped(b"x", bytes(17 * MIB), method=0))
    assert described(tar_of(("inner.zip", inner))).warnings == (
        "nested archives that were not looked into, or not to their end: 1",
    )


async def examined(directory, files: dict[str, bytes], memory: int) -> dict:
    found = {}
    async with Cage(CageLimits(memory_bytes=memory)) as cage:
        for name, content in files.items():
            path = directory / name
            path.write_bytes(content)
            found[name] = await cage.examine(path, Examine(claim=Claim(filename=name)))
    return found


async def test_every_hostile_archive_is_refused_for_its_reason_within_128_mib(tmp_path):
    found = await examined(tmp_path, {name: make() for name, (make, _) in HOSTILE.items()}, 128 * MIB)
    assert {name: e.reason for name, e in found.items()} == {name: reason for name, (_, reason) in HOSTILE.items()}


async def test_honest_archives_are_described_in_the_cage(tmp_path):
    honest = {
        "a.zip": zip_of(Zipped(b"a", b"x"), Zipped(b"b.zip", zip_of(Zipped(b"c", b"x")))),
        "a.tar": tar_tree("w"),
        "a.tgz": tar_tree("w:gz"),
        "a.tbz2": tar_tree("w:bz2"),
        "a.txz": tar_tree("w:xz"),
        "a.zst": zstd.compress(tar_tree("w")),
        "a.7z": seven_of(("a", b"words")),
        "a4.rar": rar4(("a", b"words", 0o100644), comment=b"a comment"),
        "a5.rar": rar5(rar5_file("a", b"words")),
    }
    found = await examined(tmp_path, honest, 128 * MIB)
    assert {name: (e.reason, e.kind, e.metadata.names[0]) for name, e in found.items()} == dict.fromkeys(
        honest, (None, "archive", "a")
    ) | dict.fromkeys(("a.tar", "a.tgz", "a.tbz2", "a.txz", "a.zst"), (None, "archive", "folder"))


async def test_as_many_entries_as_allowed_are_described_within_256_mib(tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as out:
        for number in range(100_000):
            out.writestr(f"some/folder/with/a/name/{number}", b"")
    files = {"a.zip": target.getvalue(), "a.gz": empty_gzip_streams(50_000)}
    found = await examined(tmp_path, files, 256 * MIB)
    assert found["a.zip"].metadata.entries == 100_000
    assert found["a.gz"].metadata.unpacked_bytes == 0
