"""Whatever the bytes, a verdict comes within its limits; the same bytes each time, for about twenty seconds."""

import logging
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus.examined import RecordingCage
from tests.fuzz.edits import KINDS, Edit, edited, edited_inside
from tests.fuzz.fuzzed import fuzzed
from tests.fuzz.seeds import good_seeds

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEEDS = good_seeds()
EXAMPLES = 45
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,  # the limits are the cage's
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

PARTS = st.integers(0, 2**16 - 1)
EDITS = st.lists(st.builds(Edit, st.sampled_from(KINDS), PARTS, PARTS, PARTS), min_size=1, max_size=6)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cage():
    # Crashes are what this looks for: a failing test tells of its own, the log would tell of all that were tried.
    quiet = logging.getLogger("fuzz")
    quiet.setLevel(logging.ERROR)
    async with RecordingCage(logger=quiet) as warm:
        yield warm


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "file"


@pytest.mark.parametrize("theme", SEEDS)
@BOUNDED
@given(choice=st.data())
async def test_an_edited_file_gets_a_verdict(theme: str, choice: st.DataObject, cage: RecordingCage, path: Path):
    files = st.sampled_from(SEEDS[theme])
    edit = choice.draw(st.sampled_from((edited, edited_inside)))
    content = edit(choice.draw(files), choice.draw(EDITS), choice.draw(files))
    assert (await fuzzed(cage, path, content)).finding is None


@BOUNDED
@given(content=st.binary(max_size=4096))
async def test_any_bytes_get_a_verdict(content: bytes, cage: RecordingCage, path: Path):
    assert (await fuzzed(cage, path, content)).finding is None
