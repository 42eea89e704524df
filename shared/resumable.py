"""Resumable: what is known of an upload that comes in parts, as values; it leaves its bytes to the object store."""

from dataclasses import dataclass
from datetime import datetime

from shared.digest import Digest


@dataclass(frozen=True, slots=True)
class Resumable:
    """The upload of a receiving ingest, which has its id. It is remembered until `expires_at`, also once it is over.

    Each request that appends puts `expires_at` off. A part of another upload (tus: `Upload-Concat: partial`) never
    becomes received by itself.
    """

    ingest_id: str
    expires_at: datetime
    length: int | None = None
    """Bytes of the whole; None while the sender has not said so."""
    metadata: str = ""
    """As the sender wrote it (tus: `Upload-Metadata`), to give it back."""
    concat: str = ""
    """The same of `Upload-Concat`."""
    is_part: bool = False
    parts: tuple[str, ...] = ()
    """The ids of the uploads that this one was made of."""
    digest: Digest | None = None
    """What the sender said of the whole."""
