"""An event stays within 16 KiB, whatever the metadata: the longest lists go first, and a warning says so."""

from dataclasses import replace

import pytest

from shared.events import MAX_EVENT_BYTES, Event
from shared.metadata import MAX_STREAMS
from tests.sample_ingests import claimed, received, settled

STREAM = {"type": "video", "codec": "h264"}


def event_with(**metadata):
    ingest = replace(settled(claimed(received())), metadata=metadata)
    return Event.of(ingest, uri="file:///data/x", base_url="http://127.0.0.1:8000")


def video(**fields):
    return event_with(kind="video", container="mp4", **fields)


def size(event):
    return len(event.model_dump_json().encode())


def test_what_fits_is_told_whole():
    event = video(streams=[STREAM | {"index": n} for n in range(MAX_STREAMS)])
    assert len(event.data.metadata.streams) == MAX_STREAMS
    assert event.data.validation.warnings == []


@pytest.mark.parametrize("letter", ["x", "☂"])
def test_a_list_that_is_too_long_is_left_out_with_a_warning(letter):
    event = video(streams=[STREAM | {"index": n, "language": letter * 200} for n in range(MAX_STREAMS)])
    assert event.data.metadata.streams == ()
    assert event.data.metadata.container == "mp4"
    assert event.data.validation.warnings == ["streams is too long for the event; the receipt has it"]
    assert size(event) < MAX_EVENT_BYTES


def test_metadata_that_do_not_fit_without_lists_either_are_left_out_whole():
    texts = dict.fromkeys(("version", "title", "author", "producer"), "☂" * 1365)
    event = event_with(kind="pdf", encrypted=False, **texts)
    assert size(event) < MAX_EVENT_BYTES
    assert event.data.metadata is None
    assert event.data.validation.warnings == ["metadata_too_large_for_the_event"]
