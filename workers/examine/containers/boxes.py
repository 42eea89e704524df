"""Files of boxes by their brands: MP4, QuickTime, HEIF, AVIF, JPEG 2000; it leaves the boxes to the describers."""

from workers.examine.content import Content

_MAX_BRANDS_BYTES = 512
_JPEG2000 = b"\0\0\0\x0cjP  \r\n\x87\n"

# Registered brands: https://mp4ra.org/registered-types/brands
_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic-sequence",
    b"hevx": "image/heic-sequence",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"M4P ": "audio/mp4",
    b"jp2 ": "image/jp2",
    b"jpx ": "image/jpx",
    b"jpm ": "image/jpm",
    b"mjp2": "video/mj2",
    b"crx ": "image/x-canon-cr3",
}
_PREFIXES = {b"3gp": "video/3gpp", b"3gr": "video/3gpp", b"3gs": "video/3gpp", b"3g2": "video/3gpp2"}
_STILLS = (b"mif1", b"msf1", b"miaf")
"""Brands of HEIF alone, whose codec another brand names: ISO/IEC 23008-12, section 10."""


def look(content: Content) -> str | None:
    """Return the type of the major brand, or of the first compatible one that says more."""
    brands = _brands(content.head)
    if not brands:
        return None
    if brands[0] in _STILLS:
        return next((_BRANDS[brand] for brand in brands if brand in _BRANDS), "image/heif")
    return _BRANDS.get(brands[0]) or _PREFIXES.get(brands[0][:3]) or "video/mp4"


def _brands(head: bytes) -> list[bytes]:
    """Return the major brand and the compatible ones: ISO/IEC 14496-12, section 4.3."""
    start = len(_JPEG2000) if head.startswith(_JPEG2000) else 0
    box = head[start : start + _MAX_BRANDS_BYTES]
    if box[4:8] != b"ftyp" or box[:1] != b"\0":
        return []
    size = int.from_bytes(box[:4], "big")
    return [box[8:12], *(box[at : at + 4] for at in range(16, min(size, len(box)) - 3, 4))]
