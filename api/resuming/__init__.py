"""Resuming: uploads that come in parts, created, appended to and ended; it leaves headers and answers to the protocols.

The bytes go through the same checks as in intake, and the end of an upload is the same one commit and ring.
"""

from api.resuming.appending import append
from api.resuming.creating import create
from api.resuming.joining import join
from api.resuming.standing import standing
from api.resuming.terminating import terminate
from api.resuming.values import Append, Creation, Standing

__all__ = ["Append", "Creation", "Standing", "append", "create", "join", "standing", "terminate"]
