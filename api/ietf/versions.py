"""Interop versions of the draft, and in what they differ for us; docs/decisions/0014-ietf-uploads.md has them all."""

from dataclasses import dataclass

from starlette.datastructures import Headers

from api.ietf import fields

FIELD = "Upload-Draft-Interop-Version"
OLDEST, NEWEST = 3, 9
PARTIAL_UPLOAD = "application/partial-upload"
"""The content type of an append."""
MARK = "ietf"
"""The query of an upload's URL for a client that names no version: its HEAD and DELETE carry no other sign of us."""


@dataclass(frozen=True, slots=True)
class Version:
    """What a request speaks. `number` is None where it says none, or one that we do not know: that is the newest."""

    number: int | None = None

    @property
    def _age(self) -> int:
        return self.number or NEWEST

    @property
    def says_incomplete(self) -> bool:
        """Whether the field is Upload-Incomplete, with the opposite value (draft -01)."""
        return self._age == OLDEST

    @property
    def completes_unsaid(self) -> bool:
        """Whether an append that does not say so is the last one (until draft -03)."""
        return self._age <= 5  # noqa: PLR2004  (the draft's number)

    @property
    def types_appends(self) -> bool:
        """Whether an append must be application/partial-upload (since draft -04)."""
        return self._age >= 6  # noqa: PLR2004

    @property
    def lifetime(self) -> str:
        """The key of Upload-Limit for an upload's remaining seconds (renamed in draft -06)."""
        return "expires" if self._age == 6 else "max-age"  # noqa: PLR2004

    @property
    def may_end_early(self) -> bool:
        """Whether an answer may end an upload before its last byte (since draft -12)."""
        return self._age >= NEWEST

    def completeness(self, complete: bool) -> dict[str, str]:  # noqa: FBT001  (it is the value, not an option)
        """Return the field that tells whether an upload is complete."""
        if self.says_incomplete:
            return {"Upload-Incomplete": fields.written(not complete)}
        return {"Upload-Complete": fields.written(complete)}


def version_of(headers: Headers) -> Version:
    """Return the version of a request."""
    number = fields.integer(headers, FIELD)
    return Version(number if number is not None and OLDEST <= number <= NEWEST else None)


def media_type_of(headers: Headers) -> str:
    """Return the content type without its parameters, which knows no case (RFC 9110, section 8.3.1)."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()
