"""Texts that tell a player to open something else: a local file, or an address."""

from tests.corpus.formats import boxes
from tests.corpus.formats.boxes import box, full
from tests.corpus.items import COMPLETED, hostile
from tests.corpus.trap import Trap


def _named_mp4(name: str):
    return hostile(f"{name}, named .mp4", "clip.mp4", "content_mismatch", declared_type="video/mp4")


@_named_mp4("an HLS playlist of a local file")
def hls_of_a_file(trap: Trap) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{trap.secret}\n#EXT-X-ENDLIST\n".encode()


@_named_mp4("an HLS playlist of an address")
def hls_of_an_address(trap: Trap) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{trap.url}/1.ts\n#EXT-X-ENDLIST\n".encode()


@_named_mp4("an HLS playlist with a key and a part to fetch")
def hls_with_a_key(trap: Trap) -> bytes:
    key = f'#EXT-X-KEY:METHOD=AES-128,URI="{trap.url}/key"'
    part = f'#EXT-X-MAP:URI="concat:{trap.secret}|{trap.url}/2"'
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n{key}\n{part}\n#EXTINF:9,\n{trap.url}/1.ts\n".encode()


@_named_mp4("a concat script")
def concat(trap: Trap) -> bytes:
    return f"ffconcat version 1.0\nfile '{trap.secret}'\nfile '{trap.url}/1.mp4'\n".encode()


@_named_mp4("a concat script without its first line")
def bare_concat(trap: Trap) -> bytes:
    return f"file '{trap.secret}'\nfile 'subfile,,start,0,end,0,,:{trap.secret}'\n".encode()


@_named_mp4("a session description of an address")
def sdp(trap: Trap) -> bytes:
    return f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {trap.port} RTP/AVP 96\n".encode()


@_named_mp4("a DASH manifest")
def dash(trap: Trap) -> bytes:
    base = f"<BaseURL>{trap.url}/</BaseURL><BaseURL>file://{trap.secret}</BaseURL>"
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
        f'mediaPresentationDuration="PT9S"><Period>{base}<AdaptationSet mimeType="video/mp4">'
        '<Representation id="1" bandwidth="1"><SegmentList><SegmentURL media="1.mp4"/></SegmentList>'
        "</Representation></AdaptationSet></Period></MPD>"
    ).encode()


@_named_mp4("an ASX playlist")
def asx(trap: Trap) -> bytes:
    return (
        f'<asx version="3.0"><entry><ref href="{trap.url}/1"/><ref href="file://{trap.secret}"/></entry></asx>'.encode()
    )


@_named_mp4("a PLS playlist")
def pls(trap: Trap) -> bytes:
    return f"[playlist]\nNumberOfEntries=2\nFile1={trap.secret}\nFile2={trap.url}/1\nVersion=2\n".encode()


@_named_mp4("an XSPF playlist")
def xspf(trap: Trap) -> bytes:
    return (
        '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>'
        f"<location>{trap.url}/1</location><location>file://{trap.secret}</location></track></trackList></playlist>"
    ).encode()


@_named_mp4("a SMIL presentation")
def smil(trap: Trap) -> bytes:
    return f'<smil><body><video src="{trap.url}/1"/><video src="file://{trap.secret}"/></body></smil>'.encode()


@_named_mp4("a RealMedia link")
def ram(trap: Trap) -> bytes:
    return f"{trap.url}/1.rm\nfile://{trap.secret}\n".encode()


@hostile("an HLS playlist that claims nothing", None, COMPLETED)
def unclaimed(trap: Trap) -> bytes:
    return hls_of_a_file(trap)


@hostile("an HLS playlist as what it is", "list.m3u8", COMPLETED, declared_type="application/vnd.apple.mpegurl")
def claimed(trap: Trap) -> bytes:
    return hls_of_an_address(trap)


@hostile("an HLS playlist in a film's first box", "clip.mp4", "unreadable", declared_type="video/mp4")
def behind_a_box(trap: Trap) -> bytes:
    return boxes.ftyp(b"isom") + hls_of_a_file(trap)


@hostile("a QuickTime film whose samples are in another file", "clip.mov", COMPLETED)
def reference(trap: Trap) -> bytes:
    where = full(b"url ", trap.secret.encode() + b"\0")
    alias = full(b"alis", bytes(10) + trap.secret.encode().ljust(140, b"\0"))
    tables = boxes.sample_table(
        boxes.raw_picture(),
        full(b"stts", bytes.fromhex("00000001 00000001 000003e8")),
        full(b"stsc", bytes.fromhex("00000001 00000001 00000001 00000001")),
        full(b"stsz", bytes.fromhex("00000009 00000001")),
        full(b"stco", bytes.fromhex("00000001 00000000")),
    )
    tracks = b"".join(
        boxes.track(b"vide", tables, kind, full(b"vmhd", bytes(8)), n) for n, kind in ((1, where), (2, alias))
    )
    return boxes.ftyp(b"qt  ") + boxes.movie(tracks=tracks) + box(b"mdat", bytes(9))


@hostile("a QuickTime film that is a reference to an address", "clip.mov", "unreadable")
def reference_movie(trap: Trap) -> bytes:
    data = full(b"rdrf", b"url ", (len(trap.url) + 1).to_bytes(4, "big"), trap.url.encode() + b"\0")
    return boxes.ftyp(b"qt  ") + box(b"moov", box(b"rmra", box(b"rmda", data)))
