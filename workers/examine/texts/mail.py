"""E-mail by its header lines, and mailboxes of them; it leaves their parts to the describers."""

import re

# RFC 5322, sections 2.2 and 3.6.
_FIELD = re.compile(r"([!-9;-~]+)[ \t]*:.*(?:\r?\n[ \t]+.*)*\r?\n?")
_SENT = frozenset({"from", "received", "return-path", "message-id", "delivered-to", "sender"})
_KNOWN = _SENT | {"to", "cc", "date", "subject", "mime-version", "reply-to", "dkim-signature"}
_MAX_FIELDS = 200

# RFC 4155, appendix A: sender and a date as asctime writes it.
_ENVELOPE = re.compile(r"From \S{1,320} .{,64}?\d\d:\d\d.{,32}? \d{4}.*\r?\n")


def look(text: str) -> str | None:
    """Return message/rfc822 or application/mbox, None where too few fields are those of a mail."""
    envelope = _ENVELOPE.match(text)
    if not _is_header(text, envelope.end() if envelope else 0):
        return None
    return "application/mbox" if envelope else "message/rfc822"


def _is_header(text: str, at: int) -> bool:
    names = set()
    for _ in range(_MAX_FIELDS):
        field = _FIELD.match(text, at)
        if field is None:
            break
        names.add(field[1].lower())
        at = field.end()
    ends = at >= len(text) or text[at] in "\r\n"
    return ends and bool(names & _SENT) and len(names & _KNOWN) > 1
