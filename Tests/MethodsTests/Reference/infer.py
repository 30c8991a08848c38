"""Answers images by an export alone: all that is known of it is its manifest.json.

    python3 infer.py EXPORT IMAGE.ppm...

Prints a JSON list with the probabilities of the classes by name for each image. Needs numpy and onnxruntime.
"""

import json
import pathlib
import sys

import numpy
import onnxruntime


def read_ppm(path):
    """Pixels [height, width, 3] of a binary portable pixmap."""
    data = path.read_bytes()
    kind, width, height, most = data.split(maxsplit=4)[:4]
    assert kind == b"P6" and most == b"255"
    count = int(width) * int(height) * 3
    return numpy.frombuffer(data[-count:], numpy.uint8).reshape(int(height), int(width), 3)


def weights(old, new, start, extent, sizing):
    """Matrix [new, old] that makes the pixels of an axis of those from start on."""
    step = extent / new
    kind = sizing["interpolation"]
    found = numpy.zeros((new, old))
    for index in range(new):
        centre = start + (index + 0.5) * step
        if kind == "nearest":
            found[index, min(int(centre), old - 1)] = 1
            continue
        if kind == "area":
            low, high = start + index * step, start + (index + 1) * step
            for place in range(old):
                found[index, place] = max(0, min(high, place + 1) - max(low, place))
        else:
            wide = max(1, step) if sizing["antialias"] else 1
            support = {"bilinear": 1, "bicubic": 2}[kind] * wide
            for place in range(int(numpy.floor(centre - support)) - 1,
                               int(numpy.ceil(centre + support)) + 2):
                distance = abs(place + 0.5 - centre) / wide
                if kind == "bilinear":
                    value = max(0, 1 - distance)
                elif distance < 1:
                    value = 1.5 * distance ** 3 - 2.5 * distance ** 2 + 1
                elif distance < 2:
                    value = -0.5 * distance ** 3 + 2.5 * distance ** 2 - 4 * distance + 2
                else:
                    value = 0
                if 0 <= place < old:
                    found[index, place] += value
                elif not sizing["antialias"]:
                    # Without antialiasing the edge repeats.
                    found[index, min(max(place, 0), old - 1)] += value
        found[index] /= found[index].sum()
    return found


def sized(image, target):
    """An image brought to the size that the manifest says, as it says."""
    sizing = target["sizing"]
    height, width = image.shape[:2]
    rows, columns = target["height"], target["width"]
    if (height, width) == (rows, columns) or sizing is None:
        return image
    top = left = 0.0
    high, wide = float(height), float(width)
    if sizing["resize"] == "crop":
        scale = min(height / rows, width / columns)
        high, wide = rows * scale, columns * scale
        top, left = (height - high) / 2, (width - wide) / 2
    inner = (rows, columns)
    if sizing["resize"] == "pad":
        scale = max(height / rows, width / columns)
        inner = (max(1, round(height / scale)), max(1, round(width / scale)))
    down = weights(height, inner[0], top, high, sizing)
    across = weights(width, inner[1], left, wide, sizing)
    found = numpy.einsum("xw,hwc->hxc", across, image.astype(float))
    found = numpy.einsum("yh,hxc->yxc", down, numpy.clip(numpy.floor(found + 0.5), 0, 255))
    found = numpy.clip(numpy.floor(found + 0.5), 0, 255)
    whole = numpy.zeros((rows, columns, 3))
    y, x = (rows - inner[0]) // 2, (columns - inner[1]) // 2
    whole[y:y + inner[0], x:x + inner[1]] = found
    return whole


def steps(values, bits):
    """What arrives of values in equal steps between their least and their greatest."""
    least, most = float(values.min()), float(values.max())
    scale = numpy.float32((most - least) / (2 ** bits - 1))
    if scale == 0:
        return numpy.full_like(values, least)
    zero = round(-least / float(scale))
    codes = numpy.clip(numpy.rint(values / scale) + zero, 0, 2 ** bits - 1)
    return ((codes - zero) * scale).astype(numpy.float32)


