"""Writes decoding.json: image files and the pixels that Pillow 13.0.0 makes of them.

    python3 Tests/DatasetsTests/Reference/make_decoding.py

The pixels are those of `ImageOps.exif_transpose(Image.open(file)).convert("RGB")`. Files that
Pillow does not write are put together here. Every case states how far a pixel may be off: 0, or
what two decoders of a lossy format may differ in.
"""

import base64
import io
import json
import pathlib
import struct
import zlib

import numpy
from PIL import Image, ImageOps

HEIGHT, WIDTH = 6, 9
y, x = numpy.mgrid[0:HEIGHT, 0:WIDTH]
RGB = numpy.stack(
    [x * 255 // (WIDTH - 1), y * 255 // (HEIGHT - 1), (x * 53 + y * 29) % 256], -1
).astype(numpy.uint8)
GREY = RGB[..., 2]
ALPHA = ((x + y) * 17 % 256).astype(numpy.uint8)
BITS = (x + y) % 3 == 0
GREY16 = (numpy.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) * 1200).astype(numpy.uint16)
RGB16 = (RGB.astype(numpy.int32) * 257 - x[..., None] * 7).clip(0, 65535).astype(numpy.uint16)

image = Image.fromarray(RGB)
grey = Image.fromarray(GREY)
rgba = Image.fromarray(numpy.dstack([RGB, ALPHA]))
grey_alpha = Image.merge("LA", [grey, Image.fromarray(ALPHA)])
palette = image.quantize(12)
bits = Image.fromarray(BITS)
inks = image.convert("CMYK")

cases = []


def add(name, data, tolerance=0, pixels=None):
    """A file; `pixels` only where Pillow's are not wanted, as said in ImageFile."""
    if pixels is None:
        opened = ImageOps.exif_transpose(Image.open(io.BytesIO(data)))
        pixels = numpy.asarray(opened.convert("RGB"))
    cases.append(
        {
            "name": name,
            "file": base64.b64encode(data).decode(),
            "height": pixels.shape[0],
            "width": pixels.shape[1],
            "pixels": base64.b64encode(pixels.astype(numpy.uint8).tobytes()).decode(),
            "tolerance": tolerance,
        }
    )
    return data


def written(picture, form, **options):
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def exif(orientation, endian="<"):
    """An Exif block with an orientation and nothing else."""
    head = b"II*\0" if endian == "<" else b"MM\0*"
    entry = struct.pack(endian + "HHIHH", 274, 3, 1, orientation, 0)
    return b"Exif\0\0" + head + struct.pack(endian + "IH", 8, 1) + entry + b"\0\0\0\0"


def segment(marker, content):
    return bytes([255, marker]) + struct.pack(">H", len(content) + 2) + content


def after_start(jpeg, *segments):
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def chunk(kind, content):
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png(color, depth, rows, before=b"", after=b""):
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, depth, color, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + before
        + chunk(b"IDAT", body)
        + after
        + chunk(b"IEND", b"")
    )


def tiff(depth, samples, photometric, strips, endian="<", big=False, **tags):
    """A TIFF of one image; `tags` are named by their number."""
    fields = {
        256: [WIDTH],
        257: [HEIGHT],
        258: [depth] * samples,
        259: [1],
        262: [photometric],
        277: [samples],
        278: [HEIGHT],
        **{int(tag[1:]): values for tag, values in tags.items()},
        279: [len(strip) for strip in strips],
    }
    word, width = ("Q", 8) if big else ("I", 4)
    # Numbers that do not fit into an entry lie behind the directory, in the order of their tags.
    outside = [tag for tag in sorted(fields) if 2 * len(fields[tag]) > width]
    start = 16 if big else 8
    at = start + (8 if big else 2) + (20 if big else 12) * (len(fields) + 1) + width
    numbers = b""
    places = {}
    for tag in outside:
        places[tag] = at + len(numbers)
        numbers += struct.pack(endian + "H" * len(fields[tag]), *fields[tag])
    first = at + len(numbers)
    fields[273] = [first + sum(map(len, strips[:index])) for index in range(len(strips))]
    entries = b""
    for tag in sorted(fields):
        entries += struct.pack(endian + "HH" + word, tag, 3, len(fields[tag]))
        if tag in places:
            entries += struct.pack(endian + word, places[tag])
        else:
            packed = struct.pack(endian + "H" * len(fields[tag]), *fields[tag])
            entries += packed.ljust(width, b"\0")
    head = b"II" if endian == "<" else b"MM"
    head += struct.pack(endian + "HHHQ", 43, 8, 0, 16) if big else struct.pack(endian + "HI", 42, 8)
    count = struct.pack(endian + ("Q" if big else "H"), len(fields))
    return head + count + entries + b"\0" * width + numbers + b"".join(strips)


