#!/usr/bin/env python3
"""Makes the small images of this folder, and images.txt: their pixels.

PNGs are written byte by byte from known pixels, of every colour type, depth
and interlacing; JPEGs by Pillow, which also says what their pixels are.  Means
of areas are computed in whole numbers by numpy.  Where Pillow reads a PNG the
same way, it is asked as well.
"""
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

random = np.random.default_rng(1)
expected = []


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))


def packed_rows(samples, depth):
    """Filtered rows (filter 0) of [h][w][n] samples of that many bits."""
    out = b""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            out += b"\0" + flat.astype(">u2").tobytes()
            continue
        bits = "".join(format(int(v), "0%db" % depth) for v in flat)
        bits += "0" * (-len(bits) % 8)
        out += b"\0" + bytes(int(bits[i:i + 8], 2)
                             for i in range(0, len(bits), 8))
    return out


ADAM7 = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2),
         (0, 1, 2, 2), (1, 0, 2, 1)]


def write_png(name, samples, depth, kind, extra=(), interlaced=False):
    h, w = samples.shape[:2]
    head = struct.pack(">IIBBBBB", w, h, depth, kind, 0, 0, int(interlaced))
    if interlaced:
        data = b"".join(packed_rows(samples[y::dy, x::dx], depth)
                        for y, x, dy, dx in ADAM7
                        if samples[y::dy, x::dx].size)
    else:
        data = packed_rows(samples, depth)
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
                   b"".join(chunk(k, d) for k, d in extra) +
                   chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def line(name, pixels):
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    h, w, c = pixels.shape
    expected.append("%s %d %d %d %s" % (
        name, h, w, c, pixels.astype(np.uint8).tobytes().hex()))


def to8(samples, depth):
    top = 2 ** depth - 1
    return (samples.astype(np.int64) * 255 * 2 + top) // (2 * top)


def over_white(colour, alpha):
    colour, alpha = colour.astype(np.int64), alpha.astype(np.int64)
    return (colour * alpha + (255 - alpha) * 255 + 127) // 255


def samples_of(h, w, n, depth):
    return random.integers(0, 2 ** depth, (h, w, n))


