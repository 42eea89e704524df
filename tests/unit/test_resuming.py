"""The engine of uploads that come in parts: where they stand, who may write, and how they end, whatever breaks off."""

import asyncio
import hashlib
from dataclasses import replace

import pytest
from starlette.requests import ClientDisconnect

from api.gathering import BATCH_BYTES
from api.resuming import Append, Creation, append, create, join, standing, terminate
from api.resuming.hashing import Hashers, hashers
from shared.adapters.memory_catalog import MemoryCatalog
from shared.digest import Digest, Hasher
from shared.errors import (
    BadFilename,
    ChecksumMismatch,
    DigestMismatch,
    EmptyFile,
    IdempotencyKeyReused,
    IncompleteBody,
    InconsistentLength,
    MediaTypeNotAllowed,
    NotFound,
    NotJoinable,
    OffsetMismatch,
    OutcomeUnknown,
    Stopping,
    StorageFull,
    TooLarge,
    Unavailable,
    UploadBusy,
    UploadComplete,
    UploadGone,
    UploadStalled,
)
from shared.ingest import Reason, State
from shared.policy import Policy
from shared.ports import Listing
from tests.unit.uploads import ME, begun, digest, send, services_of

ELF = b"\x7fELF" + b"\0" * 600


@pytest.fixture
def services():
    return services_of()


async def state(services, upload):
    return (await services.catalog.get(upload)).state


async def last_detail(services, upload):
    return (await services.catalog.history(upload))[-1].detail


async def offset(services, upload):
    return (await standing(upload, ME, services)).offset


# Creating


async def test_a_new_upload_is_receiving_at_offset_0_and_room_is_kept_for_it(services):
    found = await create(Creation(ME, "a.bin", length=100, metadata="k dg=="), services)
    assert (found.ingest.state, found.offset, found.length) == (State.RECEIVING, 0, 100)
    assert (await services.catalog.resumable(found.ingest.id)).metadata == "k dg=="
    assert services.store.parts[found.ingest.id].length == 100
    assert services.store.claimed == set()


async def test_an_upload_without_a_name_is_named_by_its_id(services):
    upload = await begun(services, 1)
    assert (await services.catalog.get(upload)).filename == upload


@pytest.mark.parametrize(
    ("said", "fault"),
    [({"length": (1 << 30) + 1}, TooLarge), ({"filename": "..."}, BadFilename)],
    ids=["too large", "no name"],
)
async def test_what_may_not_be_created_leaves_nothing(services, said, fault):
    with pytest.raises(fault):
        await create(Creation(ME, **said), services)
    assert await services.catalog.listing(Listing()) == []
    assert services.store.parts == {}


async def test_an_upload_for_which_there_is_no_room_leaves_nothing(services):
    services.store.total = 10
    with pytest.raises(StorageFull):
        await begun(services, 11)
    assert await services.catalog.listing(Listing()) == []


async def test_a_catalog_that_is_away_at_the_creation_leaves_no_bytes(services):
    class Away(MemoryCatalog):
        async def record(self, *_, **__):
            raise Unavailable

    services = replace(services, catalog=Away(()))
    with pytest.raises(Unavailable):
        await begun(services, 1)
    assert services.store.parts == {}


class Committing(MemoryCatalog):
    """A catalog in whose commit of a new row the stop comes."""

    def __init__(self):
        super().__init__(())
        self.begun = asyncio.Event()

    async def record(self, ingest, key=None, detail=None, resumable=None):
        await super().record(ingest, key, detail, resumable)
        if ingest.state is State.RECEIVED or not resumable.is_part:
            self.begun.set()
            await asyncio.Event().wait()


async def stopped_in_its_commit(services, work):
    stopping = asyncio.create_task(work)
    await services.catalog.begun.wait()
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    (ingest,) = [each for each in await services.catalog.listing(Listing()) if each.declared_type == "it"]
    return ingest.id


async def test_a_stop_in_the_commit_of_a_creation_leaves_the_bytes_to_their_row(services):
    services = replace(services, catalog=Committing())
    upload = await stopped_in_its_commit(services, begun(services, 4, declared_type="it"))
    assert (await send(services, upload, 0, b"1234")).is_complete


