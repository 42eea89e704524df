"""The promises of Catalog about ingests, kept by every adapter; events and deliveries are in `test_catalog_events`."""

import asyncio
from dataclasses import replace
from itertools import chain

import pytest

from shared.errors import DuplicateIngest, LeaseLost, NotFound, StaleState
from shared.ids import new_id
from shared.ingest import MISSING, Reason, State, Verdict
from shared.ports import IdempotencyKey, Listing
from tests.sample_ingests import LATER, NOON, SECOND, claimed, event_of, finished, id_at, received, settled

KEY = IdempotencyKey("key-1", "fingerprint-1")


def odd_ingest():
    """One with a value in each field, some of which databases dislike."""
    return received(
        NOON.replace(microsecond=123_457),
        principal="camera ☂",
        filename="clip ☂ 😀.mp4",
        original_filename="../nul\0 surrogate\udcff ☂ 😀 'quote'.mp4",
        declared_type="video/mp4",
        size=2**40,
        labels={"camera": "door", "ключ": "nul\0"},
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        completed_at=LATER,
        media_type="video/mp4",
        kind="video",
        metadata={"duration": 0.1, "streams": [{"codec": "h264", "width": 1}], "none": None},
        verdict=Verdict((Reason.UNREADABLE,), "It is cut.", ("one", "two")),
        attempts=3,
        token=7,
        why="it waits",
    )


async def test_a_recorded_ingest_is_read_back_as_it_was(catalog):
    ingest = odd_ingest()
    await catalog.record(ingest)
    assert await catalog.get(ingest.id) == ingest


async def test_a_saved_ingest_is_read_back_as_it_was(catalog):
    plain = received()
    await catalog.record(plain)
    odd = replace(odd_ingest(), id=plain.id, created_at=plain.created_at, state=State.PROCESSING)
    await catalog.save(plain, odd)
    assert await catalog.get(plain.id) == odd


async def test_an_unknown_ingest_is_not_found(catalog):
    with pytest.raises(NotFound):
        await catalog.get(new_id())
    assert await catalog.history(new_id()) == []


async def test_known_ids_are_those_with_a_row(catalog):
    ingests = [received() for _ in range(3)]
    for ingest in ingests:
        await catalog.record(ingest)
    ids = {ingest.id for ingest in ingests}
    assert await catalog.known([*ids, *(new_id() for _ in range(2500))]) == ids
    assert await catalog.known([]) == set()


async def test_ids_without_bytes_are_not_known(catalog):
    kept, aborted = received(), received(state=State.ABORTED, due_at=None)
    for ingest in (kept, aborted):
        await catalog.record(ingest)
    assert await catalog.known([kept.id, aborted.id]) == {kept.id}


async def rejected(catalog, until, at=NOON):
    """Return an ingest that was rejected and whose bytes are kept until then."""
    ingest, _ = await finished(catalog, State.REJECTED, at)
    kept = replace(ingest, quarantined_until=until, overridden=(Reason.POLYGLOT,))
    await catalog.save(ingest, kept)
    return kept


async def test_a_rejected_one_has_its_bytes_in_quarantine_or_none(catalog):
    kept, dropped = await rejected(catalog, LATER), await rejected(catalog, None)
    completed, _ = await finished(catalog)
    ids = [kept.id, dropped.id, completed.id, new_id()]
    assert await catalog.known(ids) == {kept.id, completed.id}
    assert await catalog.quarantined(ids) == {kept.id}
    assert await catalog.get(kept.id) == kept


async def test_kept_are_the_ended_ones_with_bytes_newest_first_and_by_pages(catalog):
    ended = [(await finished(catalog, at=NOON + n * SECOND))[0].id for n in range(4)]
    failed = (await finished(catalog, State.FAILED, at=NOON + 4 * SECOND))[0].id
    dropped = await rejected(catalog, None, NOON + 5 * SECOND)
    away = await rejected(catalog, LATER, NOON + 6 * SECOND)
    await catalog.record(received(NOON + 7 * SECOND))
    assert dropped.id not in await catalog.kept(None, 10)
    assert await catalog.kept(None, 3) == [away.id, failed, ended[3]]
    assert await catalog.kept(ended[3], 10) == ended[2::-1]


