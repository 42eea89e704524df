"""A full disk and a catalog that is away: refused with our own fault, and nothing is left behind."""

import os
import subprocess

import pytest

from tests.postgres import PostgresServer
from tests.system.client import eventually

MIB = b"x" * (1 << 20)


def refused(answer, status, code):
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert int(answer.headers["retry-after"]) >= 1


def test_POST_below_the_watermark_is_refused_before_the_body(own_api):
    api = own_api(MIN_FREE_BYTES=str(1 << 60))
    with api.client() as client:
        refused(client.post("/ingest?filename=a.bin", content=MIB), 507, "storage_full")
        assert client.get("/ready").json()["parts"]["disk"]["ok"] is False
    assert api.files() == []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 MiB. Only root may mount one."""
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a full disk needs root, to mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def test_POST_on_a_disk_that_fills_up_is_refused_and_the_room_is_given_back(own_api, small_disk, tmp_path):
    database = f"sqlite:///{tmp_path}/catalog.db"
    api = own_api(MIN_FREE_BYTES="0", FREE_AGAIN_BYTES=str(8 << 20), DATA_DIR=str(small_disk), DATABASE_URL=database)
    with api.client() as client:
        refused(client.post("/ingest?filename=a.bin", content=(MIB for _ in range(32))), 507, "storage_full")
        declared = {"content-length": str(32 << 20)}
        refused(
            client.post("/ingest?filename=a.bin", content=(MIB for _ in range(32)), headers=declared),
            507,
            "storage_full",
        )
        assert not [path for path in small_disk.rglob("*") if path.is_file()]
        assert eventually(lambda: client.post("/ingest?filename=a.bin", content=MIB * 8).status_code == 202)


def test_POST_while_the_catalog_is_away_is_refused_and_works_again_afterwards(own_api):
    with PostgresServer.running() as postgres:
        api = own_api(DATABASE_URL=postgres.url().replace("+asyncpg", ""))
        with api.client() as client:
            assert client.post("/ingest?filename=a.bin", content=MIB).status_code == 202
            before = sorted(api.files())
            postgres.stop()
            refused(client.post("/ingest?filename=a.bin", content=MIB), 503, "unavailable")
            ready = client.get("/ready")
            assert (ready.status_code, ready.json()["parts"]["catalog"]["ok"]) == (503, False)
            assert sorted(api.files()) == before
            postgres.start()
            assert client.post("/ingest?filename=a.bin", content=MIB).status_code == 202
            assert client.get("/ready").status_code == 200