async def test_a_stop_in_the_commit_of_a_whole_leaves_the_bytes_to_their_row(services):
    services = replace(services, catalog=Committing())
    parts = [await part(services, b"one")]
    whole = await stopped_in_its_commit(services, join(Creation(ME, declared_type="it"), parts, services))
    assert services.store.objects == {whole: b"one"}
    assert (await join(Creation(ME), parts, services)).ingest.id == whole


async def test_the_same_key_gives_the_first_upload_wherever_it_stands(services):
    sender = replace(ME, idempotency_key="k")
    upload = await begun(services, 4, sender)
    await send(services, upload, 0, b"ab")
    again = await create(Creation(sender, length=4), services)
    assert (again.ingest.id, again.offset) == (upload, 2)
    await send(services, upload, 2, b"cd")
    assert (await create(Creation(sender, length=4), services)).ingest.state is State.RECEIVED
    assert len(await services.catalog.listing(Listing())) == 1
    assert services.store.parts == {}


@pytest.mark.parametrize("said", [{"length": 5}, {"length": 4, "metadata": "k"}, {"length": 4, "is_part": True}])
async def test_another_upload_under_the_same_key_is_refused(services, said):
    sender = replace(ME, idempotency_key="k")
    upload = await begun(services, 4, sender)
    with pytest.raises(IdempotencyKeyReused):
        await create(Creation(sender, **said), services)
    assert services.store.parts.keys() == {upload}


async def test_an_upload_of_no_bytes_is_over_at_once_and_rejected_as_empty(services):
    found = await create(Creation(ME, length=0), services)
    assert found.is_complete
    assert (found.ingest.state, found.ingest.verdict.reasons) == (State.REJECTED, (Reason.EMPTY_FILE,))
    assert (await standing(found.ingest.id, ME, services)).offset == 0
    assert services.store.parts == {}
    (event,) = await services.catalog.events(0, 10)
    assert (event.subject, event.data.file.size) == (found.ingest.id, 0)
    assert services.queue.rung_notify == [event.id]


# Appending


async def test_appends_make_a_file_and_the_last_byte_makes_it_received(services):
    upload = await begun(services, 9, filename="a.bin")
    assert (await send(services, upload, 0, b"one", b" ")).offset == 4
    assert await state(services, upload) is State.RECEIVING
    done = await send(services, upload, 4, b"three")
    assert (done.is_complete, done.offset) == (True, 9)
    assert (done.ingest.state, done.ingest.size) == (State.RECEIVED, 9)
    assert done.ingest.sha256 == hashlib.sha256(b"one three").hexdigest()
    assert services.store.objects == {upload: b"one three"}
    assert services.queue.rung == [upload]
    assert services.store.claimed == set()


@pytest.mark.parametrize("sent", [0, 3, 5])
async def test_an_append_at_another_offset_is_refused_and_told_the_right_one(services, sent):
    upload = await begun(services, 9)
    await send(services, upload, 0, b"four")
    with pytest.raises(OffsetMismatch) as refused:
        await send(services, upload, sent, b"x")
    assert refused.value.offset == 4
    assert await offset(services, upload) == 4


async def test_an_append_at_another_offset_does_not_disturb_who_still_writes(services):
    upload, more = await begun(services, 9), asyncio.Event()
    writing = asyncio.create_task(send(services, upload, 0, b"x" * 4, more, b"y" * 5))
    await held(services, upload)
    with pytest.raises(OffsetMismatch):
        await send(services, upload, 7, b"x")
    more.set()
    assert (await writing).is_complete


async def test_more_bytes_than_its_length_are_refused_before_any_is_taken(services):
    upload = await begun(services, 4)
    with pytest.raises(TooLarge):
        await send(services, upload, 0, b"12345", size=5)
    assert await offset(services, upload) == 0


