"""As much of PNG as is needed to see that a picture is not blank."""

import struct
import zlib

CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def colours_in(path, enough):
    """How many colours a picture has; counting stops at `enough`."""
    width, channels, data = _read(path.read_bytes())
    stride = width * channels
    above, colours = bytearray(stride), set()
    for start in range(0, len(data), stride + 1):
        above = _unfilter(data[start], bytearray(data[start + 1 : start + 1 + stride]), above, channels)
        colours.update(bytes(above[at : at + channels]) for at in range(0, stride, channels))
        if len(colours) >= enough:
            break
    return len(colours)


def _read(png):
    if png[:8] != b"\x89PNG\r\n\x1a\n":
        raise ValueError("no PNG")
    at, packed = 8, b""
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, _, depth, colour_type, _, _, interlace = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        at += 12 + length
    if depth != 8 or interlace or colour_type not in CHANNELS:
        raise ValueError(f"a PNG of another kind: depth {depth}, colour type {colour_type}")
    return width, CHANNELS[colour_type], zlib.decompress(packed)


def _unfilter(kind, row, above, step):
    for at in range(len(row)):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))[kind]
        row[at] = (row[at] + guess) & 0xFF
    return row


def _paeth(left, up, corner):
    estimate = left + up - corner
    return min((left, up, corner), key=lambda value: abs(estimate - value))
