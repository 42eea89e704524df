"""Harmless texts under names that could hurt whoever shows, stores or opens them."""

from tests.corpus.items import COMPLETED, hostile

NAMES = {
    "leads outside": "../../../../etc/passwd",
    "leads outside on Windows": "..\\..\\windows\\win.ini",
    "is absolute": "/etc/passwd",
    "has a drive": "C:\\autoexec.txt",
    "is a share": "\\\\server\\share\\a.txt",
    "holds a NUL": "letter\x00.txt",
    "holds terminal commands": "\x1b[2J\x1b]0;owned\x07letter.txt",
    "holds line ends": "letter\r\nSet-Cookie: a=b.txt",
    "turns the direction": "letter\u202etxt.exe\u202c.txt",
    "is Arabic": "رسالة.txt",
    "is made of combining characters": "e" + "\u0301" * 100 + ".txt",
    "is 255 bytes long": "n" * 251 + ".txt",
    "is 10000 characters long": "n" * 10_000 + ".txt",
    "is reserved": "CON.txt",
    "ends in dots and blanks": "letter.txt. . .",
    "is dots alone": "..",
    "is blanks alone": "   ",
    "is empty": "",
    "looks like an option": "--help.txt",
    "looks like markup": "<img src=x onerror=alert(1)>.txt",
    "looks like a command": "$(touch owned);`id`|&.txt",
    "looks like a template": "{{7*7}}${7*7}%s%n.txt",
    "looks like SQL": "'; DROP TABLE ingests; --.txt",
    "looks like an address": "http://127.0.0.1/a.txt",
    "is wide": "\uff0e\uff0e\uff0fetc\uff0fpasswd.txt",
    "is of invisible characters": "\u200b\u200d\ufeff.txt",
    "is of characters beyond the first plane": "\U0001f600\U000e0041.txt",
    "is of no characters": "\ufffe\uffff.txt",
}


def _letter() -> bytes:
    return b"Dear reader,\na harmless letter.\n"


for _what, _name in NAMES.items():
    hostile(f"a text whose name {_what}", _name, COMPLETED)(_letter)