async def test_of_a_body_that_turns_out_too_long_nothing_beyond_the_length_is_taken(services):
    upload = await begun(services, 4)
    with pytest.raises(TooLarge):
        await send(services, upload, 0, b"12", b"345")
    assert await state(services, upload) is State.RECEIVING
    assert bytes(services.store.parts[upload].content) == b"1234"


async def test_an_append_to_a_complete_upload_is_refused(services):
    upload = await begun(services, 1)
    await send(services, upload, 0, b"x")
    with pytest.raises(UploadComplete):
        await send(services, upload, 1)


async def test_of_a_file_over_the_limit_whose_length_was_deferred_nothing_is_left():
    services = services_of(Policy(4))
    upload = await begun(services)
    with pytest.raises(TooLarge):
        await send(services, upload, 0, b"12345")
    assert (await state(services, upload), await last_detail(services, upload)) == (State.ABORTED, "too_large")
    assert services.store.parts == {}
    with pytest.raises(UploadGone):
        await send(services, upload, 0, b"1")


@pytest.mark.parametrize("cut", [1, 4, 511, 512, 600])
async def test_first_bytes_that_the_policy_refuses_end_the_upload_wherever_they_were_cut(cut):
    services = services_of(Policy(1 << 20, ("image/*",)))
    upload = await begun(services, len(ELF))

    async def in_two():
        await send(services, upload, 0, ELF[:cut])
        await send(services, upload, cut, ELF[cut:])

    with pytest.raises(MediaTypeNotAllowed):
        await in_two()
    assert (await state(services, upload), services.store.parts) == (State.ABORTED, {})


async def test_a_short_file_that_the_policy_refuses_is_refused_at_its_end():
    services = services_of(Policy(1 << 20, ("image/*",)))
    upload = await begun(services, 20)
    await send(services, upload, 0, ELF[:10])
    with pytest.raises(MediaTypeNotAllowed):
        await send(services, upload, 10, ELF[10:20])
    assert await state(services, upload) is State.ABORTED


# Breaking off


@pytest.mark.parametrize(
    ("broken", "fault"), [(ClientDisconnect(), IncompleteBody), (Stopping(), Stopping), (None, UploadStalled)]
)
async def test_what_came_before_it_broke_off_is_kept(broken, fault):
    services = services_of(receive_idle_seconds=0.05)
    upload, content = await begun(services, 3 * BATCH_BYTES), b"x" * (BATCH_BYTES + 10)
    with pytest.raises(fault):
        await send(services, upload, 0, content, b"yz", broken)
    assert await offset(services, upload) == len(content) + 2
    done = await send(services, upload, len(content) + 2, b"w" * (3 * BATCH_BYTES - len(content) - 2))
    whole = services.store.objects[upload]
    assert (whole[: len(content) + 2], done.ingest.sha256) == (content + b"yz", hashlib.sha256(whole).hexdigest())


async def test_a_sender_slower_than_the_least_rate_is_left_and_what_came_is_kept():
    services = services_of(receive_idle_seconds=0.2, receive_bytes_a_second=1000)
    upload = await begun(services, 1000)

    async def trickle():
        for _ in range(100):
            yield b"x"
            await asyncio.sleep(0.02)

    with pytest.raises(UploadStalled):
        await append(upload, ME, Append(trickle(), 0), services)
    assert 5 < await offset(services, upload) < 50


async def test_a_stop_in_mid_append_keeps_what_came(services):
    upload = await begun(services, 100)
    sending = asyncio.create_task(send(services, upload, 0, b"x" * 10, None))
    await held(services, upload)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert (await offset(services, upload), services.store.claimed) == (10, set())


async def test_a_store_that_fills_up_keeps_what_fitted(services):
    upload = await begun(services)
    services.store.total = BATCH_BYTES + 10
    with pytest.raises(StorageFull):
        await send(services, upload, 0, b"x" * BATCH_BYTES, b"y" * BATCH_BYTES)
    assert await offset(services, upload) == BATCH_BYTES
    services.store.total = 1 << 30
    done = await send(services, upload, BATCH_BYTES, b"z", length=BATCH_BYTES + 1)
    assert services.store.objects[upload] == b"x" * BATCH_BYTES + b"z"
    assert done.ingest.sha256 == hashlib.sha256(services.store.objects[upload]).hexdigest()


