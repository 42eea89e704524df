"""tus 1.0.0 on /uploads (https://tus.io/protocols/resumable-upload): headers in and out; bytes are `resuming`'s.

Docstrings name the specification's sections.
"""

from api.tus.handlers import delete, head, options, patch, post
from api.tus.headers import VERSION

__all__ = ["VERSION", "delete", "head", "options", "patch", "post"]