async def test_missing_bytes_are_noted_once_counted_and_taken_back(catalog):
    ingest, _ = await finished(catalog)
    for news in (True, False):
        assert await catalog.note_missing(ingest.id, missing=True) is news
    assert (await catalog.get(ingest.id)).why == MISSING
    assert await catalog.missing(10) == [ingest.id]
    assert (await catalog.census(NOON)).missing == 1
    for news in (True, False):
        assert await catalog.note_missing(ingest.id, missing=False) is news
    assert (await catalog.get(ingest.id)).why is None
    assert await catalog.missing(10) == []
    assert (await catalog.census(NOON)).missing == 0


async def test_no_bytes_are_missing_of_what_has_none_or_is_under_way(catalog):
    waiting, dropped = received(), await rejected(catalog, None)
    await catalog.record(waiting)
    for ingest_id in (waiting.id, dropped.id, id_at(NOON)):
        assert not await catalog.note_missing(ingest_id, missing=True)
    ingest, _ = await finished(catalog)
    assert await catalog.note_missing(ingest.id, missing=True)
    noted = await catalog.get(ingest.id)
    await catalog.save(noted, noted.moved(State.DELETED, LATER))
    assert await catalog.missing(10) == []
    assert (await catalog.census(NOON)).missing == 0


async def test_a_listing_of_the_quarantine_is_newest_first_and_goes_on_behind_an_id(catalog):
    first, second, third = [await rejected(catalog, LATER, NOON + n * SECOND) for n in range(3)]
    await rejected(catalog, None)
    await finished(catalog)
    assert await catalog.listing(Listing(quarantined=True, limit=2)) == [third, second]
    assert await catalog.listing(Listing(quarantined=True, before=second.id)) == [first]


async def test_a_listing_by_reason_looks_only_at_the_reasons_of_the_verdict(catalog):
    reasons = (Reason.POLYGLOT, Reason.ARCHIVE_BOMB)
    said = Verdict((Reason.SCRIPT,), '"archive_bomb"],"detail":', ("archive_bomb", 'archive_bomb"],"detail":'))
    for n, verdict in enumerate((Verdict(reasons), said, Verdict())):
        await catalog.record(received(NOON + n * SECOND, state=State.REJECTED, due_at=None, verdict=verdict))

    async def found(reason, **filters):
        return [each.verdict for each in await catalog.listing(Listing(reason=reason, **filters))]

    assert await found(Reason.ARCHIVE_BOMB) == await found(Reason.POLYGLOT) == [Verdict(reasons)]
    assert await found(Reason.SCRIPT, state=State.REJECTED) == [said]
    assert await found(Reason.SCRIPT, state=State.FAILED) == await found(Reason.UNREADABLE) == []


async def test_a_quarantine_ends_once_oldest_first_and_limited(catalog):
    for until in (NOON + 2 * SECOND, NOON, NOON + SECOND, LATER):
        await rejected(catalog, until)
    ended = await catalog.end_quarantine(NOON + 2 * SECOND, 2)
    assert [(await catalog.get(ingest_id)).quarantined_until for ingest_id in ended] == [None, None]
    assert len(await catalog.end_quarantine(NOON + 2 * SECOND, 9)) == 1
    assert await catalog.end_quarantine(NOON + 2 * SECOND, 9) == []


async def test_a_release_that_comes_with_the_end_of_the_quarantine_is_stale(catalog):
    kept = await rejected(catalog, NOON)
    await catalog.end_quarantine(NOON, 1)
    with pytest.raises(StaleState):
        await catalog.save(kept, kept.moved(State.RECEIVED, NOON, due_at=NOON, quarantined_until=None))


