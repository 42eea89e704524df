"""Texts that nest, repeat or never end, and texts in odd encodings."""

from typing import BinaryIO

from tests.corpus.hostile.documents import DTD
from tests.corpus.items import COMPLETED, Content, hostile
from tests.corpus.trap import Trap

UNREADABLE, ACTIVE = "unreadable", "active_content"
MIB = 1024 * 1024


@hostile("an XML of a billion laughs", "list.xml", COMPLETED)
def laughs() -> bytes:
    return f'<?xml version="1.0"?>{DTD}<x>&a9;</x>'.encode()


@hostile("an XML that repeats one long entity", "list.xml", COMPLETED)
def quadratic() -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><x>{"&a;" * 100_000}</x>'.encode()


@hostile("an XML whose entities are a local file and an address", "list.xml", COMPLETED)
def external(trap: Trap) -> bytes:
    local, remote = f'<!ENTITY a SYSTEM "file://{trap.secret}">', f'<!ENTITY b SYSTEM "{trap.url}/b">'
    entities = f'{local}{remote}<!ENTITY % c SYSTEM "{trap.url}/c">%c;'
    return f'<?xml version="1.0"?><!DOCTYPE x SYSTEM "{trap.url}/d" [{entities}]><x>&a;&b;</x>'.encode()


@hostile("an XML that includes a local file", "list.xml", COMPLETED)
def included(trap: Trap) -> bytes:
    include = f'<xi:include parse="text" href="file://{trap.secret}"/>'
    return f'<?xml version="1.0"?><x xmlns:xi="http://www.w3.org/2001/XInclude">{include}</x>'.encode()


@hostile("an XML a million deep", "list.xml", COMPLETED)
def deep_xml() -> bytes:
    return b"<?xml version='1.0'?>" + b"<a>" * 1_000_000 + b"</a>" * 1_000_000


@hostile("an XML element of a million attributes", "list.xml", COMPLETED)
def many_attributes() -> bytes:
    return ("<?xml version='1.0'?><x " + " ".join(f"a{n}=''" for n in range(1_000_000)) + "/>").encode()


@hostile("a web page that is all script", "page.html", COMPLETED)
def script(trap: Trap) -> bytes:
    return f"<html><script>fetch('{trap.url}')</script><iframe src='{trap.url}'></iframe></html>".encode()


@hostile("a JSON 100000 levels deep", "record.json", UNREADABLE, declared_type="application/json")
def deep_json() -> bytes:
    return b"[" * 100_000 + b"]" * 100_000


@hostile("a JSON of objects 100000 levels deep", "record.json", UNREADABLE, declared_type="application/json")
def deep_objects() -> bytes:
    return b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@hostile("a JSON of a million keys", "record.json", COMPLETED)
def many_keys() -> bytes:
    return ("{" + ",".join(f'"k{n}":{n}' for n in range(1_000_000)) + "}").encode()


@hostile("a JSON of one string of 64 MiB", "record.json", COMPLETED)
def long_string() -> bytes:
    return b'{"a":"' + b"a" * (64 * MIB) + b'"}'


@hostile("a JSON key of 64 MiB", "record.json", COMPLETED)
def long_key() -> bytes:
    return b'{"' + b"a" * (64 * MIB) + b'":1}'


@hostile("a JSON number of a million digits", "record.json", COMPLETED)
def long_number() -> bytes:
    return b'{"a":' + b"9" * 1_000_000 + b',"b":1e999999999}'


@hostile("a JSON of what JSON does not allow", "record.json", COMPLETED)
def odd_json() -> bytes:
    return b'{"a":NaN,"a":Infinity,"\\ud800":"\\udfff","__proto__":{"x":1},"b":0x10,}'


@hostile("JSON lines of which one is broken", "records.ndjson", COMPLETED)
def broken_line() -> bytes:
    return b'{"a":1}\n' * 50 + b'{"a":\n' + b'{"a":1}\n' * 50


@hostile("JSON lines, a million of them, each with its own key", "records.ndjson", COMPLETED)
def many_lines() -> bytes:
    return b"".join(b'{"k%d":1}\n' % number for number in range(1_000_000))


@hostile("a CSV with a line of one gigabyte", "table.csv", COMPLETED, declared_type="text/csv")
def long_line() -> Content:
    def write(file: BinaryIO) -> None:
        file.write(b"a,b\n1,")
        file.writelines(b"x" * MIB for _ in range(1024))
        file.write(b"\n2,3\n")

    return write


