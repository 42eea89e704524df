"""tuspy, as people use it (https://github.com/tus/tus-py-client)."""

import hashlib

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage
from tusclient.uploader import Uploader

from tests.clients.conftest import MIB


@pytest.fixture
def client(site):
    return TusClient(site.uploads)


def test_a_file_is_sent(site, client, file, content):
    uploader = client.uploader(str(file), metadata={"filename": "Überblick.bin", "filetype": "application/x-clip"})
    uploader.upload()
    site.holds(uploader.url, content)
    receipt = site.receipt(uploader.url)
    assert (receipt["filename"], receipt["declared_type"]) == ("Überblick.bin", "application/x-clip")


def test_a_file_is_sent_in_pieces_with_checksums(site, client, file, content):
    uploader = client.uploader(str(file), chunk_size=MIB - 1, upload_checksum=True)
    uploader.upload()
    site.holds(uploader.url, content)


def test_a_file_that_was_cut_three_times_is_retried(site, client, file, content):
    uploader = client.uploader(str(file), chunk_size=2 * MIB, retries=5, retry_delay=0)
    uploader.set_url(uploader.create_url())
    site.link.cut_after(MIB, MIB, MIB)
    uploader.upload()
    site.holds(uploader.url, content)


def test_a_cut_costs_no_byte_that_was_acknowledged(site, client, file, content):
    uploader = client.uploader(str(file), chunk_size=MIB)
    uploader.set_url(uploader.create_url())
    site.link.cut_after(5 * MIB // 2)
    with pytest.raises(TusUploadFailed):
        uploader.upload()
    assert 2 * MIB <= uploader.get_offset() < 5 * MIB // 2
    finished = client.uploader(str(file), url=uploader.url, retries=1, retry_delay=0)
    finished.upload()
    site.holds(uploader.url, content)


def test_another_process_finds_the_upload_again(site, client, file, content, tmp_path):
    storage = FileStorage(str(tmp_path / "urls.json"))
    first = client.uploader(str(file), store_url=True, url_storage=storage, chunk_size=MIB)
    first.upload(stop_at=2 * MIB)
    again = client.uploader(str(file), store_url=True, url_storage=storage, chunk_size=MIB)
    assert (again.url, again.offset) == (first.url, 2 * MIB)
    again.upload()
    storage.close()
    site.holds(again.url, content)


def test_what_was_damaged_on_the_way_is_refused_and_sent_again(site, client, file, content):
    uploader = client.uploader(str(file), chunk_size=MIB, upload_checksum=True)
    uploader.upload_chunk()
    damaged = Damaged(str(file), url=uploader.url, client=client, chunk_size=MIB, upload_checksum=True)
    with pytest.raises(TusUploadFailed) as refused:
        damaged.upload()
    assert (refused.value.status_code, damaged.get_offset()) == (460, MIB)
    uploader.upload()
    site.holds(uploader.url, content)


def test_an_upload_that_never_was_is_told_so(client, file, site):
    with pytest.raises(TusCommunicationError, match="404"):
        client.uploader(str(file), url=f"{site.uploads}/0190163d-8694-739b-aea5-966c26f8ad90")


class Damaged(Uploader):
    """Its checksums are of other bytes."""

    CHECKSUM_ALGORITHM_PAIR = ("sha1", lambda content: hashlib.sha1(content + b"!"))
