"""Documents: what is told of them; it leaves reading them to workers/examine."""

from typing import Annotated, Literal

from pydantic import Field

from shared.metadata.fields import Count, Measure, Model, Text, cut

_TIME = "ISO 8601; in UTC with a Z, or without a zone where the document tells none; null where it tells no time"

MAX_NAMES = 16
"""How many sheets, recipients or attached files are named."""

Name = Annotated[Text, cut(128)]
Names = Annotated[tuple[Name, ...], Field(max_length=MAX_NAMES)]


class PdfMetadata(Model):
    """A PDF; where it opens with a password alone, only that is told."""

    kind: Literal["pdf"] = "pdf"
    encrypted: bool = Field(description="Whether a password is needed to read it")
    pages: Count | None = Field(None, description="Number of pages")
    version: Text | None = Field(None, description="Version of the format that the file claims, such as 1.7")
    title: Text | None = Field(None, description="Title as the document gives it; null where it gives none")
    author: Text | None = Field(None, description="Author as the document gives it; null where it gives none")
    producer: Text | None = Field(None, description="Program that wrote it; null where it names none")
    created: Text | None = Field(None, description=f"When it was created, {_TIME}")
    modified: Text | None = Field(None, description=f"When it was last changed, {_TIME}")
    page_width: Measure | None = Field(None, description="Width of the first page in points (1/72 inch)")
    page_height: Measure | None = Field(None, description="Height of the first page in points (1/72 inch)")
    has_text: bool | None = Field(None, description="Whether the first 8 pages hold any character; a scan has none")
    signatures: Count | None = Field(None, description="Number of digital signatures; none of them is verified")
    attachments: Count | None = Field(None, description="Number of embedded files")
    tagged: bool | None = Field(None, description="Whether it is tagged for accessibility")
    javascript: bool | None = Field(
        None, description="Whether a script is in it; null where none is seen, but compressed objects may hide one"
    )
    forms: Text | None = Field(None, description="Kind of its forms: none, acroform or xfa")


class OfficeMetadata(Model):
    """A text, spreadsheet, presentation, drawing or book; of an encrypted one only that may be told."""

    kind: Literal["office"] = "office"
    format: Text = Field(description="Format by its usual extension, such as docx; ooxml where encryption hides which")
    encrypted: bool = Field(description="Whether a password or a licence is needed to read it")
    title: Text | None = Field(None, description="Title as the document gives it; null where it gives none")
    author: Text | None = Field(None, description="Author as the document gives it; null where it gives none")
    language: Text | None = Field(None, description="Language as the document names it; null where it names none")
    application: Text | None = Field(None, description="Program that wrote it; null where it names none")
    created: Text | None = Field(None, description=f"When it was created, {_TIME}")
    modified: Text | None = Field(None, description=f"When it was last changed, {_TIME}")
    pages: Count | None = Field(None, description="Pages as its program last counted them; null where it did not")
    words: Count | None = Field(None, description="Words as its program last counted them; null where it did not")
    slides: Count | None = Field(None, description="Number of slides; null in what is no presentation")
    sheets: Count | None = Field(None, description="Number of sheets; null in what is no spreadsheet")
    hidden_sheets: Count | None = Field(None, description="How many of the sheets are hidden")
    sheet_names: Names = Field((), description="Names of the first 16 sheets, 100 characters each")
    macros: bool | None = Field(None, description="Whether programs are in it; null in a book")
    external_references: Count | None = Field(
        None, description="Templates, pictures and data that stand outside; links count not; null before 2007"
    )
    embedded_objects: Count | None = Field(None, description="Number of embedded objects; null in a book")


class AttachedFile(Model):
    """A file that came with a message."""

    name: Name | None = Field(None, description="Name as the message gives it, 100 characters at most")
    media_type: Name = Field(description="Media type as the message declares it")
    size: Count | None = Field(None, description="Size in bytes without the encoding for transport; null where cut")


class EmailMetadata(Model):
    """A message, or a mailbox of them, which is told by its first."""

    kind: Literal["email"] = "email"
    format: Text = Field(description="rfc822 for one message, mbox for a mailbox")
    messages: Count | None = Field(None, description="Number of messages")
    subject: Text | None = Field(None, description="Subject; null where it has none")
    author: Text | None = Field(None, description="Who wrote it, from the field From; null where it has none")
    recipients: Names = Field((), description="The first 16 addresses of the field To, 100 characters each")
    date: Text | None = Field(None, description="When it was sent, ISO 8601 in UTC; null where it has no date")
    message_id: Text | None = Field(None, description="Message-ID without brackets; null where it has none")
    parts: Count | None = Field(None, description="Number of its parts that hold content")
    has_html: bool | None = Field(None, description="Whether a part is HTML")
    signed: bool | None = Field(None, description="Whether it claims a signature; none is verified")
    encrypted: bool | None = Field(None, description="Whether its content is encrypted")
    attachments: Count | None = Field(None, description="Number of parts with a name or marked as attached")
    attached_files: Annotated[tuple[AttachedFile, ...], Field(max_length=MAX_NAMES)] = Field(
        (), description="The first 16 of them"
    )
