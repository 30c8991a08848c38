"""Writes sizing.json: images brought to other sizes by Pillow 13.0.0 and TensorFlow 2.21.0.

    python3 Tests/DatasetsTests/Reference/make_sizing.py

Pillow widens its weights when images shrink (antialiasing), `tf.image.resize` does not, and
neither does Keras's `image_dataset_from_directory`, which stretches images with it. TensorFlow's
pixels are rounded here.

Pixels may be off by one: Pillow rounds after each of two passes as well, but from version 13 on
begins with the vertical one for some images; TensorFlow does not round in between. The nearest
pixel is the same, except where the middle of a new pixel lies on an edge of the old ones, which
Pillow's running sum misses; such cases are left out.
"""

import base64
import json
import os
import pathlib
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy
import tensorflow
from PIL import Image, ImageOps

random = numpy.random.default_rng(29)


def source(height, width):
    """Noise over a ramp, so that every filter and every shift shows."""
    y, x = numpy.mgrid[0:height, 0:width]
    ramp = numpy.stack([x * 200 // width, y * 200 // height, (x + y) * 90 // (height + width)], -1)
    return (ramp + random.integers(0, 56, (height, width, 3))).astype(numpy.uint8)


def encoded(pixels):
    return base64.b64encode(numpy.ascontiguousarray(pixels).tobytes()).decode()


PILLOW = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}
SIZES = [
    ((11, 17), (5, 6)),
    ((17, 11), (5, 6)),
    ((7, 5), (16, 12)),
    ((40, 9), (8, 8)),
    ((6, 6), (6, 9)),
]
images = []
cases = []


def add(name, index, target, resize, interpolation, antialias, pixels, tolerance):
    cases.append(
        {
            "name": name,
            "image": index,
            "height": target[0],
            "width": target[1],
            "resize": resize,
            "interpolation": interpolation,
            "antialias": antialias,
            "pixels": encoded(pixels),
            "tolerance": tolerance,
        }
    )


def padded(image, target, resample):
    """The whole image in the middle, with black beside it."""
    scale = min(target[0] / image.height, target[1] / image.width)
    height = max(1, min(target[0], int(image.height * scale + 0.5)))
    width = max(1, min(target[1], int(image.width * scale + 0.5)))
    result = Image.new("RGB", target[::-1])
    place = ((target[1] - width) // 2, (target[0] - height) // 2)
    result.paste(image.resize((width, height), resample), place)
    return result


def on_edges(extents, target, resize):
    """Whether the middle of a new pixel lies on the edge of an old one."""
    scales = [new / old for new, old in zip(target, extents)]
    for new, old, scale in zip(target, extents, scales):
        kept = scale
        if resize == "crop":
            kept = max(scales)
        if resize == "pad":
            kept = min(scales)
            new = max(1, min(new, int(old * kept + 0.5)))
        seen = old if resize != "crop" else new / kept
        step = seen / new
        middles = (old - seen) / 2 + (numpy.arange(new) + 0.5) * step
        if (abs(middles - numpy.rint(middles)) < 1e-6).any():
            return True
    return False


def from_directory(pixels, target):
    """What Keras's loader makes of a file."""
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(f"{folder}/class")
        Image.fromarray(pixels).save(f"{folder}/class/image.png")
        data = keras.utils.image_dataset_from_directory(
            folder, image_size=target, batch_size=1, shuffle=False, verbose=False
        )
        return next(iter(data))[0].numpy()[0]


for index, (extents, target) in enumerate(SIZES):
    pixels = source(*extents)
    image = Image.fromarray(pixels)
    images.append({"height": extents[0], "width": extents[1], "pixels": encoded(pixels)})
    for name, resample in PILLOW.items():
        antialias = name != "nearest"
        tolerance = 1 if antialias else 0
        for resize, result in [
            ("stretch", image.resize(target[::-1], resample)),
            ("crop", ImageOps.fit(image, target[::-1], resample)),
            ("pad", padded(image, target, resample)),
        ]:
            if antialias or not on_edges(extents, target, resize):
                result = numpy.asarray(result)
                add("Pillow", index, target, resize, name, antialias, result, tolerance)
    for name in ["nearest", "bilinear", "bicubic", "area"]:
        result = tensorflow.image.resize(pixels, target, method=name).numpy()
        result = numpy.rint(result).clip(0, 255).astype(numpy.uint8)
        tolerance = 0 if name == "nearest" else 1
        add("TensorFlow", index, target, "stretch", name, False, result, tolerance)
    result = numpy.rint(from_directory(pixels, target)).astype(numpy.uint8)
    add("Keras", index, target, "stretch", "bilinear", False, result, 1)

path = pathlib.Path(__file__).with_name("sizing.json")
path.write_text(json.dumps({"images": images, "cases": cases}, indent=0) + "\n")
print(len(cases), "cases,", path.stat().st_size, "bytes")
