"""What a row waits for, in words for an operator."""

from dataclasses import replace

import pytest

from shared.events import Delivery, DeliveryState
from shared.full_receipt import FullReceipt, undelivered, unsent
from shared.ingest import Preview, State
from shared.receipt import waiting
from shared.resumable import Resumable
from tests.sample_ingests import LATER, NOON, SECOND, claimed, received, settled

COMPLETED = settled(claimed(received()))
PENDING = Delivery(COMPLETED.id, COMPLETED.id, "https://perception.example/in", DeliveryState.PENDING, 0, NOON, NOON)
WAITS = "Waiting for a worker since 2026-11-22T12:00:00Z"
ASKED = "A worker is asked for at {}, if none has come by then."
TRIED = replace(PENDING, attempts=3, next_attempt_at=LATER, last_error="The webhook answered 503.")
DEAD = replace(TRIED, attempts=12, state=DeliveryState.DEAD)


@pytest.mark.parametrize(
    ("ingest", "words"),
    [
        (
            received(state=State.RECEIVING, due_at=None),
            "Its sender has not sent all of it; the upload was begun at 2026-11-22T12:00:00Z.",
        ),
        (received(), f"{WAITS}."),
        (received(due_at=LATER), f"{WAITS}. {ASKED.format('2026-11-22T12:01:00Z')}"),
        (
            received(due_at=NOON + 2 * SECOND, why="attempt 1 failed (unavailable)."),
            f"{WAITS}; attempt 1 failed (unavailable). {ASKED.format('2026-11-22T12:00:02Z')}",
        ),
        (
            received(priority=3),
            f"{WAITS}. Others go first, since it came with many at once (priority 3 of 8).",
        ),
        (claimed(received()), "A worker has it since 2026-11-22T12:00:00Z (attempt 1)."),
        (COMPLETED, None),
        (
            replace(COMPLETED, preview=Preview.WANTED),
            "Its preview is wanted since 2026-11-22T12:00:00Z; it is made while no file waits.",
        ),
        (replace(COMPLETED, preview=Preview.MADE), None),
        (settled(claimed(received()), State.FAILED), None),
    ],
)
def test_a_row_says_what_it_waits_for(ingest, words):
    assert waiting(ingest) == words


@pytest.mark.parametrize(
    ("delivery", "words"),
    [
        (PENDING, "not yet tried; next try at 2026-11-22T12:00:00Z."),
        (TRIED, "The webhook answered 503; next try at 2026-11-22T12:01:00Z."),
        (
            DEAD,
            "The webhook answered 503; dead after 12 attempts, undelivered since 2026-11-22T12:00:00Z: replay it.",
        ),
    ],
)
def test_a_delivery_says_what_it_waits_for(delivery, words):
    assert undelivered(delivery) == f"Perception (https://perception.example/in): {words}"


def test_a_full_receipt_says_it_for_each_sink_that_has_not_got_it():
    done = replace(PENDING, sink="celery:perception", state=DeliveryState.DELIVERED)
    wants = replace(COMPLETED, preview=Preview.WANTED)
    full = FullReceipt.of_all(wants, "http://127.0.0.1:8000", [], [done, TRIED, DEAD])
    assert full.waiting == " ".join([waiting(wants), undelivered(TRIED), undelivered(DEAD)])
    assert [each.next_attempt_at for each in full.deliveries] == [None, LATER, None]
    assert FullReceipt.of_all(COMPLETED, "http://127.0.0.1:8000", [], [done]).waiting is None


@pytest.mark.parametrize(
    ("length", "words"),
    [(None, "Its length is not known"), (0, "It will have 0 bytes"), (7, "It will have 7 bytes")],
)
def test_a_full_receipt_says_how_long_an_upload_is_waited_for(length, words):
    ingest = received(state=State.RECEIVING, due_at=None)
    upload = Resumable(ingest.id, LATER, length)
    full = FullReceipt.of_all(ingest, "http://127.0.0.1:8000", [], [], upload)
    assert full.waiting == f"{waiting(ingest)} {unsent(upload)}"
    assert unsent(upload) == f"{words}; where nothing more comes it expires at 2026-11-22T12:01:00Z."
