"""Hypothesis plays sender, bad line and killer against the real API; a model says where the upload must stand."""

import random
import signal
from contextlib import ExitStack

import httpx
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.clients.conftest import MIB, Site
from tests.clients.sending import sending
from tests.conformance.checksum import ALGORITHMS, checksum
from tests.conformance.server import Server
from tests.system.client import eventually

BOUNDED = settings(
    max_examples=20,
    stateful_step_count=12,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],  # twelve steps are short enough, and shrinking them takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
MOST_KILLS = 4
"""In all examples together: a new process takes a second or two."""

BYTES = random.Random(7).randbytes(3 * MIB)
SIZES = st.sampled_from([0, 1, 4096, 65_537, MIB - 1, MIB, MIB + 1]) | st.integers(0, 300_000)


class Uploading(RuleBasedStateMachine):
    """One upload of a beginning of BYTES. `offset` is where it must stand."""

    def __init__(self, api, kills: list[int]) -> None:
        super().__init__()
        self.api, self.kills = api, kills
        self.stack = ExitStack()
        self.server = self.stack.enter_context(Server.at(f"{api.url}/uploads"))

    @initialize(length=st.integers(1, len(BYTES)), deferred=st.booleans())
    def create(self, length, deferred):
        said = {"upload_defer_length": 1} if deferred else {"upload_length": length}
        self.upload = self.server.create(**said)
        self.length, self.deferred, self.offset = length, deferred, 0

    @rule(size=SIZES, chunked=st.booleans(), algorithm=st.sampled_from([None, *ALGORITHMS]))
    def append(self, size, chunked, algorithm):
        content = self._next(size)
        body = iter((content[:100], content[100:])) if chunked else content
        self.server.patch(self.upload, self.offset, body, **self._checked(content, algorithm)).expect(204)
        self.offset += len(content)

    @rule(size=SIZES, algorithm=st.sampled_from(list(ALGORITHMS)))
    def append_what_was_damaged(self, size, algorithm):
        content = self._next(size)
        damaged = content[:-1] + bytes([content[-1] ^ 1]) if content else b""
        answer = self.server.patch(self.upload, self.offset, damaged, **self._checked(content, algorithm))
        answer.expect(460 if content else 204)

    @rule(size=SIZES, away=st.sampled_from([-MIB, -1, 1, MIB]))
    def append_elsewhere(self, size, away):
        if self.offset + away >= 0:
            answer = self.server.patch(self.upload, self.offset + away, self._next(size))
            answer.expect(409, upload_offset=self.offset)

    @rule(size=SIZES)
    def append_more_than_the_rest(self, size):
        if not self.deferred:
            too_much = BYTES[self.offset : self.length] + b"x" * (size + 1)
            self.server.patch(self.upload, self.offset, too_much).expect(400, 413)

    @rule(size=SIZES, algorithm=st.sampled_from([None, "sha1"]))
    def cut(self, size, algorithm):
        content = self._next(size)
        with self._sending(content, algorithm):
            self._appends(1)
        self._appends(0)
        self.offset += 0 if algorithm else len(content)
        self.server.reaches(self.upload, self.offset)

    @rule(size=SIZES, then=SIZES, algorithm=st.sampled_from([None, "sha1"]))
    def take_over(self, size, then, algorithm):
        content = self._next(size)
        with self._sending(content, algorithm):
            self._appends(1)
            seen = self.server.offset(self.upload)
            newer = BYTES[seen : min(seen + then, self.length - 1)]
            answer = self.server.patch(self.upload, seen, newer).expect(204, 409)
            at = int(answer.headers["upload-offset"]) - (len(newer) if answer.status == 204 else 0)
            assert self.offset <= seen <= at <= self.offset + (0 if algorithm else len(content))
            self.offset = int(answer.headers["upload-offset"])
        self._appends(0)

    @rule(size=SIZES, algorithm=st.sampled_from([None, "sha1"]))
    def kill(self, size, algorithm):
        if len(self.kills) == MOST_KILLS:  # no precondition: it would differ when Hypothesis plays an example again
            return
        self.kills.append(size)
        content = self._next(size)
        with self._sending(content, algorithm):
            seen = self.server.offset(self.upload)
            self.api.stop(signal.SIGKILL)
        self.api.start_again()
        at = self.server.offset(self.upload)
        assert self.offset <= seen <= at <= self.offset + (0 if algorithm else len(content))
        self.offset = at

    @precondition(lambda self: self.deferred)
    @rule()
    def say_the_length(self):
        self.server.patch(self.upload, self.offset, upload_length=self.length).expect(204)
        self.deferred = False

    @rule()
    def end_another(self):
        other = self.server.create(self.length)
        self.server.patch(other, 0, BYTES[: self.length - 1]).expect(204)
        self.server.delete(other).expect(204)
        self.server.head(other).expect(404, 410)

    @invariant()
    def it_stands_where_it_must(self):
        known = {"upload_length": None, "upload_defer_length": 1} if self.deferred else {"upload_length": self.length}
        self.server.head(self.upload).expect(200, 204, upload_offset=self.offset, **known)

    def teardown(self):
        with self.stack:
            rest = BYTES[self.offset : self.length]
            self.server.patch(self.upload, self.offset, rest, upload_length=self.length).expect(204)
            Site(self.api).holds(self.upload, BYTES[: self.length])

    def _next(self, size):
        """Leave one byte for the end, so that the upload stays open."""
        return BYTES[self.offset : min(self.offset + size, self.length - 1)]

    def _sending(self, content, algorithm):
        """Declare one byte more than will come."""
        checked = self._checked(content + b"x", algorithm)
        return sending(self.server, self.upload, content, at=self.offset, size=len(content) + 1, **checked)

    def _appends(self, count):
        """Wait until so many hold the upload: who is asked later than it seems would take it over from the next one."""
        line = f"\nhmas_active_uploads {count}.0\n"
        assert eventually(lambda: line in httpx.get(f"{self.api.url}/metrics").text), line

    @staticmethod
    def _checked(content, algorithm):
        return {"upload_checksum": checksum(content, algorithm)} if algorithm else {}


@pytest.mark.timeout(300)  # seconds where the machine is free
def test_whatever_happens_the_upload_stands_where_it_must_and_its_bytes_are_right(one):
    kills = []
    run_state_machine_as_test(lambda: Uploading(one, kills), settings=BOUNDED)
    assert kills