async def test_the_history_begins_at_receiving(catalog):
    ingest = received(updated_at=LATER)
    await catalog.record(ingest, detail="by hand")
    moves = await catalog.history(ingest.id)
    assert [(move.number, move.at, move.before, move.after, move.detail) for move in moves] == [
        (1, NOON, None, State.RECEIVING, None),
        (2, LATER, State.RECEIVING, State.RECEIVED, "by hand"),
    ]


async def test_an_ingest_still_being_received_has_one_move(catalog):
    ingest = received(state=State.RECEIVING, due_at=None)
    await catalog.record(ingest, detail="an upload")
    assert [(move.before, move.after, move.detail) for move in await catalog.history(ingest.id)] == [
        (None, State.RECEIVING, "an upload")
    ]


async def test_each_move_is_in_the_history_and_can_be_followed(catalog):
    ingest, _ = await finished(catalog)
    moves = await catalog.history(ingest.id)
    assert [move.number for move in moves] == [1, 2, 3, 4]
    assert [move.after for move in moves] == ["receiving", "received", "processing", "completed"]
    assert [move.before for move in moves] == [None, "receiving", "received", "processing"]
    assert await catalog.history(ingest.id, after=2) == moves[2:]


async def test_the_same_id_cannot_be_recorded_twice(catalog):
    ingest = received()
    await catalog.record(ingest)
    with pytest.raises(StaleState):
        await catalog.record(replace(ingest, filename="other"), KEY)
    assert await catalog.get(ingest.id) == ingest
    await catalog.record(received(), KEY)


async def test_an_open_ingest_without_a_time_is_refused_since_no_sweeper_would_find_it(catalog):
    with pytest.raises(Exception, match="due"):
        await catalog.record(received(due_at=None))


async def test_a_key_is_recorded_once_and_names_the_first_ingest(catalog):
    first, second = received(), received()
    await catalog.record(first, KEY)
    with pytest.raises(DuplicateIngest) as caught:
        await catalog.record(second, IdempotencyKey(KEY.key, "fingerprint-2"))
    assert (caught.value.existing, caught.value.fingerprint) == (first.id, KEY.fingerprint)
    assert await catalog.known([second.id]) == set()
    assert await catalog.history(second.id) == []


async def test_a_key_belongs_to_its_principal(catalog):
    await catalog.record(received(principal="one"), KEY)
    await catalog.record(received(principal="two"), KEY)
    assert len(await catalog.listing(Listing())) == 2


async def test_of_many_with_one_key_at_once_one_wins_and_all_others_learn_its_id(catalog):
    ingests = [received() for _ in range(12)]
    answers = await asyncio.gather(*(catalog.record(ingest, KEY) for ingest in ingests), return_exceptions=True)
    (winner,) = [ingest.id for ingest, answer in zip(ingests, answers, strict=True) if answer is None]
    others = [answer for answer in answers if answer is not None]
    assert all(isinstance(answer, DuplicateIngest) and answer.existing == winner for answer in others)
    assert await catalog.known([ingest.id for ingest in ingests]) == {winner}


async def test_many_at_once_with_and_without_keys_are_each_recorded_or_told_why_not(catalog):
    """64 of which half have a key, some the same, some one of before; two come twice, and one can never be recorded."""
    await catalog.record(before := received(), IdempotencyKey("0", "before"))
    keys = [IdempotencyKey(str(number % 12), f"of {number}") if number % 2 else None for number in range(64)]
    ingests = [received(NOON + number * SECOND) for number in range(64)]
    ingests[40], ingests[42] = ingests[20], ingests[22]
    ingests[50] = replace(ingests[50], due_at=None)
    keys[60] = IdempotencyKey("0", "again")
    calls = [catalog.record(ingest, key) for ingest, key in zip(ingests, keys, strict=True)]
    answers = await asyncio.gather(*calls, return_exceptions=True)

    kept = [number for number, answer in enumerate(answers) if answer is None]
    firsts = [1, 3, 5, 7, 9, 11]  # their keys are the odd ones below 12
    assert kept == [n for n in range(64) if (n in firsts or not n % 2) and n not in {40, 42, 50, 60}]
    assert await catalog.known([ingest.id for ingest in ingests]) == {ingests[number].id for number in kept}
    for number in range(13, 64, 2):
        first = number % 12
        assert isinstance(answers[number], DuplicateIngest)
        assert (answers[number].existing, answers[number].fingerprint) == (ingests[first].id, f"of {first}")
    assert [type(answers[number]) for number in (40, 42, 60)] == [StaleState, StaleState, DuplicateIngest]
    assert answers[60].existing == before.id
    for number in kept:
        assert await catalog.get(ingests[number].id) == ingests[number]
        assert [move.number for move in await catalog.history(ingests[number].id)] == [1, 2]