def bmp(depth, packing, data, masks=b"", height=HEIGHT, colors=b"", used=0):
    offset = 54 + len(masks) + len(colors)
    header = struct.pack(
        "<IiiHHIIiiII", 40, WIDTH, height, 1, depth, packing, len(data), 0, 0, used, 0
    )
    return (
        b"BM"
        + struct.pack("<IHHI", offset + len(data), 0, 0, offset)
        + header
        + masks
        + colors
        + data
    )


def bmp_rows(values):
    rows = [row.tobytes() for row in values[::-1]]
    return b"".join(row + b"\0" * (-len(row) % 4) for row in rows)


# JPEG: colour sampling, inks, orientation and what stands around the picture.
plain = add("rgb.jpg", written(image, "JPEG", quality=90), 2)
add("UPPER.JPG", plain, 2)
add("progressive.jpg", written(image, "JPEG", progressive=True), 2)
add("444.jpg", written(image, "JPEG", subsampling=0), 2)
add("grey.jpg", written(grey, "JPEG"), 2)
add("restarts.jpg", written(image, "JPEG", restart_marker_blocks=1), 2)
add("components-rgb.jpg", written(image, "JPEG", keep_rgb=True), 2)
cmyk = add("cmyk.jpg", written(inks, "JPEG", quality=95), 2)
adobe = cmyk.find(b"\xff\xee")
add("ycck.jpg", cmyk[: adobe + 15] + b"\x02" + cmyk[adobe + 16 :], 2)
add("cmyk-without-adobe.jpg", cmyk[:adobe] + cmyk[adobe + 16 :], 2)
for orientation in range(1, 9):
    block = segment(0xE1, exif(orientation, "<>"[orientation % 2]))
    add(f"exif-{orientation}.jpg", after_start(plain, block), 2)
packet = b'http://ns.adobe.com/xap/1.0/\0<x tiff:Orientation="6"/>'
add("xmp.jpg", after_start(plain, segment(0xE1, packet)), 2)
add("exif-before-xmp.jpg", after_start(plain, segment(0xE1, packet), segment(0xE1, exif(3))), 2)
add("exif-broken.jpg", after_start(plain, segment(0xE1, exif(6)[:14])), 2)
# A thumbnail's end is not the picture's, nor are two bytes of a comment.
add("thumbnail.jpg", after_start(plain, segment(0xE2, plain)), 2)
add("comment.jpg", after_start(plain, segment(0xFE, b"\xff\xd9\xff\xd9")), 2)
add("trailer.jpg", plain + b"MotionPhoto_Data" + bytes(range(256)), 2)
add("two-pictures.jpg", plain + written(grey, "JPEG"), 2)
add("fill-bytes.jpg", plain[:-2] + b"\xff\xff" + plain[-2:], 2)
add("stray-bytes.jpg", plain[:-2] + b"\x12\x34\x56" + plain[-2:], 2)

