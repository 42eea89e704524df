"""`.env.example` tells of every setting, and a wrong one ends a process with one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from shared.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_every_setting_has_a_description_and_a_line():
    lines = EXAMPLE.read_text().splitlines()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"#{name.upper()}={field.default}" in lines


def test_a_copy_of_the_example_changes_nothing():
    assert Settings(_env_file=EXAMPLE).model_fields_set <= Settings(_env_file=None).model_fields_set


@pytest.mark.parametrize(
    "command", [["api"], ["migrations"], ["deploy.local"], ["celery", "-A", "workers.celery_app", "worker"]]
)
def test_wrong_settings_end_a_process_with_a_sentence_for_each(command):
    wrong = {"QUARANTINE": "hold", "ALLOWED_TYPES": "pictures", "PORT": "many"}
    ended = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=EXAMPLE.parent,
        env=os.environ | wrong,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert [line.partition("=")[0] for line in lines] == ["PORT", "ALLOWED_TYPES", "QUARANTINE"]
    assert "'pictures' is no set; use media" in lines[1]
    assert "'hold' is no rule; use drop" in lines[2]
