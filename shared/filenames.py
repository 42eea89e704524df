"""Filenames made safe by OWASP's file upload cheat sheet; it leaves storage paths alone, since no name ever enters one.

https://cheatsheetseries.owasp.org/cheatsheets/File_Upload_Cheat_Sheet.html#filename-sanitization
"""

import re
import unicodedata
from pathlib import PurePosixPath

from shared.errors import BadFilename

MAX_BYTES = 255
"""What one name may take on the usual file systems, in UTF-8 bytes."""
MAX_ORIGINAL_BYTES = 1024
"""What we keep of the name as it was sent, in UTF-8 bytes; longer ones are refused."""

_SEPARATORS = re.compile(r"[/\\]")
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_LINE_ENDS = {"\u2028", "\u2029"}
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def safe_filename(original: str) -> str:
    """Return a name that is safe to show, to log and to save on any common system: 1 to 255 bytes, no path.

    Raise BadFilename where nothing usable is left, or the original is longer than 1024 bytes.
    """
    if len(original.encode("utf-8", "surrogatepass")) > MAX_ORIGINAL_BYTES:
        raise BadFilename(f"The name has more than {MAX_ORIGINAL_BYTES} bytes.")
    name = _FORBIDDEN.sub("_", _printable(_SEPARATORS.split(original)[-1])).strip(" .")
    if not any(character.isalnum() for character in name):
        raise BadFilename("Nothing usable is left of the name.")
    if name.split(".")[0].strip().lower() in _RESERVED:
        name = f"_{name}"
    return _shortened(name)


def extension(name: str) -> str:
    """Return the last extension in lower case without its dot, or an empty string."""
    return PurePosixPath(name).suffix[1:].lower()


def _printable(name: str) -> str:
    """Drop controls, NUL, surrogates, bidi and zero-width marks (categories Cc, Cf, Cs, Co, Cn) after NFC."""
    kept = (c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C")
    return "".join(c for c in kept if c not in _LINE_ENDS)


def _shortened(name: str) -> str:
    """Cut the stem, never the extension, at a character's border."""
    encoded = name.encode()
    if len(encoded) <= MAX_BYTES:
        return name
    suffix = PurePosixPath(name).suffix.encode()
    suffix = suffix if len(suffix) <= MAX_BYTES // 4 else b""
    return (encoded[: MAX_BYTES - len(suffix)]).decode(errors="ignore") + suffix.decode()
