"""HTML, SVG and XML by their first element; it leaves what is in them to the dangers and the describers."""

import re

from shared.media_types import SVG

# Comments, processing instructions and a doctype with or without a part in brackets. Nothing that has matched is
# tried in another way, or a file of many comments would take a regular expression minutes.
_COMMENT = r"<!--.*?-->"
_PROLOG = re.compile(
    rf"(?>\s+|{_COMMENT}|<\?.*?\?>|<!DOCTYPE[^\[>]*+(?>\[.*?\]\s*+)?>)*+",
    re.DOTALL | re.IGNORECASE,
)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
_HTML_DOCTYPE = re.compile(r"<!DOCTYPE\s+html\b", re.IGNORECASE)
_HTML_ROOTS = frozenset({"html", "head", "body", "script", "iframe"})


def look(text: str, guess: str) -> str | None:
    """Return text/html, image/svg+xml, text/xml or None; `guess` is libmagic's."""
    text = text.removeprefix("\ufeff")
    if not text.lstrip().startswith("<"):
        return None
    prolog = _PROLOG.match(text)[0]  # type: ignore[index]  # it matches nothing too
    root = _ROOT.match(text, len(prolog))
    name = root[1].lower() if root else ""
    if name == "svg":
        return SVG
    if name in _HTML_ROOTS or _HTML_DOCTYPE.search(re.sub(_COMMENT, "", prolog, flags=re.DOTALL)):
        return "text/html"
    if text.lstrip().startswith("<?xml"):
        return "text/xml"
    return guess if guess in {"text/html", "text/xml"} else None
