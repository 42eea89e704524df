"""Writes the parts of Office Open XML (ECMA-376) and OpenDocument packages that a reader asks for."""

from collections.abc import Mapping

from tests.corpus.formats.zips import STORED, Entry, archive, files

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_CORE = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


def ooxml(main: str, content_type: str, parts: Mapping[str, bytes], **properties: str) -> bytes:
    """Return a package whose main part has this name and type; properties are Dublin Core's, such as title."""
    return files({**frame(main, content_type, properties), **parts})


def frame(main: str, content_type: str, properties: Mapping[str, str]) -> dict[str, bytes]:
    """Return the parts that every package has."""
    types = (
        f'{DECLARATION}<Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        f'<Override PartName="/{main}" ContentType="{content_type}"/>'
        '<Override PartName="/docProps/core.xml" '
        'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>'
    )
    links = (
        f'{DECLARATION}<Relationships xmlns="{_LINKS}">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/relationships/officeDocument" Target="{main}"/>'
        f'<Relationship Id="rId3" Type="{_OFFICE}/relationships/extended-properties" Target="docProps/app.xml"/>'
        '<Relationship Id="rId2" Target="docProps/core.xml" Type="http://schemas.openxmlformats.org/package/2006/'
        'relationships/metadata/core-properties"/></Relationships>'
    )
    told = "".join(f"<dc:{name}>{text}</dc:{name}>" for name, text in properties.items())
    core = (
        f'{DECLARATION}<cp:coreProperties xmlns:cp="{_CORE}" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"{told}</cp:coreProperties>"
    )
    return {
        "[Content_Types].xml": types.encode(),
        "_rels/.rels": links.encode(),
        "docProps/core.xml": core.encode(),
    }


def application(**counts: int) -> dict[str, bytes]:
    """Return the part that tells pages, words, slides and the like."""
    told = "".join(f"<{name}>{count}</{name}>" for name, count in counts.items())
    properties = f'{DECLARATION}<Properties xmlns="{_OFFICE}/extended-properties">{told}</Properties>'
    return {"docProps/app.xml": properties.encode()}


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
WORD_WITH_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"


def word_text(text: str) -> bytes:
    """Return a document of one paragraph."""
    namespace = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return (
        f'{DECLARATION}<w:document xmlns:w="{namespace}"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>'
        "</w:document>"
    ).encode()


def opendocument(media_type: str, body: str, title: str, author: str, pages: str = "") -> bytes:
    """Return an OpenDocument package with its type first and stored, as the standard asks."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'{DECLARATION}<office:document-content xmlns:office="{names}:office:1.0" xmlns:text="{names}:text:1.0" '
        f'xmlns:table="{names}:table:1.0" xmlns:draw="{names}:drawing:1.0" office:version="1.3">'
        f"<office:body>{body}</office:body></office:document-content>"
    )
    meta = (
        f'{DECLARATION}<office:document-meta xmlns:office="{names}:office:1.0" xmlns:meta="{names}:meta:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"><office:meta>'
        f"<dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>{pages}</office:meta></office:document-meta>"
    )
    manifest = (
        f'{DECLARATION}<manifest:manifest xmlns:manifest="{names}:manifest:1.0" manifest:version="1.3">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{media_type}"/></manifest:manifest>'
    )
    entries = {"content.xml": content, "meta.xml": meta, "META-INF/manifest.xml": manifest}
    first = Entry(b"mimetype", media_type.encode(), STORED)
    return archive([first, *(Entry(name.encode(), text.encode()) for name, text in entries.items())])