def block(values, settings, mean):
    """What arrives of a block of SLICER in the fewest bits that its tolerance allows."""
    least, most = float(values.min()), float(values.max())
    step = float(numpy.float32((most - least) / 255))
    if step == 0:
        return numpy.full(len(values), numpy.float32((least + most) / 2), numpy.float32)
    indices = numpy.clip(numpy.floor((values.astype(float) - least) / step + 0.5), 0, 255)
    for bits in range(9):
        if bits == 0:
            back = numpy.full(len(values), 127.5)
        else:
            dropped = 8 - bits
            codes = (indices.astype(int) + ((1 << dropped) >> 1)) >> dropped
            back = numpy.minimum(codes << dropped, 255).astype(float)
        found = (least + step * back).astype(numpy.float32)
        if settings["bound"] == "index":
            error = abs(indices - back).mean() / 256
        else:
            error = abs(values.astype(float) - found).mean() / mean
        if bits == 8 or error <= settings["tolerance"]:
            return found


def slicer(values, settings):
    """What arrives of the values that SLICER keeps; all others are zero."""
    assert settings["reading"] == "score"
    count = int(numpy.floor(settings["keep"] * len(values) + 0.5))
    score = numpy.where(values >= 0, values, settings["asymmetry"] * abs(values))
    kept = numpy.sort(numpy.argsort(-score, kind="stable")[:count])
    kept = kept[values[kept] != 0]
    found = numpy.zeros_like(values)
    if len(kept) == 0:
        return found
    mean = abs(values[kept].astype(float)).mean()
    rest = kept
    blocks = min(settings["blocks"], len(kept))
    for part in reversed(range(blocks)):
        size = len(kept) * (part + 1) // blocks - len(kept) * part // blocks
        order = numpy.argsort(-abs(values[rest]), kind="stable")[:size]
        found[rest[order]] = block(values[rest[order]], settings, mean)
        rest = numpy.delete(rest, order)
    return found


def arrived(latent, codec):
    """What the server reads of a latent [1, ...] in the models' order of axes."""
    order = {"HWC": (1, 2, 0), "C": (0,)}[codec["axes"]]
    values = latent[0].transpose(order)
    assert list(values.shape) == codec["shape"]
    flat, settings = values.reshape(-1), codec["settings"]
    if codec["name"] in ("packed", "rans"):
        flat = steps(flat, settings["bits"])
    elif codec["name"] == "slicer":
        flat = slicer(flat, settings)
    else:
        assert codec["name"] == "fp32"
    back = numpy.argsort(order)
    return flat.reshape(values.shape).transpose(back)[None].astype(numpy.float32)


def softmax(logits):
    powers = numpy.exp(logits.astype(float) - logits.max())
    return powers / powers.sum()


def session(export, part):
    return onnxruntime.InferenceSession(str(export / part["float"]["name"]))


def sure(exits, place, values):
    """The logits of the first exit of a place that is sure enough; None if none is."""
    for exit in exits:
        if exit["place"] != place:
            continue
        assert exit["rule"] == "max_softmax"
        logits = values[exit["output"]][0]
        if softmax(logits / exit["temperature"]).max() >= exit["threshold"]:
            return logits


def answer(export, manifest, image):
    pixels = sized(image, manifest["image"]).astype(numpy.float32)
    transform = manifest["input_transform"]
    pixels = pixels / numpy.float32(transform["scale"])
    pixels = (pixels - numpy.float32(transform["mean"])) / numpy.float32(transform["std"])
    head = manifest["head"]
    names = [output["name"] for output in head["outputs"]]
    found = session(export, head).run(
        names, {head["input"]["name"]: pixels.transpose(2, 0, 1)[None].astype(numpy.float32)})
    values = dict(zip(names, found))
    tail, exits = manifest.get("tail"), manifest.get("exits") or []
    logits = sure(exits, "device", values)
    if tail is None:
        logits = values[names[0]][0]
    elif logits is None:
        names = [output["name"] for output in tail["outputs"]]
        sent = arrived(values[manifest["codec"]["output"]], manifest["codec"])
        values = dict(zip(names, session(export, tail).run(names, {tail["input"]["name"]: sent})))
        logits = sure(exits, "server", values)
        if logits is None:
            logits = values[names[0]][0]
    return dict(zip(manifest["class_names"], softmax(logits)))


def main():
    export = pathlib.Path(sys.argv[1])
    manifest = json.loads((export / "manifest.json").read_text())
    print(json.dumps([answer(export, manifest, read_ppm(pathlib.Path(path)))
                      for path in sys.argv[2:]]))


main()
