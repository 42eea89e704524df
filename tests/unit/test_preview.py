"""Previews after the end: made once, lost and found again, never in the way of an ingest or its delivery."""

import asyncio
import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from shared import metrics
from shared.errors import NotFound, StorageFull, Unavailable
from shared.ids import new_id
from shared.ingest import Preview, Reason, State
from shared.media_types import PREVIEWED
from shared.metadata import ImageMetadata
from tests.unit.rooms import TEXT, Cage, received
from workers import preview, process, reconcile, sweep
from workers.cage.warm_process import CageUnavailable
from workers.examine.examination import Examination, MakePreview
from workers.examine.preview import painters
from workers.room import Room

WEBP = b"RIFF....WEBP"
SHOWN = ImageMetadata(format="PNG", mode="RGB", width=1, height=1, frames=1)
IMAGE = Examination(media_type="image/png", kind="image", metadata=SHOWN)
LONG = timedelta(minutes=11)


class PaintingCage(Cage):
    """Paints `painted`, or does what it was given to do."""

    def __init__(self):
        super().__init__()
        self.found = IMAGE
        self.painted = WEBP
        self.asked = []

    async def preview(self, path, question):
        self.asked.append(question)
        return await self.painted() if callable(self.painted) else self.painted


@pytest.fixture
def studio(room):
    """A room whose files are images."""
    return Room(room.services, PaintingCage())


async def completed(studio):
    """Take an ingest to its end, without its preview."""
    ingest = await received(studio)
    await process.process(studio, ingest.id)
    return await studio.services.catalog.get(ingest.id)


async def noted(studio, ingest):
    return (await studio.services.catalog.get(ingest.id)).preview


async def grow_old(studio, ingest, age, *, rung=timedelta()):
    """Let the end be that long ago, and the last ring for a lost preview that long after it."""
    end = datetime.now(UTC) - age
    row = await studio.services.catalog.get(ingest.id)
    await studio.services.catalog.save(row, dataclasses.replace(row, completed_at=end, updated_at=end + rung))


async def lost(studio, age, *, rung=timedelta()):
    """Take an ingest to its end that long ago, whose ring for the preview is lost."""
    ingest = await completed(studio)
    studio.services.queue.rung_previews.clear()
    await grow_old(studio, ingest, age, rung=rung)
    return ingest


async def deleted(studio, ingest):
    """Delete an ingest as the front desk does."""
    row = await studio.services.catalog.get(ingest.id)
    await studio.services.catalog.save(row, row.moved(State.DELETED, datetime.now(UTC), preview=None))
    await studio.services.store.delete(row.id)


def counted(outcome):
    return metrics.previews.labels("image", outcome)._value.get()


@pytest.fixture
def failures():
    """Return how many previews have failed within the test."""
    before = counted("failed")
    return lambda: counted("failed") - before


def test_a_preview_is_wanted_of_exactly_those_kinds_that_have_a_painter():
    assert painters().keys() == PREVIEWED


async def test_the_end_wants_a_preview_in_the_same_commit_and_does_not_wait_for_it(studio):
    ingest = await completed(studio)
    assert (ingest.state, ingest.preview) == (State.COMPLETED, Preview.WANTED)
    assert (len(studio.services.queue.rung_notify), studio.services.queue.rung_previews) == (1, [ingest.id])
    assert studio.cage.asked == []


async def test_without_the_queue_the_end_wants_a_preview_all_the_same(studio):
    studio.services.queue.away = True
    ingest = await completed(studio)
    assert (ingest.state, ingest.preview) == (State.COMPLETED, Preview.WANTED)


async def test_a_preview_is_made_kept_and_noted(studio):
    before = counted("made")
    ingest = await completed(studio)
    await preview.make_preview(studio, ingest.id)
    assert studio.cage.asked == [MakePreview(media_type="image/png", kind="image")]
    assert await studio.services.store.preview(ingest.id) == WEBP
    assert await noted(studio, ingest) is Preview.MADE
    assert counted("made") == before + 1


@pytest.mark.parametrize(
    "found",
    [TEXT, IMAGE.model_copy(update={"reason": Reason.UNREADABLE, "metadata": None})],
    ids=["another kind", "rejected"],
)
async def test_no_preview_is_wanted_of_another_kind_or_a_rejected_file(studio, found):
    studio.cage.found = found
    ingest = await completed(studio)
    await preview.make_preview(studio, ingest.id)
    assert (await noted(studio, ingest), studio.services.queue.rung_previews, studio.cage.asked) == (None, [], [])


async def test_no_preview_is_wanted_where_the_settings_say_so(studio):
    settings = studio.services.settings.model_copy(update={"previews": False})
    ingest = await completed(Room(dataclasses.replace(studio.services, settings=settings), studio.cage))
    assert ingest.preview is None


@pytest.mark.parametrize("painted", [b"", b"<html><script>"], ids=["nothing to show", "no WebP"])
async def test_content_of_which_none_can_be_made_has_none_for_ever(studio, painted):
    studio.cage.painted = painted
    ingest = await completed(studio)
    for _ in range(2):
        await preview.make_preview(studio, ingest.id)
    assert await noted(studio, ingest) is Preview.NONE
    assert len(studio.cage.asked) == 1
    with pytest.raises(NotFound):
        await studio.services.store.preview(ingest.id)


async def test_a_lost_preview_is_rung_for_after_a_lease_and_made(studio):
    ingest = await lost(studio, timedelta())
    await sweep.sweep(studio.services)
    assert studio.services.queue.rung_previews == []
    await grow_old(studio, ingest, timedelta(seconds=31))
    await sweep.sweep(studio.services)
    assert studio.services.queue.rung_previews == [ingest.id]
    await preview.make_preview(studio, ingest.id)
    assert await noted(studio, ingest) is Preview.MADE


