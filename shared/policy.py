"""Policy: what we admit, told by sizes, types and dangers; it leaves looking into the bytes to the pipeline."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, Self

from shared.errors import MediaTypeNotAllowed, TooLarge
from shared.findings import Danger, Finding
from shared.ingest import Reason
from shared.media_sets import SETS
from shared.media_types import SCRIPT, SVG, declared, families_built_on, families_of_name, families_of_type
from shared.signatures import SNIFF_BYTES, sniff

__all__ = ["SNIFF_BYTES", "Judgement", "Policy", "Sent"]

Polyglots = Literal["reject", "flag"]

_SIBLINGS = {
    "video/mp4": ("image/heic", "image/avif", "image/x-canon-cr3"),
    "image/tiff": ("image/x-canon-cr2", "image/x-olympus-orf", "image/x-adobe-dng", "image/x-nikon-nef"),
    "audio/mpeg": ("audio/aac", "audio/flac", "audio/aiff"),
}
"""Types beyond a family that share its signature: the first bytes cannot tell them apart."""


def _possible(seen: str) -> set[str]:
    """Return every type that the deeper look may find behind a signature, as a docx behind a zip."""
    families = [family for known in (seen, *_SIBLINGS.get(seen, ())) for family in families_built_on(known)]
    return {seen, *_SIBLINGS.get(seen, ())}.union(*(family.media_types for family in families))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the policy makes of findings; warnings stop nothing."""

    reason: Reason | None = None
    detail: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """What the content is and what the sender calls it, as far as judging findings depends on it."""

    media_type: str
    declared_type: str | None = None
    filename: str | None = None

    @property
    def as_script(self) -> bool:
        """Whether the sender says that this is code."""
        return SCRIPT in families_of_type(declared(self.declared_type)) or SCRIPT in families_of_name(self.filename)


@dataclass(frozen=True)
class Policy:
    """What is admitted: `max_bytes` for one file, and patterns of media types such as `video/*` or `*/*`."""

    max_bytes: int
    allowed_types: tuple[str, ...] = ("*/*",)
    polyglots: Polyglots = "reject"

    @classmethod
    def of(cls, max_bytes: int, allowed: tuple[str, ...], polyglots: Polyglots = "reject") -> Self:
        """Return the policy of settings, which name sets and patterns. Raise ValueError for what is neither."""
        for name in allowed:
            if name not in SETS and "/" not in name:
                raise ValueError(f"'{name}' is no set; use {', '.join(SETS)} or a pattern like video/*")
        patterns = tuple(pattern for name in allowed for pattern in SETS.get(name, (name,)))
        return cls(max_bytes, patterns, polyglots)

    def check_size(self, size: int) -> None:
        """Raise TooLarge where `size` bytes, declared or already received, are over the limit."""
        if size > self.max_bytes:
            raise TooLarge(f"At most {self.max_bytes} bytes are admitted.")

    def check_head(self, head: bytes) -> None:
        """Raise MediaTypeNotAllowed where the first bytes show a type that no pattern admits.

        Bytes without a certain type pass here: the pipeline, which sees the whole file, decides on those. So do
        programs where a pattern such as `*/*` admits them: they are rejected there, with their reason.
        """
        seen = sniff(head)
        if seen is not None and not any(map(self.admits, _possible(seen))):
            raise MediaTypeNotAllowed(f"The content is {seen}; admitted are {', '.join(self.allowed_types)}.")

    def admits(self, media_type: str) -> bool:
        """Tell whether a pattern matches the media type, whose names know no case (RFC 6838, section 4.2)."""
        return any(fnmatchcase(media_type.lower(), pattern.lower()) for pattern in self.allowed_types)

    def judge(self, content: Sent, findings: Iterable[Finding]) -> Judgement:
        """Return the first finding that refuses the content, in their order, and all the others as warnings."""
        refused = None
        warnings = []
        for finding in findings:
            if refused is None and self._refuses(finding.danger, content):
                refused = finding
            else:
                warnings.append(finding.detail)
        if refused is None:
            return Judgement(warnings=tuple(warnings))
        return Judgement(Reason(refused.danger), refused.detail, tuple(warnings))

    def _refuses(self, danger: Danger, content: Sent) -> bool:
        match danger:
            case Danger.EXECUTABLE:
                return not self._names(content.media_type)
            case Danger.SCRIPT:
                return not (content.as_script or self._names(content.media_type))
            case Danger.ACTIVE_CONTENT:
                return content.media_type == SVG  # a page may act, a picture may not
            case Danger.POLYGLOT:
                return self.polyglots == "reject"
            case Danger.TRAILER:
                return False

    def _names(self, media_type: str) -> bool:
        """Tell whether the operator wrote out a type of this family: a wildcard does not ask for programs."""
        own = {media_type}.union(*(family.media_types for family in families_of_type(media_type)))
        return not own.isdisjoint(pattern.lower() for pattern in self.allowed_types)
