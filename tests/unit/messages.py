"""Writes e-mail by the standard library and by hand; the tests say what they expect."""

from email.message import EmailMessage


def message() -> EmailMessage:
    """Return a message with a plain and an HTML text and two files, one with a name beyond ASCII."""
    made = EmailMessage()
    made["From"] = "Änne Writer <a@example.org>"
    made["To"] = "b@example.org, C Reader <c@example.org>"
    made["Subject"] = "Grüße aus Köln"
    made["Date"] = "Wed, 01 May 2024 10:00:00 +0200"
    made["Message-ID"] = "<1@example.org>"
    made.set_content("Hello.\n")
    made.add_alternative("<b>Hello.</b>\n", subtype="html")
    made.add_attachment(bytes(1000), maintype="application", subtype="pdf", filename="Gruß.pdf")
    made.add_attachment("über\nzwei Zeilen\n", filename="b.txt", cte="quoted-printable")
    return made


def nested(depth: int) -> bytes:
    """Return a message of as many multiparts within each other."""
    layers = (f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
    return ("From: a@example.org\nSubject: nest\n" + "".join(layers) + "\nthe core\n").encode()


def plain(header: str, body: str = "Hello.\n") -> bytes:
    """Return a message of this header and body."""
    return f"{header}\n\n{body}".encode()