async def test_what_was_refused_among_many_leaves_its_key_free(catalog):
    first, other = received(), received()
    calls = [catalog.record(first), catalog.record(first, KEY), catalog.record(other)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), StaleState, type(None)]
    await catalog.record(received(), KEY)


async def test_ends_that_are_recorded_at_once_are_all_counted(catalog):
    aborted = [received(state=State.ABORTED, due_at=None) for _ in range(9)]
    await asyncio.gather(*map(catalog.record, [*aborted, *(received() for _ in range(9))]))
    assert (await catalog.census(LATER)).ingests[State.ABORTED] == 9


async def test_those_who_are_cut_off_disturb_no_other(catalog):
    ingests = [received() for _ in range(24)]
    calls = [asyncio.create_task(catalog.record(ingest)) for ingest in ingests]
    for turn, call in enumerate(calls[::3]):
        for _ in range(turn):
            await asyncio.sleep(0)
        call.cancel()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    known = await catalog.known([ingest.id for ingest in ingests])
    for ingest, answer in zip(ingests, answers, strict=True):
        assert ingest.id in known or isinstance(answer, asyncio.CancelledError)
    assert all(answer is None for number, answer in enumerate(answers) if number % 3)


async def test_forgotten_keys_can_be_used_again(catalog):
    await catalog.record(received(NOON), IdempotencyKey("old", "x"))
    await catalog.record(received(LATER), IdempotencyKey("new", "x"))
    assert await catalog.forget_keys(LATER) == 1
    await catalog.record(received(), IdempotencyKey("old", "y"))
    with pytest.raises(DuplicateIngest):
        await catalog.record(received(), IdempotencyKey("new", "y"))


async def test_a_listing_is_newest_first_and_limited(catalog):
    ids = [received(NOON + number * SECOND) for number in range(5)]
    for ingest in (ids[3], ids[0], ids[4], ids[1], ids[2]):
        await catalog.record(ingest)
    assert await catalog.listing(Listing()) == ids[::-1]
    assert await catalog.listing(Listing(limit=2)) == [ids[4], ids[3]]


async def test_a_cursor_passes_each_ingest_once_even_where_all_have_the_same_time(catalog):
    ids = {id_at(NOON) for _ in range(23)}
    for ingest_id in ids:
        await catalog.record(received(id=ingest_id))
    seen, before = [], None
    while page := await catalog.listing(Listing(before=before, limit=5, state=State.RECEIVED)):
        seen += [ingest.id for ingest in page]
        before = page[-1].id
    assert seen == sorted(ids, reverse=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("state", State.REJECTED),
        ("media_type", "image/png"),
        ("sha256", "f" * 64),
        ("filename", "Other ☂.png"),
    ],
)
async def test_each_filter_of_a_listing_alone_and_with_a_cursor(catalog, name, value):
    await catalog.record(received())
    wanted = [received(NOON + n * SECOND, **{name: value}) for n in range(3)]
    for ingest in wanted:
        await catalog.record(ingest)
    assert await catalog.listing(Listing(**{name: value})) == wanted[::-1]
    assert await catalog.listing(Listing(**{name: value}, before=wanted[1].id)) == wanted[:1]