def pngs():
    for depth in (1, 2, 4, 8, 16):
        name = "grey%d.png" % depth
        s = samples_of(5, 7, 1, depth)
        write_png(name, s, depth, 0)
        line(name, to8(s, depth))
    for depth in (8, 16):
        name = "colour%d.png" % depth
        s = samples_of(5, 7, 3, depth)
        write_png(name, s, depth, 2)
        line(name, to8(s, depth))
        name = "grey_alpha%d.png" % depth
        s = samples_of(5, 7, 2, depth)
        write_png(name, s, depth, 4)
        line(name, over_white(to8(s, depth)[..., :1], to8(s, depth)[..., 1:]))
        name = "colour_alpha%d.png" % depth
        s = samples_of(5, 7, 4, depth)
        write_png(name, s, depth, 6)
        line(name, over_white(to8(s, depth)[..., :3], to8(s, depth)[..., 3:]))
    for depth in (1, 2, 4, 8):
        name = "palette%d.png" % depth
        n = min(2 ** depth, 20)
        palette = random.integers(0, 256, (n, 3))
        alpha = random.integers(0, 256, n // 2)
        s = random.integers(0, n, (5, 7, 1))
        write_png(name, s, depth, 3,
                  [(b"PLTE", palette.astype(np.uint8).tobytes()),
                   (b"tRNS", alpha.astype(np.uint8).tobytes())])
        full = np.append(alpha, [255] * (n - len(alpha)))
        line(name, over_white(palette[s[..., 0]], full[s]))
    s = samples_of(5, 7, 3, 8)
    s[2, 3] = s[1, 1]
    write_png("colour_key.png", s, 8, 2,
              [(b"tRNS", struct.pack(">3H", *s[2, 3]))])
    s8 = s.copy()
    s8[(s == s[2, 3]).all(axis=2)] = 255
    line("colour_key.png", s8)
    for name, kind, n in (("interlaced_grey.png", 0, 1),
                          ("interlaced_colour_alpha.png", 6, 4)):
        s = samples_of(11, 9, n, 8)
        write_png(name, s, 8, kind, interlaced=True)
        line(name, s if n == 1 else over_white(s[..., :3], s[..., 3:]))


TURNS = {1: lambda a: a, 2: np.fliplr, 3: lambda a: np.rot90(a, 2),
         4: np.flipud, 5: lambda a: a.transpose(1, 0, 2),
         6: lambda a: np.rot90(a, -1),
         7: lambda a: np.rot90(a, 2).transpose(1, 0, 2), 8: np.rot90}


def exif(orientation, order="<"):
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return (mark + struct.pack(order + "I", 8) + struct.pack(order + "H", 2) +
            struct.pack(order + "HHIHH", 0x100, 3, 1, 7, 0) +
            struct.pack(order + "HHIHH", 0x112, 3, 1, orientation, 0) +
            struct.pack(order + "I", 0))


def turned():
    s = samples_of(3, 4, 3, 8)
    for orientation, turn in TURNS.items():
        name = "turned%d.png" % orientation
        write_png(name, s, 8, 2,
                  [(b"eXIf", exif(orientation, "<>"[orientation % 2]))])
        line(name, turn(s))


def smooth(h, w, n):
    y, x = np.mgrid[0:h, 0:w]
    planes = [127 + 100 * np.sin(x / (3 + i) + y / (5 - i)) for i in range(n)]
    return np.stack(planes, axis=2).astype(np.uint8)


def jpegs():
    colour, one = smooth(19, 23, 3), smooth(19, 23, 1)[..., 0]
    files = [("grey.jpg", Image.fromarray(one), {}),
             ("colour.jpg", Image.fromarray(colour), {}),
             ("progressive.jpg", Image.fromarray(colour),
              {"progressive": True}),
             ("grey_progressive.jpg", Image.fromarray(one),
              {"progressive": True}),
             ("cmyk.jpg", Image.fromarray(smooth(19, 23, 4), "CMYK"), {}),
             ("turned6.jpg", Image.fromarray(colour),
              {"exif": b"Exif\0\0" + exif(6)}),
             ("turned7.jpg", Image.fromarray(one),
              {"exif": b"Exif\0\0" + exif(7, ">")})]
    for name, image, options in files:
        image.save(name, quality=90, **options)
        image = ImageOps.exif_transpose(Image.open(name))
        pixels = np.asarray(image)
        if image.mode == "CMYK":
            left = 255 - pixels.astype(np.int64)
            pixels = (left[..., :3] * left[..., 3:] + 127) // 255
        line(name, pixels)


def weights(size, wanted):
    """[wanted][size] how much of each unit lies in each mean, in units of 1 /
    wanted."""
    out = np.zeros((wanted, size), np.int64)
    for i in range(wanted):
        for k in range(size):
            out[i, k] = max(0, min((i + 1) * size, (k + 1) * wanted) -
                            max(i * size, k * wanted))
    return out


def area(pixels, h, w):
    pixels = pixels.astype(np.int64)
    rows, columns = weights(pixels.shape[0], h), weights(pixels.shape[1], w)
    sums = np.einsum("ik,kln,jl->ijn", rows, pixels, columns)
    size = pixels.shape[0] * pixels.shape[1]
    return (sums + size // 2) // size


def fitted():
    """Means of areas of a PNG; those of whole pixels as Pillow has them."""
    s = samples_of(12, 18, 3, 8)
    write_png("areas.png", s, 8, 2)
    line("areas.png", s)
    grey = np.asarray(Image.open("areas.png").convert("L"))[..., None]
    for h, w in ((4, 6), (6, 9), (5, 7), (1, 1), (12, 18), (28, 31), (3, 40)):
        line("areas.png>%dx%dx3" % (h, w), area(s, h, w))
        line("areas.png>%dx%dx1" % (h, w), area(grey, h, w))
        if 12 % h == 0 and 18 % w == 0:
            box = np.asarray(Image.open("areas.png").resize((w, h), Image.BOX))
            assert abs(box.astype(int) - area(s, h, w)).max() <= 1
    g = samples_of(9, 6, 1, 8)
    write_png("areas_grey.png", g, 8, 0)
    line("areas_grey.png", g)
    line("areas_grey.png>4x4x3", np.repeat(area(g, 4, 4), 3, axis=2))


def ask_pillow():
    for text in expected:
        name, h, w, c, pixels = text.split()
        if ">" in name or not name.endswith(".png") or "16" in name:
            continue
        image = Image.open(name)
        if image.mode == "I" or "tRNS" in image.info or "key" in name:
            continue
        image = ImageOps.exif_transpose(image)
        if image.mode in ("P", "LA", "RGBA"):
            image = image.convert("RGBA")
            white = Image.new("RGBA", image.size, "white")
            image = Image.alpha_composite(white, image).convert("RGB")
        got = np.asarray(image.convert("L" if c == "1" else "RGB")).reshape(-1)
        want = np.frombuffer(bytes.fromhex(pixels), np.uint8)
        assert abs(got.astype(int) - want).max() <= 1, name


def others():
    """The first bytes of what is refused."""
    image = Image.fromarray(smooth(8, 8, 3))
    for name, kind in (("scan.tif", "TIFF"), ("moving.gif", "GIF"),
                       ("page.webp", "WEBP"), ("old.bmp", "BMP"),
                       ("scan.jp2", "JPEG2000")):
        data = io.BytesIO()
        image.save(data, kind)
        with open(name, "wb") as file:
            file.write(data.getvalue()[:64])


pngs()
turned()
jpegs()
fitted()
ask_pillow()
others()
with open("images.txt", "w") as file:
    file.write("\n".join(expected) + "\n")
