"""Each query that must stay cheap goes by its index and sorts nothing, as the databases' planners say themselves."""

import re

import pytest
from sqlalchemy import insert

from shared.adapters.sql_catalog.deliveries import due_to_deliver, revived_many, undelivered
from shared.adapters.sql_catalog.ingests import (
    due_to_ring,
    ended_leases,
    ended_quarantine,
    ended_with_bytes,
    left_leases,
    listed,
    lost_previews,
)
from shared.adapters.sql_catalog.rows import ingest_row, upload_row
from shared.adapters.sql_catalog.tables import ingests, uploads
from shared.adapters.sql_catalog.tally import counted
from shared.adapters.sql_catalog.uploads import declared_length, expired, forgotten, prolonged
from shared.events import DeliveryState
from shared.ingest import MAX_PRIORITY, Reason, State
from shared.ports import ANY_SIZE, Listing, Undelivered
from shared.resumable import Resumable
from tests.sample_ingests import LATER, NOON, SECOND, received

FULL_SCAN = re.compile(r"\bSeq Scan on (?!counters)|\bSCAN (ingests|deliveries|events|uploads)(?! USING)")
SORT = re.compile(r"\bSort\b|TEMP B-TREE")


async def plan_of(catalog, query):
    dialect = catalog._engine.dialect
    statement = str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    async with catalog.writing() as connection:
        if dialect.name == "postgresql":
            # A table of a test is too small to be worth an index; what is asked is whether one fits.
            for way in ("seqscan", "bitmapscan"):
                await connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        explain = "EXPLAIN" if dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
        rows = await connection.exec_driver_sql(f"{explain} {statement}")
        return "\n".join(str(row[-1]) for row in rows)


@pytest.fixture
async def filled(sql_catalog):
    rows = [
        ingest_row(received(NOON + n * SECOND, filename=f"{n}.mp4", sha256=f"{n:064x}", media_type=f"video/{n % 50}"))
        for n in range(1000)
    ]
    for n in range(0, 1000, 5):
        rows[n] |= {"state": State.REJECTED, "due_at": None, "quarantined_until": LATER + n * SECOND}
    for n in range(0, 1000, 7):
        rows[n] |= {"state": State.RECEIVING, "due_at": None, "quarantined_until": None}
    in_parts = [upload_row(Resumable(row["id"], LATER + n * SECOND)) for n, row in enumerate(rows) if n % 3]
    async with sql_catalog.writing() as connection:
        await connection.execute(insert(ingests), rows)
        await connection.execute(insert(uploads), in_parts)
        if connection.dialect.name == "postgresql":  # As it does by itself; SQLite never does.
            await connection.exec_driver_sql("ANALYZE")
    return sql_catalog


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (Listing(), "pk_ingests|sqlite_autoindex_ingests_1"),
        (Listing(since=NOON, until=LATER), "pk_ingests|sqlite_autoindex_ingests_1"),
        (Listing(before=received(LATER).id), "pk_ingests|sqlite_autoindex_ingests_1"),
        (Listing(state=State.FAILED), "ix_ingests_state"),
        (Listing(state=State.FAILED, since=NOON, before=received(LATER).id), "ix_ingests_state"),
        (Listing(state=State.FAILED, reason=Reason.ATTEMPTS_EXHAUSTED), "ix_ingests_state"),
        (Listing(media_type="video/7"), "ix_ingests_media_type"),
        (Listing(sha256=f"{7:064x}"), "ix_ingests_sha256"),
        (Listing(filename="7.mp4"), "ix_ingests_filename"),
        (Listing(filename="7.mp4", before=received(LATER).id), "ix_ingests_filename"),
        (Listing(quarantined=True), "ix_ingests_quarantined"),
        (Listing(quarantined=True, before=received(LATER).id), "ix_ingests_quarantined"),
    ],
)
async def test_a_listing_goes_by_the_index_of_its_filter(filled, wanted, index):
    plan = await plan_of(filled, listed(wanted))
    assert re.search(rf"\b({index})\b", plan), plan
    assert not SORT.search(plan), plan


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (due_to_ring(NOON, 10, MAX_PRIORITY, ANY_SIZE), "ix_ingests_ring"),
        (ended_leases(NOON, 10), "ix_ingests_leases"),
        (left_leases(["a", "b"], 10), "ix_ingests_holders"),
        (ended_quarantine(NOON, 10), "ix_ingests_quarantined_until"),
        (lost_previews(NOON, 10), "ix_ingests_preview"),
        (ended_with_bytes(received(LATER).id, 10), "pk_ingests|sqlite_autoindex_ingests_1"),
        (due_to_deliver(NOON, 10, None), "ix_deliveries_due"),
        (due_to_deliver(NOON, 10, received().id), "pk_deliveries|sqlite_autoindex_deliveries_1|ix_deliveries_due"),
    ],
)
async def test_the_sweeper_goes_by_an_index_of_what_waits(filled, query, index):
    plan = await plan_of(filled, query)
    assert re.search(rf"\b({index})\b", plan), plan
    assert not FULL_SCAN.search(plan), plan


async def test_the_sweeper_sorts_nothing(filled):
    queries = (
        due_to_ring(NOON, 10, 3, range(1 << 20)),
        ended_leases(NOON, 10),
        ended_quarantine(NOON, 10),
        lost_previews(NOON, 10),
        ended_with_bytes(received(LATER).id, 10),
        due_to_deliver(NOON, 10, None),
    )
    for query in queries:
        plan = await plan_of(filled, query)
        assert not SORT.search(plan), plan


@pytest.mark.parametrize("query", [expired(NOON, 10), forgotten(NOON, 10)], ids=["expired", "forgotten"])
async def test_uploads_end_by_the_index_of_their_time(filled, query):
    plan = await plan_of(filled, query)
    assert "ix_uploads_expires_at" in plan, plan
    assert not FULL_SCAN.search(plan), plan
    assert not SORT.search(plan), plan


@pytest.mark.parametrize("query", [declared_length(received().id, 7), prolonged(["a", "b"], LATER)])
async def test_an_upload_is_changed_by_its_key(filled, query):
    plan = await plan_of(filled, query)
    assert re.search(r"\b(pk_uploads|sqlite_autoindex_uploads_1)\b", plan), plan
    assert not FULL_SCAN.search(plan), plan


async def test_the_census_reads_only_indexes_of_what_waits(filled):
    plan = await plan_of(filled, counted())
    for index in ("ix_ingests_received", "ix_ingests_missing", "ix_ingests_state", "ix_deliveries_undelivered"):
        assert index in plan, plan
    assert not FULL_SCAN.search(plan), plan


@pytest.mark.parametrize("state", [DeliveryState.DEAD, DeliveryState.PENDING])
@pytest.mark.parametrize(
    "filters",
    [{}, {"sink": "a"}, {"since": NOON, "until": LATER}, {"after": ("a", NOON, "0")}, {"sink": "a", "since": NOON}],
)
async def test_what_is_undelivered_is_listed_and_revived_by_its_index(filled, state, filters):
    for query in (undelivered(Undelivered(state, **filters)), revived_many(Undelivered(state, **filters), LATER)):
        plan = await plan_of(filled, query)
        assert "ix_deliveries_undelivered" in plan, plan
        assert not FULL_SCAN.search(plan), plan
