"""Every single thing that can be wrong with sound evidence, and the sentence that the checker must say of it."""

from collections.abc import Callable

from tests.faults.evidence import Evidence, Row
from tests.faults.small_world import PATHS, WEBHOOK, attempt, file, sha256

Corruption = Callable[[Evidence], object]


def one(rows: list[Row], **facts: object) -> Row:
    return next(row for row in rows if facts.items() <= row.items())


def drop(rows: list[Row], **facts: object) -> None:
    rows.remove(one(rows, **facts))


def put(name: str, rows: str, facts: dict[str, object], value: object) -> Corruption:
    return lambda evidence: one(getattr(evidence, rows), **facts).update({name: value})


def take(rows: str, **facts: object) -> Corruption:
    return lambda evidence: drop(getattr(evidence, rows), **facts)


def add(rows: str, row: Row) -> Corruption:
    return lambda evidence: getattr(evidence, rows).append(row)


def add_move(evidence: Evidence, name: str, before: str, after: str) -> None:
    number = sum(move["ingest_id"] == name for move in evidence.moves) + 1
    evidence.moves.append({"ingest_id": name, "number": number, "at": 1, "before": before, "after": after})


def another_ingest_of(name: str) -> Corruption:
    """The same file taken in once more, in every part of the evidence that a sound ingest has."""

    def corrupt(evidence: Evidence) -> None:
        twin = one(evidence.ingests, id=name) | {"id": "twin", "preview": None}
        evidence.ingests.append(twin)
        evidence.moves += [move | {"ingest_id": "twin"} for move in evidence.moves if move["ingest_id"] == name]
        body = one(evidence.events, ingest_id=name)["body"] | {"id": "event-twin", "subject": "twin"}
        sequence = len(evidence.events) + 1
        copy = body | {"sequence": str(sequence)}
        event = {"sequence": sequence, "id": "event-twin", "ingest_id": "twin", "type": body["type"], "body": body}
        evidence.events.append(event)
        sinks = [row["sink"] for row in evidence.deliveries if row["event_id"] == "event-1"]
        told = {"event_id": "event-twin", "ingest_id": "twin", "state": "delivered"}
        evidence.deliveries += [told | {"sink": sink} for sink in sinks]
        seen = {"id": "event-twin", "event": copy}
        evidence.perceived.append(seen | {"sink": WEBHOOK, "answered": 200})
        evidence.followed.append(seen | {"sequence": sequence})
        evidence.files.append(file("objects", name, name.encode()) | {"path": "20261124/13/twin"})

    return corrupt


def refuse(name: str) -> Corruption:
    """The sender of a whole ingest was told no."""
    return lambda evidence: one(evidence.attempts, upload=name).update(status=422, receipt=None, problem={})


def lose_the_row(evidence: Evidence) -> None:
    for rows in (evidence.ingests, evidence.moves, evidence.events, evidence.deliveries, evidence.perceived):
        rows[:] = [row for row in rows if "text" not in (row.get("id"), row.get("ingest_id"))]


def hand_over_no_body(evidence: Evidence) -> None:
    one(evidence.perceived, id="event-1")["event"] = {"id": "event-1", "sequence": "1"}


def put_metadata(value: Row | None) -> Corruption:
    return put("metadata", "ingests", {"id": "text"}, value)


def stick(state: str) -> Corruption:
    """An ingest that has never come further than that state."""

    def corrupt(evidence: Evidence) -> None:
        one(evidence.ingests, id="unanswered").update(state=state)
        steps = PATHS["unanswered"][: PATHS["unanswered"].index(state) + 1]
        evidence.moves[:] = [
            move for move in evidence.moves if move["ingest_id"] != "unanswered" or move["number"] <= len(steps)
        ]

    return corrupt


