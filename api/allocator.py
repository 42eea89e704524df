"""The C library's allocator: what one piece took is kept for the next; it leaves their number to others.

glibc gives large blocks back to the kernel at once, and each page of the next one costs a fault
(https://man7.org/linux/man-pages/man3/mallopt.3.html).
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h."""
KEPT_BYTES = 64 * 1024 * 1024
"""Free memory at the top of the heap above which it is given back."""
LARGEST_BYTES = 32 * 1024 * 1024
"""Blocks from here on have a mapping of their own; glibc takes no more."""


def keep_freed_memory() -> bool:
    """Let malloc keep the blocks of bodies. Return whether the C library knows how: musl does not."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(
        mallopt(_MMAP_THRESHOLD, LARGEST_BYTES) and mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
    )
