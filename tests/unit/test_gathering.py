"""Batches: how large they are, and what many senders or many tiny pieces do to memory."""

import subprocess
import sys

from api.gathering import BATCH_BYTES, LEAST_BATCH_BYTES, MOST_PIECES, ROOM_BYTES, Gathering, batch_bytes
from shared.policy import Policy

PIECE = b"x" * 65536


def test_a_single_file_is_gathered_in_full_batches():
    gathering = Gathering(Policy(1 << 30))
    filled = [gathering.take(PIECE) for _ in range(BATCH_BYTES // len(PIECE))]
    assert filled == [False] * (len(filled) - 1) + [True]


def test_many_files_share_the_room_and_have_it_back_when_they_end():
    many = [Gathering(Policy(1 << 30)) for _ in range(64)]
    assert 2 * len(many) * batch_bytes() <= ROOM_BYTES
    assert many[0].take(b"x" * batch_bytes())
    many += [Gathering(Policy(1 << 30)) for _ in range(10_000)]
    assert batch_bytes() == LEAST_BATCH_BYTES
    del many
    assert batch_bytes() == BATCH_BYTES


def test_tiny_pieces_are_let_go_before_they_take_many_times_their_bytes():
    gathering = Gathering(Policy(1 << 30))
    filled = [gathering.take(b"xy") for _ in range(MOST_PIECES)]
    assert filled == [False] * (len(filled) - 1) + [True]


FAULTS = """
import resource
from api.allocator import keep_freed_memory
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        [b"x" * (1 << 20) for _ in range(8)]
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
plain, kept = faults(), keep_freed_memory()
faults()
print(kept, plain > 10_000, faults() < 1_000)
"""


def test_blocks_that_were_freed_are_used_again_without_page_faults():
    output = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True, timeout=30)
    assert output.stdout.split() == ["True", "True", "True"]