async def test_filters_of_a_listing_are_joined_by_and(catalog):
    both = received(filename="a.png", media_type="image/png")
    for ingest in (both, received(filename="a.png"), received(media_type="image/png")):
        await catalog.record(ingest)
    assert await catalog.listing(Listing(filename="a.png", media_type="image/png")) == [both]


async def test_a_filter_that_nothing_can_match_finds_nothing(catalog):
    await catalog.record(received())
    assert await catalog.listing(Listing(filename="nul\0 \udcff")) == []


async def test_since_is_inclusive_and_until_is_exclusive(catalog):
    ingests = [received(NOON + number * SECOND) for number in range(4)]
    for ingest in ingests:
        await catalog.record(ingest)
    between = Listing(since=NOON + SECOND, until=NOON + 3 * SECOND)
    assert await catalog.listing(between) == [ingests[2], ingests[1]]


async def test_a_save_from_another_state_is_stale_and_writes_nothing(catalog):
    first = received()
    await catalog.record(first)
    second = claimed(first)
    await catalog.save(first, second)
    with pytest.raises(StaleState):
        await catalog.save(first, claimed(first, until=LATER + SECOND), detail="too late")
    assert await catalog.get(first.id) == second
    assert len(await catalog.history(first.id)) == 3


async def test_a_worker_that_lost_its_lease_cannot_save(catalog):
    first = received()
    await catalog.record(first)
    lost = claimed(first)
    await catalog.save(first, lost)
    again = lost.moved(State.RECEIVED, NOON, due_at=NOON)
    await catalog.save(lost, again)
    second = claimed(again)
    await catalog.save(again, second)
    late = settled(lost)
    with pytest.raises(StaleState):
        await catalog.save(lost, late, event_of(late))
    assert await catalog.get(first.id) == second
    assert await catalog.events(0, 10) == []
    assert await catalog.deliveries(first.id) == []


async def test_saving_what_was_never_recorded_is_not_found(catalog):
    with pytest.raises(NotFound):
        await catalog.save(received(), claimed(received()))


async def test_of_many_that_claim_one_ingest_at_once_one_gets_it(catalog):
    ingest = received()
    await catalog.record(ingest)
    takers = [claimed(ingest, until=LATER + n * SECOND) for n in range(12)]
    answers = await asyncio.gather(*(catalog.save(ingest, taker) for taker in takers), return_exceptions=True)
    (winner,) = [taker for taker, answer in zip(takers, answers, strict=True) if answer is None]
    assert sum(isinstance(answer, StaleState) for answer in answers) == 11
    assert await catalog.get(ingest.id) == winner
    assert len(await catalog.history(ingest.id)) == 3


async def test_a_save_within_a_state_is_no_move(catalog):
    ingest = received()
    await catalog.record(ingest)
    await catalog.save(ingest, replace(ingest, why="the disk is full"))
    assert (await catalog.get(ingest.id)).why == "the disk is full"
    assert len(await catalog.history(ingest.id)) == 2


async def test_a_save_sets_the_due_time_even_where_another_has_changed_it(catalog):
    ingest = received()
    await catalog.record(ingest)
    await catalog.waiting(NOON, LATER, 1)
    taken = claimed(ingest, until=NOON)
    await catalog.save(ingest, taken)
    assert await catalog.get(ingest.id) == taken


async def test_a_renewed_lease_ends_later(catalog):
    ingest = received()
    await catalog.record(ingest)
    taken = claimed(ingest, until=NOON)
    await catalog.save(ingest, taken)
    assert await catalog.expired_leases(NOON, 10) == [taken]
    await catalog.renew(taken, LATER)
    assert await catalog.expired_leases(LATER - SECOND, 10) == []
    assert await catalog.expired_leases(LATER, 10) == [replace(taken, due_at=LATER)]


async def test_only_the_holder_of_a_lease_can_renew_it(catalog):
    ingest = received()
    await catalog.record(ingest)
    taken = claimed(ingest)
    with pytest.raises(LeaseLost):
        await catalog.renew(taken, LATER)
    await catalog.save(ingest, taken)
    with pytest.raises(LeaseLost):
        await catalog.renew(replace(taken, token=taken.token - 1), LATER)
    await catalog.save(taken, settled(taken))
    with pytest.raises(LeaseLost):
        await catalog.renew(taken, LATER)
    with pytest.raises(LeaseLost):
        await catalog.renew(claimed(received()), LATER)


