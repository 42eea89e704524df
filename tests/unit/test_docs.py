"""The documents say what the code says."""

import inspect
import re
from pathlib import Path

import pytest

from deploy.reference import pages
from shared import errors
from shared.events import SCHEMA_PATH
from shared.ingest import MOVES, Reason, State

ROOT = Path(__file__).parents[2]
DOCUMENTS = [path.relative_to(ROOT) for place in ("*.md", "docs/**/*.md", "examples/*.md") for path in ROOT.glob(place)]


def faults():
    classes = [found for _, found in inspect.getmembers(errors, inspect.isclass)]
    bases = {errors.SenderError, errors.OurError}
    return [c for c in classes if issubclass(c, errors.IngestionError) and c not in bases]


@pytest.mark.parametrize("page", pages())
def test_the_pages_that_the_code_can_tell_are_as_it_tells_them(page):
    assert (ROOT / page).read_text() == pages()[page], "make docs"


def test_every_error_and_every_reason_is_documented():
    text = (ROOT / "docs/errors.md").read_text()
    told = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert told == {fault.code for fault in faults()} - {"lease_lost", "duplicate_ingest", "delivery_refused"} | set(
        Reason
    )


def test_codes_are_unique():
    codes = [fault.code for fault in faults()]
    assert len(codes) == len(set(codes))


def test_every_state_has_its_moves():
    assert set(MOVES) == set(State)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_between_documents_leads_somewhere(document):
    text = (ROOT / document).read_text()
    targets = [target for target in re.findall(r"\]\(([^)#]+)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / document).parent.joinpath(target).exists()] == []


def test_the_metrics_that_the_runbook_names_exist():
    declared = (ROOT / "shared/metrics.py").read_text() + (ROOT / "workers/metrics_server.py").read_text()
    named = set(re.findall(r"`(hmas_\w+)", (ROOT / "docs/runbook.md").read_text()))
    assert named
    assert {name for name in named if f'"{name}"' not in declared} == set()


def test_the_tests_that_the_architecture_names_exist():
    named = re.findall(r"`(tests/[\w/.*]+)`", (ROOT / "docs/architecture.md").read_text())
    assert named
    assert [name for name in named if not list(ROOT.glob(name))] == []


def test_the_schemas_path_is_versioned():
    assert SCHEMA_PATH.endswith(".v1.json")
