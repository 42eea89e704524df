"""What DURABILITY promises, as strace(1) sees it: `full` syncs before each 2xx, `off` never."""

import re
import signal
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

CALLS = "fsync,fdatasync,syncfs,write,writev,sendto,sendmsg,rename"
SYNC = re.compile(r"(fsync|fdatasync|syncfs)\(\d+<([^>]*)>")
ACCEPTED = re.compile(r"HTTP/1.1 202")
UNFINISHED = re.compile(r"^(\d+) .*<unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) .*<\.\.\. \w+ resumed>")


@contextmanager
def traced(api, output):
    command = ["strace", "-f", "-y", "-s", "16", "-o", output, f"--trace={CALLS}", "--attach", str(api.process.pid)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
        assert "attached" in strace.stderr.readline()
        rest = threading.Thread(target=strace.stderr.read)  # it tells of every thread, and would wait for a reader
        rest.start()
        try:
            yield
        finally:
            strace.send_signal(signal.SIGINT)
            rest.join()


def events(output):
    """Yield the end of each sync, by what was synced, and the beginning of each 202, in the order of time."""
    begun = {}
    for line in output.read_text().splitlines():
        if UNFINISHED.match(line) and SYNC.search(line):
            begun[line.split()[0]] = SYNC.search(line).groups()
        elif (resumed := RESUMED.match(line)) and resumed[1] in begun:
            yield begun.pop(resumed[1])
        elif sync := SYNC.search(line):
            yield sync.groups()
        elif ACCEPTED.search(line):
            yield "202", ""


def syncs_before_each_answer(output):
    """Return for each 202 the syncs between it and the one before."""
    found = [[]]
    for call, path in events(output):
        if call == "202":
            found.append([])
        else:
            found[-1].append((call, path))
    return found[:-1]


def send(client, number):
    response = client.post(f"/ingest?filename={number}.bin", content=b"%d" % number * 1000)
    assert response.status_code == 202
    return response.json()["id"]


def test_with_full_file_folder_and_row_are_synced_before_each_2xx(own_api, tmp_path):
    api = own_api()
    with api.client() as client:
        send(client, 0)
        with traced(api, tmp_path / "trace"):
            ids = [send(client, number) for number in range(1, 9)]
    answers = syncs_before_each_answer(tmp_path / "trace")
    assert len(answers) == len(ids)
    for ingest_id, made in zip(ids, answers, strict=True):
        kinds = [call for call, _ in made]
        of_bytes = [number for number, (call, path) in enumerate(made) if call == "fdatasync" and ingest_id in path]
        of_folder = [number for number, (call, path) in enumerate(made) if call == "fsync" and "/objects/" in path]
        of_row = [number for number, (_, path) in enumerate(made) if path.endswith("catalog.db-wal")]
        stored = kinds.index("syncfs") if "syncfs" in kinds else max(of_bytes[0], of_folder[0])
        assert of_row[-1] > stored, made


def test_with_full_uploads_at_once_are_all_synced_and_share_it(own_api, tmp_path):
    api = own_api()
    with api.client() as client, ThreadPoolExecutor(16) as pool:
        send(client, 0)
        with traced(api, tmp_path / "trace"):
            list(pool.map(lambda number: send(client, number), range(1, 65)))
    answers = syncs_before_each_answer(tmp_path / "trace")
    assert len(answers) == 64
    commits = [path for made in answers for _, path in made if path.endswith("catalog.db-wal")]
    assert 0 < len(commits) < 64


@pytest.mark.parametrize("at_once", [1, 8])
def test_with_off_nothing_is_synced(own_api, tmp_path, at_once):
    api = own_api(DURABILITY="off")
    with api.client() as client, ThreadPoolExecutor(at_once) as pool, traced(api, tmp_path / "trace"):
        list(pool.map(lambda number: send(client, number), range(16)))
    found = list(events(tmp_path / "trace"))
    assert found == [("202", "")] * 16