@hostile("a CSV whose quote never closes", "table.csv", COMPLETED, declared_type="text/csv")
def open_quote() -> bytes:
    return b'a,b\n1,"' + b"x,y\n" * (8 * MIB)


@hostile("a CSV of 100000 columns", "table.csv", COMPLETED, declared_type="text/csv")
def many_columns() -> bytes:
    return b"\n".join(b",".join(b"%d" % (n + row) for n in range(100_000)) for row in range(5))


@hostile("a CSV with formulas and NULs", "table.csv", COMPLETED, declared_type="text/csv")
def formulas() -> bytes:
    return b"name,value\n\"=cmd|' /C calc'!A0\",1\n@SUM(1),\0\0\n+1,\x1b[2J\n"


_ODD = {
    "in UTF-7": ("Hi Mom +Jjo-!\n" * 20).encode(),
    "in EBCDIC": ("a letter in another world\n" * 20).encode("cp037"),
    "in UTF-16 that ends within a character": "a letter\n".encode("utf-16") * 3 + b"\x00",
    "in UTF-32 of characters that there are none of": b"\xff\xfe\0\0" + b"\xff\xff\xff\x7f" * 20,
    "in UTF-8 with overlong characters": b"a letter \xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf\n" * 20,
    "in UTF-8 with halves of characters": b"a letter \xed\xa0\x80\xed\xbf\xbf\n" * 20,
    "in three encodings at once": "Grüße\n".encode() * 5
    + "Grüße\n".encode("latin-1") * 5
    + "Grüße\n".encode("utf-16") * 5,
    "full of NULs": b"a\0letter\0" * 100,
    "full of turns of direction": ("a\u202eb\u2066c\u2069\u200f" * 50 + "\n").encode(),
    "of combining characters alone": ("e" + "\u0301" * 5000 + "\n").encode(),
    "of terminal commands": b"\x1b[2J\x1b]0;owned\x07\x9b31m\r\n" * 50,
    "of line ends alone": b"\r\n\n\r\x0b\x0c\xe2\x80\xa8" * 100_000,
    "in GB18030 of rare characters": "𠀀𠀁𠀂 字\n".encode("gb18030") * 20,
}


def _text(content: bytes):
    return lambda: content


for _what, _content in _ODD.items():
    hostile(f"a text {_what}", "letter.txt", COMPLETED, declared_type="text/plain")(_text(_content))


def nested_mail(depth: int) -> bytes:
    """Return a message of parts in parts."""
    heads = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (level, level) for level in range(depth)
    )
    ends = b"".join(b"--b%d--\n" % level for level in reversed(range(depth)))
    return b"From: a@example.org\nSubject: deep\nMIME-Version: 1.0\n" + heads + b"\nx\n" + ends


@hostile("a message of parts 20000 deep", "message.eml", UNREADABLE)
def deep_mail() -> bytes:
    return nested_mail(20_000)


@hostile("a message of messages 2000 deep", "message.eml", COMPLETED)
def messages_in_messages() -> bytes:
    head = b"From: a@example.org\nSubject: deep\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n"
    return head * 2000 + b"From: a@example.org\n\nx\n"


@hostile("a message of 100000 attachments", "message.eml", COMPLETED)
def many_parts() -> bytes:
    part = b'--b\nContent-Disposition: attachment; filename="a.txt"\n\nx\n'
    head = b'From: a@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n'
    return head + part * 100_000 + b"--b--\n"


@hostile("a message with a subject of 16 MiB", "message.eml", UNREADABLE)
def long_subject() -> bytes:
    return b"From: a@example.org\nSubject: " + b"=?utf-8?q?=0A=0D?= " * (MIB) + b"\n\nx\n"


@hostile("a message whose headers lie in every way", "message.eml", COMPLETED)
def lying_headers() -> bytes:
    return (
        b"From: \xff\xfe <a@b\nTo: " + b"(" * 5000 + b"\nSubject: =?nonsense?x?=FF?= \x1b[2J\n"
        b"Date: Mon, 99 Foo 99999999 99:99:99 +9999\nMIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=\"../../etc\"; name*0*=''%00%1b; name*999999999=x\n"
        b"Content-Transfer-Encoding: base64\n\n====\n"
    )


@hostile("a mailbox of a million messages", "box.mbox", COMPLETED)
def many_messages() -> bytes:
    return b"From a@example.org Mon May  6 07:08:09 2024\nSubject: x\n\nx\n\n" * 1_000_000