CORRUPTIONS: dict[str, tuple[Corruption, str]] = {
    "a receipt without an ingest": (lose_the_row, "upload text, ingest text is not in the catalog"),
    "a 2xx without a receipt": (
        put("receipt", "attempts", {"upload": "text"}, None),
        "upload text was answered 202 without a receipt",
    ),
    "an accepted ingest that is aborted": (
        put("state", "ingests", {"id": "text"}, "aborted"),
        "upload text, ingest text is aborted, which is no end that it may have",
    ),
    "a deletion that nobody asked for": (
        take("attempts", way="delete"),
        "upload deleted, ingest deleted is deleted, which is no end that it may have",
    ),
    "a receipt with another digest": (
        put("receipt", "attempts", {"upload": "text"}, {"id": "text", "size": 4, "sha256": "00"}),
        "upload text, ingest text: the receipt says sha256 00, sent was " + sha256(b"text"),
    ),
    "a row with another size": (
        put("size", "ingests", {"id": "text"}, 5),
        "upload text, ingest text: the receipt says size 4, the catalog 5",
    ),
    "bytes that are gone": (
        take("files", path="20261124/13/text"),
        "upload text, ingest text: its bytes are not in objects/",
    ),
    "bytes that are half there": (
        put("size", "files", {"path": "20261124/13/text"}, 2),
        "upload text, ingest text: the bytes in objects/ are not those of the receipt",
    ),
    "quarantined bytes that are served": (
        put("place", "files", {"path": "20261124/13/away"}, "objects"),
        "upload away, ingest away: its bytes are not in quarantine/",
    ),
    "a move that is not allowed": (
        put("after", "moves", {"ingest_id": "text", "number": 3}, "aborted"),
        "ingest text: it went from received to aborted, which is not allowed",
    ),
    "a move that begins elsewhere": (
        put("before", "moves", {"ingest_id": "text", "number": 4}, "received"),
        "ingest text: move 4 leaves received, but it was processing",
    ),
    "a hole in the history": (
        put("number", "moves", {"ingest_id": "text", "number": 4}, 5),
        "ingest text: its history has number 5 where 4 is due",
    ),
    "a history that ends elsewhere": (
        take("moves", ingest_id="text", number=4),
        "ingest text: its row says completed, its history processing",
    ),
    "two ends": (
        lambda evidence: add_move(evidence, "text", "processing", "completed"),
        "ingest text: it ended 2 times in one life: completed, completed",
    ),
    "two different ends": (
        lambda evidence: add_move(evidence, "text", "processing", "failed"),
        "ingest text: it ended 2 times in one life: completed, failed",
    ),
    "an end without an event": (
        take("events", ingest_id="text"),
        "ingest text: its events are none, its history asks for hmas.ingest.completed.v1",
    ),
    "an event of another type": (
        put("type", "events", {"ingest_id": "text"}, "hmas.ingest.failed.v1"),
        "ingest text: its events are hmas.ingest.failed.v1, its history asks for hmas.ingest.completed.v1",
    ),
    "an event of another attempt": (
        put("attempts", "ingests", {"id": "text"}, 2),
        "ingest text: the event tells of attempt 1, the row of another",
    ),
    "other metadata": (put_metadata({"kind": "text"}), "ingest text: the event's metadata are not those of the row"),
    "metadata that are gone": (put_metadata(None), "ingest text: the event's metadata are not those of the row"),
    "a preview that is gone": (
        take("files", place="previews"),
        "ingest picture: its row says that its preview is made, but it is not there",
    ),
    "a preview that none wants": (
        add("files", file("previews", "text", b"x")),
        "a preview is there that ingest text, which is completed, does not keep",
    ),
    "a preview of nothing": (
        add("files", file("previews", "nothing", b"x")),
        "a preview is there that no ingest: nothing is unknown and does not keep",
    ),
    "a preview that is still wanted": (
        put("preview", "ingests", {"id": "text"}, "wanted"),
        "ingest text: its preview is still wanted",
    ),
    "a delivery that is pending": (
        put("state", "deliveries", {"event_id": "event-2", "sink": "celery:perception"}, "pending"),
        "event event-2 of ingest text: its delivery to celery:perception is pending",
    ),
    "a delivery that is dead": (
        put("state", "deliveries", {"event_id": "event-2", "sink": WEBHOOK}, "dead"),
        f"event event-2 of ingest text: its delivery to {WEBHOOK} is dead",
    ),
    "a sink that was left out": (
        take("deliveries", event_id="event-2", sink="celery:perception"),
        "event event-2 of ingest text: its delivery to celery:perception is not in the catalog",
    ),
    "an event that was never taken": (
        take("perceived", id="event-2"),
        f"event event-2 of ingest text: {WEBHOOK} never took it",
    ),
    "an event that was only refused": (
        put("answered", "perceived", {"id": "event-2"}, 500),
        f"event event-2 of ingest text: {WEBHOOK} never took it",
    ),
    "an event that did not happen": (
        add("perceived", {"sink": WEBHOOK, "id": "phantom", "answered": 200, "event": {"subject": "text"}}),
        "event phantom of ingest text: a webhook has it, the catalog not",
    ),
    "an event under another's id": (
        put("id", "perceived", {"id": "event-2"}, "event-1"),
        "event event-1 of ingest picture: a webhook got it under the id event-1",
    ),
    "a copy that differs": (
        hand_over_no_body,
        "event event-1 of ingest picture: a webhook has a copy that differs from the catalog's",
    ),
    "a follower's copy with another sequence": (
        put("event", "followed", {"id": "event-1"}, {"id": "event-1", "sequence": "7"}),
        "event event-1 of ingest picture: the follower has a copy that differs from the catalog's",
    ),
    "a sequence that the follower missed": (
        take("followed", sequence=3),
        "the follower missed sequence 3",
    ),
    "a follower out of order": (
        lambda evidence: evidence.followed.reverse(),
        "the follower got events twice or out of order",
    ),
    "a hole in the sequences": (
        put("sequence", "events", {"id": "event-3"}, 99),
        "the events' sequences have holes: 3 is missing",
    ),
    "two receipts of one upload": (
        add("attempts", attempt("repeated", 202, receipt={"id": "text", "size": 8, "sha256": ""})),
        "upload repeated: its receipts name several ingests: repeated, text",
    ),
    "a key that names another ingest": (
        put("ingest_id", "idempotency", {"key": "k-repeated"}, "text"),
        "upload repeated: its receipt names ingest repeated, its key text",
    ),
    "two ingests under one key": (
        another_ingest_of("repeated"),
        "upload repeated left 2 ingests where 1 may be: repeated, twin",
    ),
    "two ingests of what was sent once": (
        another_ingest_of("text"),
        "upload text left 2 ingests where 1 may be: text, twin",
    ),
    "two ingests of one lost answer": (
        another_ingest_of("unanswered"),
        "upload unanswered left 2 ingests where 1 may be: twin, unanswered",
    ),
    "an ingest of a refused upload": (
        refuse("text"),
        "upload text was refused or broken off and left 1 ingests where 0 may be: text",
    ),
    "an ingest of a sabotaged upload": (
        put("sabotage", "attempts", {"upload": "unanswered"}, "cut"),
        "upload unanswered was refused or broken off and left 1 ingests where 0 may be: unanswered",
    ),
    "an ingest of nobody": (
        put("original_filename", "ingests", {"id": "text"}, "else"),
        "ingest text (else) is no upload that anybody sent",
    ),
    "a bare 500": (
        put("status", "attempts", {"upload": "refused"}, 500),
        "upload refused: attempt 1 was answered by a bare 500",
    ),
    "bytes of an ingest without a receipt that are gone": (
        take("files", path="20261124/13/unanswered"),
        "ingest unanswered, which is completed, has not its bytes in objects/",
    ),
    "bytes of no ingest": (
        add("files", file("objects", "orphan", b"x")),
        "objects/20261124/13/orphan: no ingest: orphan is unknown and does not keep these bytes",
    ),
    "bytes of a deleted ingest": (
        add("files", file("objects", "deleted", b"deleted")),
        "objects/20261124/13/deleted: ingest deleted, which is deleted, does not keep these bytes",
    ),
    "bytes that were to be dropped": (
        add("files", file("quarantine", "dropped", b"dropped")),
        "quarantine/20261124/13/dropped: ingest dropped, which is rejected, does not keep these bytes",
    ),
    "bytes of an aborted upload": (
        add("files", file("objects", "cut", b"cu")),
        "objects/20261124/13/cut: ingest cut, which is aborted, does not keep these bytes",
    ),
    "a file half written": (add("files", file("incoming", "half", b"x")), "incoming/half was left behind"),
    "an upload whose time is over": (
        put("expires_at", "uploads", {"ingest_id": "begun"}, 0),
        "ingest begun is stuck in receiving: None",
    ),
    "bytes of an upload whose time is over": (
        put("expires_at", "uploads", {"ingest_id": "begun"}, 0),
        "incoming/begun was left behind",
    ),
    "an upload that nobody remembers": (take("uploads", ingest_id="begun"), "ingest begun is stuck in receiving: None"),
    "an upload without its bytes": (
        take("files", place="incoming"),
        "ingest begun: its upload goes on, but incoming/begun is not there",
    ),
    "a worker slot's file": (
        add("files", file("workers", "slot", b"")),
        "workers/slot: a worker slot is gone and its file is not",
    ),
    "a process": (
        add("leaked", {"pid": 7, "command": "python -m api"}),
        "process 7 was left behind: python -m api",
    ),
    "an ingest stuck as receiving": (stick("receiving"), "ingest unanswered is stuck in receiving: None"),
    "an ingest stuck as received": (stick("received"), "ingest unanswered is stuck in received: None"),
    "an ingest stuck in processing": (stick("processing"), "ingest unanswered is stuck in processing: None"),
}
