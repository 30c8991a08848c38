"""What benches of codecs share: latents of an exported head, and their quantised values as bytes."""

import gzip
import json

import numpy


def read_images(path):
    """Pixels [images, channels, height, width] of an IDX file or of CIFAR's binary batch."""
    if path.suffix == ".bin":
        records = numpy.fromfile(path, numpy.uint8).reshape(-1, 3073)
        return records[:, 1:].reshape(-1, 3, 32, 32)
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    with opened as file:
        data = file.read()
    count, height, width = (int.from_bytes(data[at:at + 4], "big") for at in (4, 8, 12))
    return numpy.frombuffer(data, numpy.uint8, offset=16).reshape(count, 1, height, width)


def latents(export, images, count):
    """What the exported head gives for the first images, channels last."""
    import onnxruntime
    transform = json.loads((export / "manifest.json").read_text())["input_transform"]
    mean, std = (numpy.float32(transform[key]).reshape(1, -1, 1, 1) for key in ("mean", "std"))
    session = onnxruntime.InferenceSession(str(export / "head.onnx"))
    pixels = read_images(images)[:count].astype(numpy.float32)
    inputs = (pixels / numpy.float32(transform["scale"]) - mean) / std
    found = [session.run(None, {session.get_inputs()[0].name: inputs[start:start + 100]})[0]
             for start in range(0, len(inputs), 100)]
    return numpy.ascontiguousarray(numpy.concatenate(found).transpose(0, 2, 3, 1))


def pack(codes, bits):
    """Codes of a number of bits without gaps, the first in the lowest bits."""
    each = (codes.reshape(-1, 1) >> numpy.arange(bits)) & 1
    return numpy.packbits(each.astype(numpy.uint8).reshape(-1), bitorder="little").tobytes()


def layouts(latent, bits):
    """A latent's values in a number of bits as bytes: the order of its axes, the layout, and these."""
    top = 2 ** bits - 1
    scale = max((latent.max() - latent.min()) / top, 1e-30)
    zero = numpy.rint(-latent.min() / scale)
    codes = numpy.clip(numpy.rint(latent / scale) + zero, 0, top).astype(numpy.uint8)
    for order, ordered in (("pixels", codes), ("planes", codes.transpose(2, 0, 1))):
        ordered = numpy.ascontiguousarray(ordered)
        yield order, "packed", pack(ordered, bits)
        yield order, "bytes", ordered.tobytes()
