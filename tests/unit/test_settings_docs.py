"""`.env.example` tells of every setting, as the settings themselves do."""

from pathlib import Path

from shared.settings import Settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_every_setting_has_a_description_and_a_line():
    lines = EXAMPLE.read_text().splitlines()
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert f"#{name.upper()}={field.default}" in lines


def test_a_copy_of_the_example_changes_nothing():
    assert Settings(_env_file=EXAMPLE).model_fields_set <= Settings(_env_file=None).model_fields_set
