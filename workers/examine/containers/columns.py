"""Files of arrays and tables by their marks: Parquet, Arrow, NumPy, HDF5, safetensors; it leaves their data alone."""

from workers.examine.content import Content
from workers.examine.texts.json_text import begins_json

_HDF5 = b"\x89HDF\r\n\x1a\n"
_HDF5_PLACES = (0, 512, 1024, 2048)
"""Where the superblock may stand behind a user block:
https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html#Superblock"""
_PARQUET = (b"PAR1", b"PARE")
_NUMPY = b"\x93NUMPY"
_ARROW = b"ARROW1\0\0"
_CONTINUES = b"\xff\xff\xff\xff"
_MAX_SCHEMA_BYTES = 16 * 1024**2
_PREFIX = 8
_SCHEMA = 1
_MAX_TENSOR_HEADER_BYTES = 100_000_000


def look(content: Content) -> str | None:
    """Return the type of the mark that is there."""
    head = content.head
    if head.startswith(_PARQUET) and (content.tail(4) in _PARQUET or b"\0" in head):
        return "application/vnd.apache.parquet"
    if head.startswith(_ARROW):
        return "application/vnd.apache.arrow.file"
    if head.startswith(_NUMPY):
        return "application/x-npy"
    if any(head.startswith(_HDF5, place) for place in _HDF5_PLACES):
        return "application/x-hdf5"
    if _is_arrow_stream(head):
        return "application/vnd.apache.arrow.stream"
    return "application/vnd.safetensors" if _is_safetensors(content) else None


def _is_arrow_stream(head: bytes) -> bool:
    """Tell whether the first message is a schema, whose number stands in the second field of its flat buffer.

    https://arrow.apache.org/docs/format/Columnar.html#encapsulated-message-format
    """
    length = _number(head, 4, 4)
    if not head.startswith(_CONTINUES) or not 0 < length <= _MAX_SCHEMA_BYTES:
        return False
    table = _PREFIX + _number(head, _PREFIX, 4)
    fields = table - _number(head, table, 4, signed=True)
    if not _PREFIX <= fields < len(head) or not table < min(len(head), _PREFIX + length):
        return False
    return _number(head, table + _number(head, fields + 6, 2), 1) == _SCHEMA


def _is_safetensors(content: Content) -> bool:
    """Tell whether a length and as much JSON begin the file: https://huggingface.co/docs/safetensors/index#format."""
    length = _number(content.head, 0, 8)
    if not 2 <= length <= min(_MAX_TENSOR_HEADER_BYTES, content.size - 8):  # noqa: PLR2004 - braces
        return False
    header = content.head[8 : 8 + length]
    return header.startswith(b"{") and begins_json(header.decode(errors="replace"), whole=length == len(header))


def _number(head: bytes, at: int, width: int, *, signed: bool = False) -> int:
    return int.from_bytes(head[max(0, at) :][:width], "little", signed=signed)
