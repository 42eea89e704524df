"""Digest headers, and hashing in pieces."""

import base64
import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.digest import Hasher, parse_digest_header, sha256_digest
from shared.errors import BadDigestHeader

EMPTY = "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"


def test_a_sha_256_is_read_and_written_alike():
    digest = parse_digest_header(EMPTY)
    assert digest is not None
    assert digest.value == hashlib.sha256(b"").hexdigest()
    assert str(digest) == EMPTY


def test_other_algorithms_are_ignored_beside_ours():
    assert parse_digest_header(f"unixsum=:AAAA:, {EMPTY}") == sha256_digest(hashlib.sha256(b"").hexdigest())
    assert parse_digest_header("md5=:1B2M2Y8AsgTpgAmY7PhCfg==:") is None


@pytest.mark.parametrize("value", ["", "sha-256", "sha-256=abc", "sha-256=:abc:", "sha-256=:AAAA:", "=:AAAA:", ",,"])
def test_a_malformed_header_is_refused(value):
    with pytest.raises(BadDigestHeader):
        parse_digest_header(value)


@given(st.binary(max_size=4096), st.lists(st.integers(0, 4096), max_size=10))
def test_any_chunking_gives_the_same_digest_and_size(data, cuts):
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    hasher = Hasher()
    hasher.update(data[a:b] for a, b in pairwise(edges))
    assert (hasher.size, hasher.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert base64.b64encode(bytes.fromhex(hasher.sha256)).decode() in str(sha256_digest(hasher.sha256))
