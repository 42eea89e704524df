"""The whole road with PostgreSQL as the catalog."""

import httpx

from tests.postgres import PostgresServer
from tests.system.client import ended, send, told


def test_a_file_goes_all_the_way_with_postgresql(unwatched, data_dir):
    with PostgresServer.running() as postgres:
        stack = unwatched(data_dir, DATABASE_URL=postgres.url().replace("+asyncpg", "")).ready()
        receipt = send(stack.url, "note.txt", b"a note\n")
        assert ended(stack.url, receipt["id"])["state"] == "completed"
        assert told(stack.perception_log, receipt["id"])[0]["digest_ok"] is True
        assert [event["subject"] for event in httpx.get(f"{stack.url}/events").json()] == [receipt["id"]]
        assert not (data_dir / "catalog.db").exists()
        stack.end()