async def test_nothing_is_written_behind_a_write_that_failed(services):
    """The connection breaks while a write fails: what was gathered meanwhile must not close the gap."""
    upload = await begun(services)
    services.store.total = BATCH_BYTES + 10

    async def broken():
        yield b"x" * BATCH_BYTES
        yield b"y" * BATCH_BYTES
        yield b"z"
        raise ClientDisconnect

    with pytest.raises(StorageFull):
        await append(upload, ME, Append(broken(), 0), services)
    assert bytes(services.store.parts[upload].content) == b"x" * BATCH_BYTES


# Taking over


async def held(services, upload):
    """Wait until a request holds the upload, and has what its body brought."""
    async with asyncio.timeout(5):
        while upload not in services.store.claimed:
            await asyncio.sleep(0)
    await asyncio.sleep(0.01)


async def test_a_newer_append_takes_over_from_one_that_waits_and_goes_on_behind_its_bytes(services):
    upload = await begun(services, 8)
    hung = asyncio.create_task(send(services, upload, 0, b"old ", None))
    await held(services, upload)
    with pytest.raises(OffsetMismatch) as refused:
        await send(services, upload, 0, b"new!")
    assert refused.value.offset == 4
    with pytest.raises(UploadBusy):
        await hung
    done = await send(services, upload, 4, b"new!")
    assert services.store.objects[upload] == b"old new!"
    assert done.ingest.sha256 == hashlib.sha256(b"old new!").hexdigest()


async def test_of_many_that_take_over_one_another_each_byte_is_written_once(services):
    upload, whole = await begun(services, 50), bytes(range(50))

    async def try_on():
        while True:
            at = await offset(services, upload)
            try:
                await send(services, upload, at, whole[at : at + 3], None if at % 7 else b"")
            except UploadComplete:
                return
            except (OffsetMismatch, UploadBusy, InconsistentLength):
                await asyncio.sleep(0)

    services = replace(services, settings=services.settings.model_copy(update={"receive_idle_seconds": 0.5}))
    tries = [asyncio.create_task(_outlived(try_on)) for _ in range(6)]
    async with asyncio.timeout(30):
        await asyncio.gather(*tries)
    assert services.store.objects[upload] == whole
    assert services.queue.rung == [upload]


async def _outlived(work):
    while True:
        try:
            return await work()
        except UploadStalled:
            continue


async def test_two_that_find_all_bytes_at_once_make_one_ingest(services):
    upload = await begun(services, 4)
    services.store.parts[upload].content += b"1234"
    found = await asyncio.gather(*(standing(upload, ME, services) for _ in range(5)))
    assert {each.ingest.state for each in found} == {State.RECEIVED}
    assert services.queue.rung == [upload]


# What a crash leaves


async def test_all_bytes_there_and_no_commit_is_made_up_for_by_asking_where_it_stands(services):
    upload = await begun(services, 4)
    services.store.parts[upload].content += b"1234"
    found = await standing(upload, ME, services)
    assert (found.is_complete, found.offset, found.ingest.sha256) == (True, 4, None)
    assert services.store.objects == {upload: b"1234"}
    assert services.queue.rung == [upload]


class FailsOnce(MemoryCatalog):
    """A catalog whose first `save` breaks off, before or after it took place."""

    def __init__(self, fault, *, committed=False):
        super().__init__(())
        self.faults, self.committed = [fault], committed

    async def save(self, before, after, event=None, detail=None):
        if not self.faults or self.committed:
            await super().save(before, after, event, detail)
        if self.faults:
            raise self.faults.pop()


@pytest.mark.parametrize("committed", [True, False])
async def test_an_end_whose_row_broke_off_is_made_up_for_by_a_repeat(services, committed):
    services = replace(services, catalog=FailsOnce(OutcomeUnknown("broke off"), committed=committed))
    upload = await begun(services, 4)
    with pytest.raises(OutcomeUnknown):
        await send(services, upload, 0, b"1234")
    with pytest.raises(UploadComplete):
        await send(services, upload, 4)
    assert await state(services, upload) is State.RECEIVED
    assert services.store.objects == {upload: b"1234"}


