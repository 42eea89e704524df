"""Uppy with its tus plugin (https://uppy.io/docs/tus/): a library for browsers, whose uploads run in Node too."""

import pytest

from tests.clients import node_clients
from tests.clients.conftest import MIB


@pytest.fixture(scope="module", autouse=True)
def _installed():
    node_clients.installed()


@pytest.mark.parametrize("cuts", [(), (MIB, 2 * MIB)], ids=["whole", "cut twice"])
@pytest.mark.parametrize("options", [{}, {"chunkSize": 2 * MIB}, {"parallelUploads": 3}], ids=str)
def test_a_file_is_sent(site, file, content, options, cuts):
    site.link.cut_after(*cuts)
    done = node_clients.run("uppy.js", file=str(file), endpoint=site.uploads, **options)
    assert done["succeeded"], done
    site.holds(done["url"], content)
    assert site.receipt(done["url"])["filename"] == "clip.bin"
