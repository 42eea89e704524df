"""The cage's layers: each holds by itself, is named where it is in force, and can be asked for."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from shared.settings import Settings
from tests.unit.test_cage import UNFILTERED, WORKS
from workers import room
from workers.cage import landlock
from workers.cage.cage import Cage
from workers.cage.layers import CageTooWeak, layers_of
from workers.cage.protocol import Layer
from workers.examine.examination import Claim, Examine

LAYERED, UNLAYERED = "tests.unit.cage_works_layered", "tests.unit.cage_works_unlayered"
FILES, PORTS, OTHERS = 1, 4, 6
"""Versions of Landlock's interface from which on it refuses files, TCP ports, other processes."""
ATTEMPTS = [
    (FILES, "read", "Permission denied"),
    (FILES, "write", "Permission denied"),
    (FILES, "list", "Permission denied"),
    (FILES, "make", "Permission denied"),
    (FILES, "execute", "Permission denied"),
    (PORTS, "bind", "Permission denied"),
    (PORTS, "connect", "Permission denied"),
    (OTHERS, "signal", "Operation not permitted"),
    (OTHERS, "abstract", "Operation not permitted"),
]
needs_landlock = pytest.mark.skipif(not landlock.version(), reason="This kernel has no Landlock")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    return path


def in_force(layer: Layer) -> float | None:
    return REGISTRY.get_sample_value("hmas_cage_layer", {"layer": layer})


@needs_landlock
async def test_landlock_alone_refuses_files_ports_and_other_processes(file: Path):
    async with Cage(work=LAYERED) as cage:
        assert cage.level == (Layer.RLIMITS, Layer.NO_NEW_PRIVS, Layer.LANDLOCK)
        for since, attempt, refusal in ATTEMPTS:
            if landlock.version() >= since:
                found = await cage.examine(file, Examine(claim=Claim(filename=attempt)))
                assert (attempt, found.detail) == (attempt, refusal)


async def test_without_landlock_the_same_attempts_get_through(file: Path):
    async with Cage(work=UNLAYERED) as cage:
        assert cage.level == (Layer.RLIMITS, Layer.NO_NEW_PRIVS)
        found = {
            attempt: (await cage.examine(file, Examine(claim=Claim(filename=attempt)))).detail
            for attempt in ("read", "bind", "signal", "abstract")
        }
    assert found == {"read": "read", "bind": "bound", "signal": "signalled", "abstract": "connected"}


async def test_a_child_can_look_at_its_file_and_at_no_path(file: Path):
    async with Cage(work=WORKS) as cage:
        if Layer.NETNS not in cage.level:
            pytest.skip("Only root and who may make namespaces can change the root")
        found = await cage.examine(file, Examine(claim=Claim(filename="look")))
    assert found.detail == "7 []"


async def test_each_layer_is_a_metric():
    async with Cage(work=UNFILTERED) as cage:
        assert {layer: in_force(layer) for layer in Layer} == {layer: layer in cage.level for layer in Layer}
        assert in_force(Layer.SECCOMP) == 0
        assert in_force(Layer.RLIMITS) == 1


async def test_a_cage_without_a_required_layer_does_not_open():
    with pytest.raises(CageTooWeak, match=r"^CAGE_REQUIRED names seccomp; this machine gives rlimits, "):
        async with Cage(work=UNFILTERED, required=frozenset({Layer.SECCOMP, Layer.RLIMITS})):
            pytest.fail("It must not come up.")


def test_an_unknown_layer_is_refused_with_the_names_that_there_are():
    with pytest.raises(CageTooWeak) as refused:
        layers_of(["seccomp", "apparmor"])
    known = "rlimits, no_new_privs, seccomp, landlock, netns"
    assert refused.value.detail == f"CAGE_REQUIRED names apparmor; it takes {known}."


def test_a_room_asks_for_the_layers_of_the_settings(monkeypatch):
    monkeypatch.setattr(room, "Cage", partial(Cage, work=UNFILTERED))
    room.try_cage(Settings(_env_file=None, cage_required="rlimits, no_new_privs"))
    with pytest.raises(CageTooWeak):
        room.try_cage(Settings(_env_file=None, cage_required="rlimits,seccomp"))


def test_a_worker_whose_layers_are_not_to_be_had_ends_with_one_sentence(tmp_path: Path):
    command = [sys.executable, "-m", "celery", "-A", "workers.celery_app", "worker", "--concurrency=1"]
    environment = {"CAGE_REQUIRED": "seccomp,selinux", "DATA_DIR": str(tmp_path), "REDIS_URL": "redis://127.0.0.1:9/0"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].startswith("CAGE_REQUIRED names selinux; it takes rlimits,")
    assert "Traceback" not in ended.stderr
