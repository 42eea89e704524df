"""The examples of a page of documentation, and running them as they stand."""

import re
import subprocess

FENCED = re.compile(r"<!-- example: (\w+) -->\n```sh\n(.*?)```", re.DOTALL)


def examples_in(page):
    """Return each example's script by its name."""
    return dict(FENCED.findall(page.read_text()))


def run_in_bash(script, folder, **variables):
    """Return what the script prints; it knows these variables and PATH, and fails with its first command."""
    env = {"PATH": "/usr/bin:/bin", **variables}
    return subprocess.check_output(["bash", "-euc", script], cwd=folder, env=env, text=True, timeout=60)
