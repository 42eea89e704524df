"""The text of `.env.example`: every setting with its default and what it is for."""

import textwrap

from shared.settings import Settings

_HEAD = """\
# Settings: copy this file to .env and remove the # before what you change; the environment has precedence over .env.
# Sizes are bytes, times are seconds. Written by `make docs`; a test keeps it complete.
"""


def env_example() -> str:
    """Return the text of `.env.example`."""
    return _HEAD + "".join(
        f"\n{textwrap.fill(field.description or '', 110, initial_indent='# ', subsequent_indent='# ')}"
        f"\n#{name.upper()}={field.default}\n"
        for name, field in Settings.model_fields.items()
    )
