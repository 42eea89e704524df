"""tus 1.0.0 by hand for tests: one function for each request, all headers in the open."""

import base64
import socket
from contextlib import closing

import httpx

VERSION = {"tus-resumable": "1.0.0"}
APPEND = VERSION | {"content-type": "application/offset+octet-stream"}


def metadata(**pairs):
    """Return an Upload-Metadata."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def create(client, length=None, body=None, **headers):
    """POST /uploads; return the answer."""
    sized = {} if length is None else {"upload-length": str(length)}
    base = VERSION if body is None else APPEND
    return client.post("/uploads", headers=base | sized | named(headers), content=body)


def created(client, length=None, **headers):
    """POST /uploads; return the new upload's URL."""
    answer = create(client, length, **headers)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


def append(client, url, offset, body, **headers):
    """PATCH; return the answer."""
    return client.patch(url, headers=APPEND | {"upload-offset": str(offset)} | named(headers), content=body)


def head(client, url, **headers):
    """HEAD; return the answer."""
    return client.head(url, headers=VERSION | named(headers))


def offset(client, url):
    """Return the offset that HEAD tells."""
    answer = head(client, url)
    assert answer.status_code == 200, answer.headers
    return int(answer.headers["upload-offset"])


def terminate(client, url):
    """DELETE; return the answer."""
    return client.delete(url, headers=VERSION)


def receipt(client, url):
    """Return the receipt of an upload's ingest."""
    return client.get(f"/ingest/{url.rsplit('/', 1)[1]}").json()


def refused(answer, status, code):
    """Prove that an answer is that problem, and speaks tus."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["tus-resumable"] == "1.0.0"
    if answer.request.method != "HEAD":
        assert answer.json()["code"] == code, answer.text
    return answer


def half_sent(url, size, body, offset=0, method="PATCH", **headers):
    """Send a request that announces `size` bytes, and of them only the body; return its open socket."""
    parts = httpx.URL(url)
    connection = socket.create_connection((parts.host, parts.port), timeout=15)
    announced = {"host": parts.netloc.decode(), "upload-offset": str(offset), "content-length": str(size)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in (announced | APPEND | named(headers)).items())
    connection.sendall(f"{method} {parts.path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
    return connection


def answer_on(connection):
    """Return the status and the whole text of the answer that comes on a socket, to its end."""
    text = b""
    with closing(connection):
        while piece := connection.recv(65536):
            text += piece
    return int(text.split(b" ", 2)[1]), text.decode()


def named(headers):
    """Return headers with the names that Python cannot spell."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