async def test_a_lost_preview_is_rung_for_once_a_lease(studio):
    ingest = await lost(studio, timedelta(seconds=31))
    for _ in range(2):
        await sweep.sweep(studio.services)
        assert studio.services.queue.rung_previews == [ingest.id]
    studio.services.queue.rung_previews.clear()
    await sweep.sweep(studio.services)
    assert studio.services.queue.rung_previews == []


async def test_nothing_is_rung_for_or_given_up_while_rings_for_previews_wait(studio):
    ingest = await lost(studio, timedelta(days=1), rung=LONG)
    studio.services.queue.rung_previews = [ingest.id]
    await sweep.sweep(studio.services)
    assert studio.services.queue.rung_previews == [ingest.id]
    assert await noted(studio, ingest) is Preview.WANTED


async def test_after_a_long_outage_a_lost_preview_is_rung_for_all_the_same(studio):
    ingest = await lost(studio, timedelta(days=1))
    await sweep.sweep(studio.services)
    assert studio.services.queue.rung_previews == [ingest.id]


async def test_a_preview_for_which_was_rung_for_ten_minutes_is_given_up(studio, failures):
    ingest = await lost(studio, timedelta(days=1), rung=LONG)
    await sweep.sweep(studio.services)
    assert studio.services.queue.rung_previews == []
    assert await noted(studio, ingest) is Preview.NONE
    assert failures() == 1


async def test_two_workers_at_once_make_the_same_preview(studio):
    ingest = await completed(studio)
    both = asyncio.Barrier(2)

    async def paint():
        await both.wait()
        return WEBP

    studio.cage.painted = paint
    await asyncio.gather(*(preview.make_preview(studio, ingest.id) for _ in range(2)))
    assert await studio.services.store.preview(ingest.id) == WEBP
    assert await noted(studio, ingest) is Preview.MADE


async def test_a_double_that_fails_takes_nothing_away(studio):
    ingest = await completed(studio)

    async def paint():
        studio.cage.painted = WEBP
        await preview.make_preview(studio, ingest.id)
        return b""

    studio.cage.painted = paint
    await preview.make_preview(studio, ingest.id)
    assert await studio.services.store.preview(ingest.id) == WEBP
    assert await noted(studio, ingest) is Preview.MADE


async def test_nothing_stays_behind_of_an_ingest_that_is_deleted_while_it_is_painted(studio):
    ingest = await completed(studio)

    async def paint():
        await deleted(studio, ingest)
        return WEBP

    studio.cage.painted = paint
    await preview.make_preview(studio, ingest.id)
    assert studio.services.store.previews == {}
    row = await studio.services.catalog.get(ingest.id)
    assert (row.state, row.preview) == (State.DELETED, None)


async def test_an_ingest_deleted_before_it_is_painted_is_no_fault(studio, failures):
    ingest = await completed(studio)
    await deleted(studio, ingest)
    await preview.make_preview(studio, ingest.id)
    await preview.make_preview(studio, new_id())
    assert studio.cage.asked == []
    assert failures() == 0


async def test_what_a_killed_worker_kept_of_a_deleted_ingest_is_removed_as_an_orphan(studio):
    store = studio.services.store
    gone, kept = await completed(studio), await completed(studio)
    await deleted(studio, gone)
    for ingest in (gone, kept):
        await store.put_preview(ingest.id, WEBP)
        store.written_at[ingest.id] -= timedelta(days=1)
    await reconcile.reconcile(studio.services)
    assert store.previews.keys() == store.objects.keys() == {kept.id}


def raising(fault):
    async def act(*_):
        raise fault

    return act


@pytest.mark.parametrize("fault", [CageUnavailable(), Unavailable(), TimeoutError(), ZeroDivisionError()], ids=repr)
async def test_a_fault_leaves_the_ingest_completed_and_the_preview_wanted(studio, failures, fault):
    ingest = await completed(studio)
    studio.cage.painted = raising(fault)
    await preview.make_preview(studio, ingest.id)
    assert await studio.services.catalog.get(ingest.id) == ingest
    assert failures() == 1


async def test_a_full_disk_leaves_the_preview_wanted_until_there_is_room(studio, failures, monkeypatch):
    ingest = await completed(studio)
    with monkeypatch.context() as full:
        full.setattr(studio.services.store, "put_preview", raising(StorageFull()))
        await preview.make_preview(studio, ingest.id)
    assert (await noted(studio, ingest), failures()) == (Preview.WANTED, 1)
    await preview.make_preview(studio, ingest.id)
    assert await noted(studio, ingest) is Preview.MADE


async def test_a_preview_that_takes_too_long_is_cut_off(studio, failures, monkeypatch):
    ingest = await completed(studio)
    monkeypatch.setattr(preview, "LIMIT_SECONDS", 0.01)
    studio.cage.painted = asyncio.Event().wait
    await preview.make_preview(studio, ingest.id)
    assert (await noted(studio, ingest), failures()) == (Preview.WANTED, 1)


async def test_without_the_catalog_nothing_is_painted_and_nothing_raised(studio, monkeypatch):
    ingest = await completed(studio)
    with monkeypatch.context() as away:
        away.setattr(studio.services.catalog, "get", raising(Unavailable()))
        await preview.make_preview(studio, ingest.id)
    assert studio.cage.asked == []
    assert await noted(studio, ingest) is Preview.WANTED
