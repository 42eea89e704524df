"""The IETF's resumable uploads (draft-ietf-httpbis-resumable-upload) on /uploads: headers in and out.

It leaves the bytes to `resuming`. docs/uploads-ietf.md is for senders, docs/decisions/0014-ietf-uploads.md says why.
"""

from api.ietf.calls import delete, head, options, patch, post
from api.ietf.versions import MARK

__all__ = ["MARK", "delete", "head", "options", "patch", "post"]
