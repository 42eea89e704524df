"""JSON and lines of JSON by their head's grammar (RFC 8259); it leaves the values to the describers."""

import re
from collections.abc import Collection, Iterator

_SYMBOL = re.compile(
    r'(?P<mark>[{}\[\]:,])|(?P<string>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")'
    r"|(?P<scalar>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)|(?P<space>[ \t\r\n]+)"
)
# What a cut head may leave of a symbol; a line feed cannot be in it.
_CUT = re.compile(r'"[^"\x00-\x1f]*(?:\\"[^"\x00-\x1f]*)*\Z|[-+.eE0-9]+\Z|t(?:ru?)?\Z|f(?:a(?:ls?)?)?\Z|n(?:ul?)?\Z')
_CLOSES = {"}": "{", "]": "["}
_NDJSON = frozenset({"application/x-ndjson"})


class _NoJson(Exception):
    """The text breaks JSON's grammar."""


def look(text: str, claimed: Collection[str], *, whole: bool) -> str | None:
    """Return application/json or application/x-ndjson; None for other texts, and for a lone scalar not claimed so."""
    values = _values(text, whole=whole)
    if values is None:
        return None
    if not text.lstrip("\ufeff \t\r\n").startswith(("{", "[")) and not {"application/json", *_NDJSON} & set(claimed):
        return None
    lines = text.strip("\ufeff \t\r\n").count("\n") + 1
    by_line = values == lines or (not whole and values == lines - 1)
    if values > 1:
        return "application/x-ndjson" if by_line else None
    return "application/x-ndjson" if by_line and _NDJSON & set(claimed) else "application/json"


def begins_json(text: str, *, whole: bool) -> bool:
    """Tell whether the text is JSON, or the beginning of one where it is not `whole`."""
    return _values(text, whole=whole) in {0, 1}


def _values(text: str, *, whole: bool) -> int | None:
    """Return how many values follow each other at the top level; None where it is no JSON."""
    machine = _Machine()
    try:
        for symbol in _symbols(text.removeprefix("\ufeff"), whole=whole):
            machine.take(symbol)
    except _NoJson:
        return None
    if machine.open and whole:
        return None
    return machine.values or (0 if machine.open else None)


def _symbols(text: str, *, whole: bool) -> Iterator[str]:
    at = 0
    while at < len(text):
        symbol = _SYMBOL.match(text, at)
        if symbol is None:
            if whole or not _CUT.match(text, at):
                raise _NoJson
            return
        at = symbol.end()
        if symbol.lastgroup != "space":
            yield symbol[0] if symbol.lastgroup == "mark" else (symbol.lastgroup or "")


class _Machine:
    """Says for each symbol whether it may stand there; `expects` is what comes next."""

    def __init__(self) -> None:
        self.values = 0
        self.open: list[str] = []
        self.expects = "value"

    def take(self, symbol: str) -> None:
        """Go on by one symbol; raise _NoJson where it may not stand there."""
        if symbol in _CLOSES:
            self._close(symbol)
        elif symbol in {"{", "["} and self.expects in {"value", "first"}:
            self.open.append(symbol)
            self.expects = "first" if symbol == "[" else "first key"
        elif symbol == "string" and self.expects in {"key", "first key"}:
            self.expects = ":"
        elif symbol == ":" and self.expects == ":":
            self.expects = "value"
        elif symbol == "," and self.expects == "next":
            self.expects = "key" if self.open[-1] == "{" else "value"
        elif symbol in {"string", "scalar"} and self.expects in {"value", "first"}:
            self._ended()
        else:
            raise _NoJson

    def _close(self, symbol: str) -> None:
        empty = {"]": "first", "}": "first key"}[symbol]
        if not self.open or self.open.pop() != _CLOSES[symbol] or self.expects not in {"next", empty}:
            raise _NoJson
        self._ended()

    def _ended(self) -> None:
        if self.open:
            self.expects = "next"
        else:
            self.values += 1
            self.expects = "value"
