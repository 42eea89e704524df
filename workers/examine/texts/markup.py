"""HTML, SVG and XML by their first element; it leaves what is in them to the dangers and the describers."""

import re

from shared.media_types import SVG

# Comments, processing instructions and a doctype with or without a part in brackets.
_PROLOG = re.compile(
    r"(?:\s+|<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_HTML_DOCTYPE = re.compile(r"\s*(?:<!--.*?-->\s*)*<!DOCTYPE\s+html\b", re.DOTALL | re.IGNORECASE)
_HTML_ROOTS = frozenset({"html", "head", "body", "script", "iframe"})


def look(text: str, guess: str) -> str | None:
    """Return text/html, image/svg+xml, text/xml or None; `guess` is libmagic's."""
    text = text.removeprefix("\ufeff")
    if not text.lstrip().startswith("<"):
        return None
    root = _ROOT.match(text, _PROLOG.match(text).end())  # type: ignore[union-attr]  # it matches nothing too
    name = root[1].lower() if root else ""
    if name == "svg":
        return SVG
    if name in _HTML_ROOTS or _HTML_DOCTYPE.match(text):
        return "text/html"
    if text.lstrip().startswith("<?xml"):
        return "text/xml"
    return guess if guess in {"text/html", "text/xml"} else None