async def test_expired_leases_come_oldest_first_and_limited(catalog):
    for seconds in (3, 1, 2):
        ingest = received()
        await catalog.record(ingest)
        await catalog.save(ingest, claimed(ingest, until=NOON + seconds * SECOND))
    found = await catalog.expired_leases(LATER, 2)
    assert [ingest.due_at for ingest in found] == [NOON + SECOND, NOON + 2 * SECOND]


async def test_waiting_ingests_are_rung_oldest_first_and_not_again_before_their_time(catalog):
    due = [received(due_at=NOON + seconds * SECOND) for seconds in (2, 1, 0, 99)]
    for ingest in due:
        await catalog.record(ingest)
    taken = received()
    await catalog.record(taken)
    await catalog.save(taken, claimed(taken, until=NOON))
    now = NOON + 2 * SECOND
    assert [ingest.id for ingest in await catalog.waiting(now, LATER, 2)] == [due[2].id, due[1].id]
    assert [ingest.id for ingest in await catalog.waiting(now, LATER, 2)] == [due[0].id]
    assert await catalog.waiting(now, LATER, 2) == []
    again = await catalog.waiting(LATER, LATER + SECOND, 10)
    assert {ingest.id for ingest in again} == {ingest.id for ingest in due[:3]}


async def test_what_has_a_higher_priority_is_rung_first(catalog):
    patient, urgent = received(priority=3), received(due_at=NOON + SECOND)
    for ingest in (patient, urgent):
        await catalog.record(ingest)
    assert [ingest.id for ingest in await catalog.waiting(LATER, LATER, 1)] == [urgent.id]


async def test_only_what_is_asked_for_by_priority_and_size_is_rung(catalog):
    small, late, large = received(size=9), received(size=9, priority=4), received(size=10, due_at=NOON + SECOND)
    for ingest in (small, late, large):
        await catalog.record(ingest)
    assert await catalog.waiting(LATER, LATER, 10, last=-1) == []
    assert [each.id for each in await catalog.waiting(LATER, LATER, 10, last=3, sizes=range(10))] == [small.id]
    assert [each.id for each in await catalog.waiting(LATER, LATER, 10, sizes=range(10, 11))] == [large.id]


async def test_the_backlog_is_counted_up_to_its_limit(catalog):
    assert await catalog.backlog(10) == 0
    for _ in range(3):
        await catalog.record(received())
    assert (await catalog.backlog(10), await catalog.backlog(2)) == (3, 2)


async def test_what_a_gone_holder_has_is_taken_back_before_its_lease_ends(catalog):
    for holder in ("gone", "there"):
        ingest = received()
        await catalog.record(ingest)
        await catalog.save(ingest, replace(claimed(ingest), holder=holder))
    assert await catalog.holders() == {"gone", "there"}
    assert [each.holder for each in await catalog.expired_leases(NOON, 10, {"gone"})] == ["gone"]
    assert [each.holder for each in await catalog.expired_leases(LATER, 10, {"gone"})] == ["gone", "there"]
    assert len(await catalog.expired_leases(LATER, 1, {"gone"})) == 1


async def test_two_sweepers_at_once_ring_for_different_ingests(catalog):
    ids = {id_at(NOON) for _ in range(40)}
    for ingest_id in ids:
        await catalog.record(received(id=ingest_id))
    rung = await asyncio.gather(*(catalog.waiting(NOON, LATER, 10) for _ in range(8)))
    rung.append(await catalog.waiting(NOON, LATER, 100))
    assert sorted(ingest.id for ingest in chain.from_iterable(rung)) == sorted(ids)


async def test_ping_returns_on_the_schema_that_the_code_knows(catalog):
    assert await catalog.ping() is None
