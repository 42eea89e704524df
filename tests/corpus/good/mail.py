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

TOLD = {
    "kind": "email",
    "subject": "Grüße",
    "author": "A. Writer <writer@example.org>",
    "recipients": ["reader@example.org"],
    "date": "2024-05-06T05:08:09Z",
    "message_id": "1@example.org",
    "parts": 2,
    "has_html": False,
    "signed": False,
    "encrypted": False,
    "attachments": 1,
    "attached_files": [{"name": "table.csv", "media_type": "text/csv", "size": 7}],
}


@good(
    "a message with an attachment",
    "message.eml",
    "message/rfc822",
    "message/rfc822",
    TOLD | {"format": "rfc822", "messages": 1},
)
def message() -> bytes:
    return MESSAGE


@good(
    "a mailbox of two messages",
    "box.mbox",
    "application/mbox",
    "application/mbox",
    TOLD | {"format": "mbox", "messages": 2},
)
def mailbox() -> bytes:
    first = b"From writer@example.org Mon May  6 07:08:09 2024\n" + MESSAGE
    second = b"From: B. Writer <b@example.org>\nSubject: Second\nDate: Tue, 07 May 2024 07:08:09 +0000\n\nShort.\n"
    return first + b"\nFrom b@example.org Tue May  7 07:08:09 2024\n" + second
