"""The API's small values: cursors, ranges, labels, names in headers, trace contexts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.admission import traceparent
from api.bodies import parse_labels, raw_filename
from api.content import attachment
from api.cursors import _encoded, make_cursor, make_delivery_cursor, read_cursor, read_delivery_cursor
from api.ranges import ByteRange, wanted_range
from shared.errors import BadCursor, BadFilename, BadLabels, RangeNotSatisfiable
from shared.events import Delivery, DeliveryState
from shared.filenames import safe_filename
from shared.ids import new_id
from shared.ingest import State
from shared.ports import Listing, Undelivered
from tests.sample_ingests import NOON

ALL = Listing()


def test_a_cursor_leads_back_to_its_id():
    ident = new_id()
    assert read_cursor(make_cursor(ident, ALL), ALL) == ident


def test_a_cursor_is_bound_to_its_filters_but_not_to_the_page():
    cursor = make_cursor(new_id(), ALL)
    assert read_cursor(cursor, Listing(limit=7))
    with pytest.raises(BadCursor):
        read_cursor(cursor, Listing(state=State.FAILED))


@given(st.integers(0, 31), st.characters(codec="ascii"))
def test_a_tampered_cursor_is_refused(place, character):
    cursor = make_cursor("019a0000-0000-7000-8000-000000000001", ALL)
    tampered = cursor[:place] + character + cursor[place + 1 :]
    if tampered != cursor:
        with pytest.raises(BadCursor):
            read_cursor(tampered, ALL)


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "é", "=" * 40, "A" * 200])
def test_a_cursor_of_another_shape_is_refused(cursor):
    with pytest.raises(BadCursor):
        read_cursor(cursor, ALL)


@given(st.text(max_size=100))
def test_a_deliverys_cursor_leads_back_to_its_place_under_the_same_filters(sink):
    event_id, filters = new_id(), Undelivered(sink=sink)
    cursor = make_delivery_cursor(Delivery(event_id, new_id(), sink, DeliveryState.DEAD, 12, NOON, NOON), filters)
    assert read_delivery_cursor(cursor, filters) == (sink, NOON, event_id)
    with pytest.raises(BadCursor):
        read_delivery_cursor(cursor, Undelivered(DeliveryState.PENDING, sink))


@pytest.mark.parametrize(
    "forged",
    [
        b"",
        b"{}",
        b"[1, 2, 3]",
        b'["a", "2026-11-22T12:00:00Z", "x"]',
        b'["a", "0001-01-01T00:00:00+14:00", "x"]',
        b"\xff",
    ],
)
def test_a_deliverys_cursor_that_was_forged_is_refused(forged):
    with pytest.raises(BadCursor):
        read_delivery_cursor(_encoded(forged, Undelivered(limit=0)), Undelivered())


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=2-", ByteRange(2, 10)),
        ("bytes=-3", ByteRange(7, 10)),
        ("bytes=-99", ByteRange(0, 10)),
        ("bytes=5-99", ByteRange(5, 10)),
        ("bytes=0-1,4-5", None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("", None),
    ],
)
def test_a_range_is_read_as_rfc_9110_says(header, wanted):
    assert wanted_range({"range": header}, 10, '"e"') == wanted


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_not_satisfiable(header):
    with pytest.raises(RangeNotSatisfiable) as caught:
        wanted_range({"range": header}, 10, '"e"')
    assert caught.value.headers == {"Content-Range": "bytes */10"}


def test_a_range_of_another_version_gets_everything():
    assert wanted_range({"range": "bytes=0-1", "if-range": '"other"'}, 10, '"e"') is None
    assert wanted_range({"range": "bytes=0-1", "if-range": '"e"'}, 10, '"e"') == ByteRange(0, 2)


@pytest.mark.parametrize(
    "text", ["", "[]", "1", '{"a": 1}', '{"a": "\\u0000"}', "{" * 5000, '{"a": "%s"}' % ("x" * 4096)]
)
def test_labels_that_are_no_object_of_short_strings_are_refused(text):
    with pytest.raises(BadLabels):
        parse_labels(text)


def test_too_many_labels_are_refused():
    with pytest.raises(BadLabels):
        parse_labels("{" + ",".join(f'"{n}":""' for n in range(33)) + "}")


def test_a_raw_body_is_named_by_query_or_content_disposition():
    assert raw_filename({}, {"filename": "a.txt"}) == "a.txt"
    assert raw_filename({"content-disposition": 'attachment; filename="b.txt"'}, {}) == "b.txt"
    assert (
        raw_filename({"content-disposition": "attachment; filename=b.txt; filename*=UTF-8''%C3%A9.txt"}, {}) == "é.txt"
    )
    assert raw_filename({"content-disposition": 'inline; filename="\xc3\xa9.txt"'}, {}) == "é.txt"
    for header in ("", "attachment", "attachment; filename=", ";;;"):
        with pytest.raises(BadFilename):
            safe_filename(raw_filename({"content-disposition": header}, {}))


def test_a_download_is_named_for_every_browser():
    assert attachment('na"ïve.txt') == "attachment; filename=\"na_?ve.txt\"; filename*=UTF-8''na%22%C3%AFve.txt"


def test_a_valid_trace_context_is_kept_and_any_other_replaced():
    sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert traceparent(sent) == sent
    for bad in ("", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", sent + "x", "ff" + sent[2:]):
        assert traceparent(bad) != bad
        assert traceparent(traceparent(bad))