async def test_an_upload_whose_bytes_were_lost_is_gone(services):
    upload = await begun(services, 4)
    await services.store.delete(upload)
    with pytest.raises(UploadGone):
        await standing(upload, ME, services)


async def test_an_upload_that_expires_while_its_last_byte_comes_is_gone(services):
    upload, last = await begun(services, 4), asyncio.Event()
    sending = asyncio.create_task(send(services, upload, 0, b"123", last, b"4"))
    await held(services, upload)
    ingest = await services.catalog.get(upload)
    await services.catalog.save(ingest, ingest.moved(State.EXPIRED, ingest.updated_at))
    last.set()
    with pytest.raises(UploadGone):
        await sending


# Lengths that are said later


async def test_a_length_that_is_said_with_the_last_append_ends_the_upload(services):
    upload = await begun(services)
    assert (await send(services, upload, 0, b"12")).length is None
    done = await send(services, upload, 2, b"34", length=4)
    assert done.ingest.state is State.RECEIVED


async def test_a_length_is_kept_from_the_request_that_says_it_on(services):
    upload = await begun(services)
    await send(services, upload, 0, b"12", length=4)
    assert (await standing(upload, ME, services)).length == 4
    with pytest.raises(InconsistentLength):
        await send(services, upload, 2, b"3", length=5)
    assert (await send(services, upload, 2, b"34", length=4)).is_complete


async def test_a_length_said_by_who_is_taken_over_holds_for_who_takes_over(services):
    upload = await begun(services)
    hung = asyncio.create_task(send(services, upload, 0, None, length=4))
    await held(services, upload)
    with pytest.raises(TooLarge):
        await send(services, upload, 0, b"12345")
    with pytest.raises(UploadBusy):
        await hung


@pytest.mark.parametrize(("length", "fault"), [(1, InconsistentLength), ((1 << 30) + 1, TooLarge)])
async def test_a_length_that_cannot_be_is_refused_and_not_kept(services, length, fault):
    upload = await begun(services)
    await send(services, upload, 0, b"12")
    with pytest.raises(fault):
        await send(services, upload, 2, b"3", length=length)
    assert (await standing(upload, ME, services)).length is None


async def test_room_that_is_not_there_once_the_length_is_said_refuses_it(services):
    upload = await begun(services)
    services.store.total = 10
    with pytest.raises(StorageFull):
        await send(services, upload, 0, b"12", length=11)
    assert (await standing(upload, ME, services)).length is None


async def test_an_append_that_says_it_is_the_last_needs_no_length(services):
    upload = await begun(services)
    assert not (await send(services, upload, 0, b"12", ends=False)).is_complete
    done = await send(services, upload, 2, b"34", ends=True)
    assert (done.ingest.state, done.ingest.size) == (State.RECEIVED, 4)


async def test_an_append_that_says_it_is_the_last_and_is_not_is_refused_and_kept(services):
    upload = await begun(services, 5)
    with pytest.raises(InconsistentLength):
        await send(services, upload, 0, b"12", ends=True, size=2)
    with pytest.raises(InconsistentLength):
        await send(services, upload, 0, b"12", ends=True)
    assert await offset(services, upload) == 2


async def test_an_append_that_says_it_is_the_last_and_brings_nothing_ends_empty(services):
    upload = await begun(services)
    done = await send(services, upload, 0, ends=True)
    assert (done.ingest.state, done.ingest.verdict.reasons) == (State.REJECTED, (Reason.EMPTY_FILE,))


# Digests and checksums


CHECKSUMS = {
    "sha1": hashlib.sha1(b"12").hexdigest(),
    "sha256": hashlib.sha256(b"12").hexdigest(),
    "md5": hashlib.md5(b"12").hexdigest(),
    "crc32": "4f5344cd",
}


