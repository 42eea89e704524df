"""The verdict on an examined file: what stands against it under the policy; it leaves saving it to process.py."""

from collections.abc import Iterator

from shared.ingest import Ingest, Reason, Verdict
from shared.media_types import UNKNOWN
from shared.policy import Judgement, Policy, Sent
from workers.examine.examination import MAX_WARNINGS, Examination


def judged(claimed: Ingest, found: Examination, policy: Policy) -> Verdict:
    """Return the first reason that holds and that no operator has overridden, and whatever is only worth a warning."""
    content = Sent(found.media_type or UNKNOWN, claimed.declared_type, claimed.filename)
    set_aside = {str(reason) for reason in claimed.overridden}
    dangers = policy.judge(content, [each for each in found.findings if each.danger not in set_aside])
    standing = (each for each in _against(found, dangers, policy) if each[0] not in claimed.overridden)
    reason, detail = next(standing, (None, None))
    overridden = (f"{reason} is overridden by an operator" for reason in claimed.overridden)
    warnings = (*overridden, *dangers.warnings, *found.warnings)[:MAX_WARNINGS]
    return Verdict((reason,) if reason else (), detail, warnings)


def _against(found: Examination, dangers: Judgement, policy: Policy) -> Iterator[tuple[Reason, str | None]]:
    """Yield in their order: a false claim, a danger, a type that is not admitted, then what a parser met."""
    if found.reason is Reason.CONTENT_MISMATCH:
        yield found.reason, found.detail
    if dangers.reason:
        yield dangers.reason, dangers.detail
    if found.media_type is not None and not policy.admits(found.media_type):
        yield Reason.TYPE_NOT_ALLOWED, None
    if found.reason:
        yield found.reason, found.detail
