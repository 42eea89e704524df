"""What broken and hostile data files come to, in the real cage, and that good ones come to the same there."""

import io
from pathlib import Path

import psutil
import pytest

from shared.ingest import Reason
from shared.media_types import kind_of
from tests.unit import data_files
from workers.cage.cage import Cage
from workers.cage.protocol import CageLimits
from workers.examine.describe import describers
from workers.examine.examination import Claim, Examine

WORK = "tests.unit.describe_works"
LIMITS = CageLimits(memory_bytes=128 * 1024 * 1024, cpu_seconds=20, wall_seconds=60)

UNREADABLE = {
    "broken.ndjson": "Line 2 is no JSON: Expecting value.",
    "nan.ndjson": "Line 2 is no JSON: NaN is no JSON value.",
    "deep.ndjson": "Line 2 is nested too deeply.",
    "latin.ndjson": "Line 1 is not UTF-8.",
    "cut.parquet": "The file does not end as Parquet does: it is cut or broken.",
    "footer.parquet": "The footer is longer than the file.",
    "zeros.parquet": "The footer breaks its format: Couldn't deserialize thrift: TProtocolException: Invalid data",
    "moved.parquet": "The footer is longer than the file.",
    "tiny.parquet": "The file does not end as Parquet does: it is cut or broken.",
    "cut.arrow": "The file does not begin and end as Arrow's do: it is cut or broken.",
    "footer.arrow": "The footer is longer than the file.",
    "zeros.arrow": "The content has no schema.",
    "cut.arrows": "The content is cut within a message.",
    "schema.arrows": "The content is cut within a message.",
    "noise.arrows": "A message breaks its format.",
    "long.arrows": "A message is longer than any schema or batch needs.",
    "nan.json": "The content is no JSON: NaN and Infinity are no JSON numbers.",
    "infinity.json": "The content is no JSON: NaN and Infinity are no JSON numbers.",
    "trailing.json": "The content is no JSON: parse error: trailing garbage.",
    "cut.json": "The content is no JSON: parse error: premature EOF.",
    "empty.json": "The content is no JSON: parse error: premature EOF.",
    "deep.json": "The JSON is nested more than 1000 deep.",
    "latin.json": "The content is no JSON: lexical error: invalid bytes in UTF8 string.",
    "marked.json": "The content is no JSON: parse error: premature EOF.",
    "comment.json": "The content is no JSON: lexical error: invalid char in json text.",
    "cut.npy": "The content is cut: 1 bytes are missing.",
    "header.npy": "The content breaks NumPy's format.",
    "huge.npy": "The content is cut: 4000000000 bytes are missing.",
    "beyond.npy": "The content is cut: 4000000000000000000000000 bytes are missing.",
    "negative.npy": "The header has no possible shape.",
    "nested.npy": "The content breaks NumPy's format.",
    "brackets.npy": "The content breaks NumPy's format.",
    "call.npy": "The content breaks NumPy's format.",
    "length.npy": "The content breaks NumPy's format.",
    "version.npy": "NPY has no version 9.0 that we know.",
    "cut.npz": "The content breaks NumPy's format.",
    "member.npz": "The content breaks NumPy's format.",
    "short.npz": "The content is cut: 4000000000 bytes are missing.",
    "damaged.npz": "The content breaks NumPy's format.",
    "header.npz": "The content breaks NumPy's format.",
    "cut.h5": "The content breaks HDF5's format: truncated file.",
    "head.h5": "The content breaks HDF5's format: bad byte number in an address.",
    "noise.h5": "The content breaks HDF5's format: bad object header version number.",
    "cut.safetensors": "The tensors take 16 bytes, and 15 follow the header.",
    "more.safetensors": "The tensors take 16 bytes, and 17 follow the header.",
    "long.safetensors": "The header is longer than the file or than the format allows.",
    "space.safetensors": "The header does not begin with a brace.",
    "overlap.safetensors": "Tensors overlap.",
    "hole.safetensors": "There is a hole between tensors.",
    "size.safetensors": "A tensor's place is not as long as its shape and type make it.",
    "outside.safetensors": "A tensor lacks its type, shape or place.",
    "twice.safetensors": "A name stands in the header twice.",
    "deep.safetensors": "The header has a value where the format has none.",
    "text.safetensors": "The header's own metadata is not all text.",
    "json.safetensors": "The content is no JSON: parse error: premature EOF.",
}
"""Name → what the sender is told."""