@pytest.mark.parametrize("algorithm", CHECKSUMS)
async def test_an_append_with_the_right_checksum_counts(services, algorithm):
    upload = await begun(services, 4)
    await send(services, upload, 0, b"1", b"2", checksum=Digest(algorithm, CHECKSUMS[algorithm]))
    done = await send(services, upload, 2, b"34")
    assert done.ingest.sha256 == hashlib.sha256(b"1234").hexdigest()


@pytest.mark.parametrize("algorithm", CHECKSUMS)
async def test_of_an_append_with_a_wrong_checksum_nothing_counts(services, algorithm):
    upload = await begun(services, 4)
    await send(services, upload, 0, b"1")
    wrong = Digest(algorithm, "0" * len(CHECKSUMS[algorithm]))
    with pytest.raises(ChecksumMismatch):
        await send(services, upload, 1, b"234", checksum=wrong)
    assert (await offset(services, upload), await state(services, upload)) == (1, State.RECEIVING)
    await send(services, upload, 1, b"234")
    assert services.store.objects[upload] == b"1234"


async def test_of_an_append_that_breaks_off_before_its_checksum_nothing_counts(services):
    upload = await begun(services, 4)
    with pytest.raises(IncompleteBody):
        await send(services, upload, 0, b"12", ClientDisconnect(), checksum=Digest("sha1", CHECKSUMS["sha1"]))
    assert await offset(services, upload) == 0


@pytest.mark.parametrize("here", [True, False], ids=["in this process", "by another process"])
async def test_a_wrong_digest_of_the_whole_ends_the_upload(services, here):
    upload = await begun(services, 4, replace(ME, digest=digest(b"other")))
    await send(services, upload, 0, b"12")
    if not here:
        hashers.take(upload, -1)
    with pytest.raises(DigestMismatch):
        await send(services, upload, 2, b"34")
    assert (await state(services, upload), await last_detail(services, upload)) == (State.ABORTED, "digest_mismatch")
    assert (services.store.parts, services.store.objects, services.queue.rung) == ({}, {}, [])


@pytest.mark.parametrize("declared", [True, False])
async def test_what_another_process_began_is_hashed_again_only_where_a_digest_was_declared(services, declared):
    sender = replace(ME, digest=digest(b"1234") if declared else None)
    upload = await begun(services, 4, sender)
    await send(services, upload, 0, b"12")
    hashers.take(upload, -1)
    done = await send(services, upload, 2, b"34")
    assert done.ingest.sha256 == (hashlib.sha256(b"1234").hexdigest() if declared else None)


def test_hashers_are_kept_for_the_offset_that_they_have_reached_and_for_so_many_uploads():
    kept, hasher = Hashers(most=2), Hasher()
    hasher.update([b"12"])
    kept.keep("a", hasher, 1)
    assert kept.take("a", 1).size == 0
    for name in "abc":
        kept.keep(name, hasher, 2)
    assert [kept.take(name, 2).size for name in "abc"] == [0, 2, 2]


# Other people, and ends


async def test_another_ones_upload_is_not_there(services):
    upload, other = await begun(services, 4), replace(ME, principal="other")
    for call in (standing(upload, other, services), terminate(upload, other, services)):
        with pytest.raises(NotFound):
            await call
    with pytest.raises(NotFound):
        await send(services, upload, 0, b"x", sender=other)


async def test_a_terminated_upload_is_gone_with_its_bytes_even_while_it_is_written(services):
    upload = await begun(services, 4)
    hung = asyncio.create_task(send(services, upload, 0, b"12", None))
    await held(services, upload)
    await terminate(upload, ME, services)
    with pytest.raises(UploadBusy):
        await hung
    assert (await last_detail(services, upload), services.store.parts) == ("terminated", {})
    for call in (standing, terminate):
        with pytest.raises(UploadGone):
            await call(upload, ME, services)


async def test_a_complete_upload_is_not_terminated(services):
    upload = await begun(services, 1)
    await send(services, upload, 0, b"x")
    with pytest.raises(UploadComplete):
        await terminate(upload, ME, services)
    assert services.store.objects == {upload: b"x"}


