"""tus 1.0.0, sentence by sentence, against the real API; the cases are beside this."""

import pytest

from tests.conformance.suite import CASES, OUTSIDE_EXTENSIONS

NOT_OURS = {"checksum-trailer", "concatenation-unfinished"}
"""ASGI has no request trailers; a final upload is made of parts that are complete."""
OURS = {case.extension for case in CASES} - OUTSIDE_EXTENSIONS - NOT_OURS


def test_every_extension_is_announced_but_two(server):
    assert server.extensions == OURS


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.extension not in NOT_OURS], ids=lambda case: f"{case.extension}-{case.name}"
)
def test_the_api_conforms(case, server):
    case.run(server)