WARNED = {
    "line.csv": "row 1 is longer than 1048576 characters",
    "field.csv": "row 2 is longer than 1048576 characters",
    "row.csv": "row 2 is longer than 1048576 characters",
    "open.csv": "the last row has a quote that is not closed, so rows could not be counted",
    "foreign.csv": "after row 0 the text is not of its encoding",
    "noise.csv": "encoding could not be read, so nothing in it could be",
    "digits.ndjson": "line 2 has a number that is too long",
    "line.ndjson": "line 2 is longer than 1048576 bytes",
    "batches.arrows": "there are more than 100000 record batches, so rows could not be counted",
    "digits.json": "the JSON holds more than 4300 digits in a row, so its values could not be counted",
    "string.json": "a value is longer than 1048576 bytes, so its values could not be counted",
    "values.json": "the JSON holds more than 3000000 values, keys and ends, so its values could not be counted",
    "many.npz": "there are more than 10000 arrays",
    "many.h5": "there are more than 10000 links, so arrays could not be counted",
}
"""Name → the first warning of a file that is described up to a bound."""

DESCRIBED = {"deep.h5"}


async def described(cage, path, name):
    return await cage.examine(path, Examine(claim=Claim(declared_type=data_files.media_type(name))))


def test_every_hostile_file_has_an_outcome():
    assert data_files.HOSTILE.keys() == UNREADABLE.keys() | WARNED.keys() | DESCRIBED


async def test_every_hostile_file_comes_to_its_outcome_in_the_cage(tmp_path: Path):
    path = tmp_path / "file"
    seen = {}
    async with Cage(LIMITS, work=WORK) as cage:
        for name, make in data_files.HOSTILE.items():
            path.write_bytes(make())
            seen[name] = await described(cage, path, name)
    assert {name: one.detail for name, one in seen.items() if one.reason is Reason.UNREADABLE} == UNREADABLE
    assert {name: one.warnings[0] for name, one in seen.items() if one.warnings} == WARNED
    assert {name for name, one in seen.items() if one.metadata} == WARNED.keys() | DESCRIBED


async def test_every_good_file_comes_to_the_same_in_the_cage(tmp_path: Path):
    path = tmp_path / "file"
    async with Cage(LIMITS, work=WORK) as cage:
        for name, make in data_files.GOOD.items():
            path.write_bytes(make())
            caged = await described(cage, path, name)
            media_type = data_files.media_type(name)
            free = describers()[kind_of(media_type)].describe(io.BytesIO(make()), media_type)
            assert (name, caged.metadata, caged.warnings) == (name, free.metadata, free.warnings)


@pytest.mark.parametrize(
    ("extension", "first"),
    [(".csv", b""), (".ndjson", b'"'), (".json", b'["'), (".json", b"[")],
)
async def test_a_line_of_a_gibibyte_takes_little_memory(tmp_path: Path, extension, first):
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.write(first)
        file.truncate(1 << 30)
    async with Cage(LIMITS, work=WORK) as cage:
        found = await described(cage, path, extension)
    assert found.reason in {None, Reason.UNREADABLE}
    assert bool(found.warnings) == (found.reason is None)


async def test_the_warm_process_has_one_thread():
    async with Cage() as cage:
        assert psutil.Process(cage._warm.process.pid).num_threads() == 1


@pytest.mark.parametrize(
    ("name", "kind"), [("people.csv", "table"), ("object.json", "json"), ("sets.h5", "arrays"), ("circle.h5", "arrays")]
)
async def test_an_identified_file_is_described(tmp_path: Path, name, kind):
    path = tmp_path / name
    path.write_bytes(data_files.GOOD[name]())
    async with Cage() as cage:
        found = await cage.examine(path, Examine(claim=Claim(filename=name)))
    assert (found.reason, found.kind, found.metadata.kind) == (None, kind, kind)
