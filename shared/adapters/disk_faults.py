"""Names the faults of the file system; it leaves deciding what to do about them to the callers."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from shared.errors import NotFound, StorageFull, Unavailable

_FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def named_faults() -> Iterator[None]:
    """Turn an OSError into NotFound, StorageFull or Unavailable, without its path."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound from error
    except OSError as error:
        if error.errno in _FULL:
            raise StorageFull from error
        raise Unavailable(f"The object store failed: {os.strerror(error.errno or errno.EIO)}.") from error