# PNG: every kind of pixel.
add("rgb.png", written(image, "PNG"))
add("jpeg-by-name.jpg", written(image, "PNG"))
add("rgba.png", written(rgba, "PNG"))
add("grey-alpha.png", written(grey_alpha, "PNG"))
add("palette.png", written(palette, "PNG"))
add("palette-transparent.png", written(palette, "PNG", transparency=3))
add("palette-alphas.png", written(palette, "PNG", transparency=bytes(range(0, 120, 10))))
add("bits.png", written(bits, "PNG"))
add("grey-transparent.png", png(0, 8, [row.tobytes() for row in GREY], chunk(b"tRNS", b"\0\x35")))
add("rgb-transparent.png", png(2, 8, [row.tobytes() for row in RGB], chunk(b"tRNS", b"\0" * 6)))
add("rgb16.png", png(2, 16, [row.astype(">u2").tobytes() for row in RGB16]))
add(
    "grey16.png",
    png(0, 16, [row.astype(">u2").tobytes() for row in GREY16]),
    pixels=numpy.repeat((GREY16 >> 8)[..., None], 3, 2),
)
add("gamma.png", png(2, 8, [row.tobytes() for row in RGB], chunk(b"gAMA", struct.pack(">I", 100000))))
for orientation in [2, 3, 6, 8]:
    block = chunk(b"eXIf", exif(orientation)[6:])
    add(f"exif-{orientation}.png", png(2, 8, [row.tobytes() for row in RGB], block))
add("exif-behind.png", png(2, 8, [row.tobytes() for row in RGB], after=chunk(b"eXIf", exif(5)[6:])))
add("trailer.png", written(image, "PNG") + b"more")

# WebP: animations are read up to their first frame.
add("lossless.webp", written(image, "WEBP", lossless=True))
add("lossy.webp", written(image, "WEBP"), 3)
add("rgba.webp", written(rgba, "WEBP", lossless=True, exact=True))
add("exif-6.webp", written(image, "WEBP", lossless=True, exif=exif(6)))
second = image.transpose(Image.Transpose.ROTATE_180)
animated = written(image, "WEBP", lossless=True, save_all=True, append_images=[second])
add("animated.webp", animated)
add(
    "animated-alpha.webp",
    written(rgba, "WEBP", lossless=True, exact=True, save_all=True, append_images=[second]),
)
# A frame in a larger picture: the header's and the frame's extents differ.
larger = bytearray(animated)
larger[24:30] = struct.pack("<I", WIDTH + 5)[:3] + struct.pack("<I", HEIGHT + 3)[:3]
frame = larger.find(b"ANMF") + 8
larger[frame : frame + 6] = struct.pack("<I", 2)[:3] + struct.pack("<I", 1)[:3]
add("animated-in-part.webp", bytes(larger))

# GIF: the first frame, which may fill a part of the picture.
gif = add("palette.gif", written(palette, "GIF"))
add("animated.gif", written(palette, "GIF", save_all=True, append_images=[second.quantize(12)]))
transparent = add("transparent.gif", written(palette, "GIF", transparency=3))
add("interlaced.gif", written(palette, "GIF", interlace=1))
for name, data in [("in-part.gif", gif), ("in-part-transparent.gif", transparent)]:
    data = bytearray(data)
    colors = 13 + 3 * (2 << (data[10] & 7))
    data[6:10] = struct.pack("<HH", WIDTH + 4, HEIGHT + 3)
    frame = data.find(b"\x2c", colors)
    data[frame + 1 : frame + 5] = struct.pack("<HH", 3, 2)
    add(name, bytes(data))

# BMP: depths, masks, runs and the order of rows.
for name, picture in [
    ("rgb", image),
    ("grey", grey),
    ("palette", palette),
    ("bits", bits),
    ("rgba", rgba),
]:
    add(f"{name}.bmp", written(picture, "BMP"))
