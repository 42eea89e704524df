"""Mail: one message, and a box of them."""

from tests.corpus.items import good

MESSAGE = b"""\
From: A. Writer <writer@example.org>
To: A. Reader <reader@example.org>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Date: Mon, 06 May 2024 07:08:09 +0200
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="edge"

--edge
Content-Type: text/plain; charset=utf-8

Dear reader,
--edge
Content-Type: text/csv; name="table.csv"
Content-Disposition: attachment; filename="table.csv"

a,b
1,2
--edge--
"""


@good("a message with an attachment", "message.eml", "message/rfc822", "message/rfc822", {"kind": "email"})
def message() -> bytes:
    return MESSAGE


@good("a mailbox of two messages", "box.mbox", "application/mbox", "application/mbox", {"kind": "email"})
def mailbox() -> bytes:
    first = b"From writer@example.org Mon May  6 07:08:09 2024\n" + MESSAGE
    second = b"From: B. Writer <b@example.org>\nSubject: Second\nDate: Tue, 07 May 2024 07:08:09 +0000\n\nShort.\n"
    return first + b"\nFrom b@example.org Tue May  7 07:08:09 2024\n" + second