async def test_an_upload_past_its_time_is_gone_and_an_append_puts_that_off():
    services = services_of(upload_hours=0.2 / 3600)
    upload, until = await begun(services, 4), asyncio.get_running_loop().time() + 0.4
    at = 0
    while asyncio.get_running_loop().time() < until and at < 3:
        at = (await send(services, upload, at)).offset
        await asyncio.sleep(0.02)
    assert await offset(services, upload) == 0
    await asyncio.sleep(0.25)
    with pytest.raises(UploadGone):
        await offset(services, upload)


# Joining


async def part(services, content):
    upload = await begun(services, len(content), is_part=True)
    if content:
        await send(services, upload, 0, content)
    return upload


async def test_complete_parts_become_one_received_ingest_in_their_order(services):
    parts = [await part(services, content) for content in (b"one ", b"", b"two")]
    assert [await state(services, each) for each in parts] == [State.RECEIVING] * 3
    done = await join(Creation(ME, "a.bin"), [parts[2], parts[1], parts[0]], services)
    assert (done.ingest.state, done.ingest.size, done.ingest.sha256) == (State.RECEIVED, 7, None)
    assert services.store.objects == {done.ingest.id: b"twoone "}
    assert services.queue.rung == [done.ingest.id]


async def test_the_same_parts_again_give_the_first_whole_even_when_the_parts_are_gone(services):
    parts = [await part(services, content) for content in (b"one", b"two")]
    first = await join(Creation(ME), parts, services)
    for each in parts:
        await terminate(each, ME, services)
    assert (await join(Creation(ME), parts, services)).ingest == first.ingest
    assert services.store.objects.keys() == {first.ingest.id}


async def test_the_same_parts_at_once_make_one_whole(services):
    parts = [await part(services, content) for content in (b"one", b"two")]
    joined = await asyncio.gather(*(join(Creation(ME), parts, services) for _ in range(4)))
    assert len({each.ingest.id for each in joined}) == 1
    assert services.store.objects.keys() == {joined[0].ingest.id}
    assert services.store.claimed == set()


async def test_parts_expire_soon_after_they_are_joined(services):
    upload = await part(services, b"x")
    before = (await services.catalog.resumable(upload)).expires_at
    await join(Creation(ME), [upload], services)
    assert (before - (await services.catalog.resumable(upload)).expires_at).total_seconds() > 23 * 3600


async def test_what_cannot_be_joined_is_refused_and_leaves_nothing(services):
    whole = await begun(services, 1)
    unfinished = await begun(services, 2, is_part=True)
    await send(services, unfinished, 0, b"x")
    others = await begun(services, 1, replace(ME, principal="other"), is_part=True)
    for parts in ([], [whole], [unfinished], [others], ["no id"]):
        with pytest.raises(NotJoinable):
            await join(Creation(ME), parts, services)
    assert services.store.objects == {}


async def test_parts_that_are_too_large_together_are_refused():
    services = services_of(Policy(5))
    parts = [await part(services, content) for content in (b"one", b"two")]
    with pytest.raises(TooLarge):
        await join(Creation(ME), parts, services)


async def test_a_whole_whose_first_bytes_the_policy_refuses_is_refused_though_its_parts_were_not():
    services = services_of(Policy(1 << 20, ("image/*",)))
    parts = [await part(services, content) for content in (ELF[:2], ELF[2:])]
    with pytest.raises(MediaTypeNotAllowed):
        await join(Creation(ME), parts, services)
    assert (services.store.objects, services.store.claimed) == ({}, set())


@pytest.mark.parametrize("content", [b"onetwo", b"other"])
async def test_a_declared_digest_of_the_whole_is_checked(services, content):
    parts = [await part(services, each) for each in (b"one", b"two")]
    creation = Creation(replace(ME, digest=digest(content)))
    if content == b"other":
        with pytest.raises(DigestMismatch):
            await join(creation, parts, services)
        assert services.store.objects == {}
    else:
        assert (await join(creation, parts, services)).ingest.sha256 == hashlib.sha256(content).hexdigest()


async def test_parts_without_a_byte_are_refused_as_empty(services):
    with pytest.raises(EmptyFile):
        await join(Creation(ME), [await part(services, b"")], services)