add("png-by-name.png", written(image, "BMP"))
five = (RGB >> 3).astype(numpy.uint16)
six = (RGB[..., 1] >> 2).astype(numpy.uint16)
add("555.bmp", bmp(16, 0, bmp_rows(five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2])))
masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
add("565.bmp", bmp(16, 3, bmp_rows(five[..., 0] << 11 | six << 5 | five[..., 2]), masks))
bgrx = numpy.dstack([RGB[..., ::-1], ALPHA])
add("32.bmp", bmp(32, 0, bmp_rows(bgrx)))
masks = struct.pack("<III", 0xFF0000, 0x00FF00, 0x0000FF)
add("32-masks.bmp", bmp(32, 3, bmp_rows(bgrx), masks))
add("top-down.bmp", bmp(24, 0, bmp_rows(RGB[::-1, :, ::-1]), height=-HEIGHT))
colors = bytes(range(64))
runs = b"".join(bytes([4, row, 0, 5, 1, 2, 3, 4, row, 0, 0, 0]) for row in range(HEIGHT)) + b"\0\1"
add("runs8.bmp", bmp(8, 1, runs, colors=colors, used=16))
runs = b"".join(bytes([4, 16 * row + 1, 0, 5, 0x23, 0x45, 0x60, 0, 0, 0]) for row in range(HEIGHT))
add("runs4.bmp", bmp(4, 2, runs + b"\0\1", colors=colors, used=16))

# TIFF: packings, depths, alpha and orientation.
add("rgb.tif", written(image, "TIFF"))
for compression in ["tiff_lzw", "tiff_adobe_deflate", "packbits"]:
    add(f"{compression}.tif", written(image, "TIFF", compression=compression))
add("jpeg.tif", written(image, "TIFF", compression="jpeg"), 2)
add("grey.tif", written(grey, "TIFF"))
add("inks.tif", written(inks, "TIFF"), 1)
add("bits.tif", written(bits, "TIFF"))
add("bits-fax.tif", written(bits, "TIFF", compression="group4"))
packed = numpy.packbits(BITS, axis=1).tobytes()
add("bits-white-is-zero.tif", tiff(1, 1, 0, [packed]))
add("grey-white-is-zero.tif", tiff(8, 1, 0, [GREY.tobytes()]))
add("rgba.tif", written(rgba, "TIFF"))
add("grey-alpha.tif", written(grey_alpha, "TIFF"))
add("rgb-big-endian.tif", tiff(8, 3, 2, [RGB.tobytes()], ">"))
add("rgb-large-file.tif", tiff(8, 3, 2, [RGB.tobytes()], big=True, t274=[6]))
add("rgb16.tif", tiff(16, 3, 2, [RGB16.astype("<u2").tobytes()]), 1)
add(
    "grey16.tif",
    tiff(16, 1, 1, [GREY16.astype("<u2").tobytes()]),
    pixels=numpy.repeat((GREY16 >> 8)[..., None], 3, 2),
)
for orientation in range(1, 9):
    add(f"orientation-{orientation}.tif", tiff(8, 3, 2, [RGB.tobytes()], t274=[orientation]))
add("two-pages.tif", written(image, "TIFF", save_all=True, append_images=[second]))

# PBM, PGM and PPM.
add("rgb.ppm", written(image, "PPM"))
add("grey.pgm", written(grey, "PPM"))
add("bits.pbm", written(bits, "PPM"))
add("plain.ppm", b"P3 # a comment\n2 1\n7\n0 7 3  1 2 6\n")
add("plain.pgm", b"P2\n3 1 100\n0 50\n100")
add("plain.pbm", b"P1\n4 2\n1010\n01 01\n")
wide = RGB16.astype(">u2").tobytes()
add("rgb16.ppm", b"P6\n%d %d\n65535\n" % (WIDTH, HEIGHT) + wide)

# AVIF: turned by properties of the container.
add("rgb.avif", written(image, "AVIF", quality=100, subsampling="4:4:4"), 2)
for orientation in range(2, 9):
    block = exif(orientation)[6:]
    options = {"quality": 100, "subsampling": "4:4:4", "exif": block}
    add(f"turned-{orientation}.avif", written(image, "AVIF", **options), 2)

path = pathlib.Path(__file__).with_name("decoding.json")
path.write_text(json.dumps(cases, indent=0) + "\n")
print(len(cases), "files,", path.stat().st_size, "bytes")
