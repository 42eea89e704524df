"""A sender that speaks the IETF draft in one of its versions, as plainly as the draft writes it."""

import base64
import hashlib
from dataclasses import dataclass

import httpx

PARTIAL = "application/partial-upload"
TYPES = "https://iana.org/assignments/http-problem-types#"


def digest_of(body):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def is_complete(answer):
    """Return what an answer says of completeness, in either version's field."""
    if "upload-incomplete" in answer.headers:
        return {"?0": True, "?1": False}[answer.headers["upload-incomplete"]]
    return {"?1": True, "?0": False, None: None}[answer.headers.get("upload-complete")]


@dataclass
class Sender:
    """`version` is an interop version; None sends no such header, as clients of the RFC will."""

    client: httpx.Client
    version: int | None = 9

    def create(self, body=b"", *, complete=False, params=None, **headers):
        return self.client.post("/uploads", content=body, params=params, headers=self._said(complete, headers))

    def append(self, url, offset, body=b"", *, complete=False, **headers):
        typed = {"content_type": PARTIAL} if self.version is None or self.version >= 6 else {}
        said = self._said(complete, typed | {"upload_offset": str(offset)} | headers)
        return self.client.patch(url, content=body, headers=said)

    def offset(self, url):
        return self.client.head(url, headers=self._said(None, {}))

    def cancel(self, url):
        return self.client.delete(url, headers=self._said(None, {}))

    def _said(self, complete, headers):
        said = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        if self.version is not None:
            said["upload-draft-interop-version"] = str(self.version)
        if complete is not None and self.version == 3:
            said["upload-incomplete"] = "?0" if complete else "?1"
        elif complete is not None:
            said["upload-complete"] = "?1" if complete else "?0"
        return said


def refused(answer, status, code, kind=None):
    """Check a problem document, and return it."""
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["status"]) == (status, code, status), problem
    assert problem["type"] == (TYPES + kind if kind else f"urn:hmas:problem:{code}")
    assert problem["remedy"]
    return problem
