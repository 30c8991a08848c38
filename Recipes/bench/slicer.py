#!/usr/bin/env python3
"""SLICER's streams against zstd on packed codes, and against what its parts take at order 0.

    swift build -c release
    .build/release/cleave train Recipes/slicer/fashion-mnist.yaml --output runs/slicer
    python3 Recipes/bench/slicer.py zstd runs/slicer --images t10k-images-idx3-ubyte.gz
    python3 Recipes/bench/slicer.py ideal runs/slicer --images t10k-images-idx3-ubyte.gz

A run of Recipes/slicer/cifar10-resnet20.yaml takes `--images test_batch.bin`. Needs numpy, onnxruntime and
zstandard.
"""

import argparse
import pathlib
import subprocess
import tempfile

import numpy
import zstandard

from latents import latents, layouts

BLOCKS = [1, 2, 4, 8]


def latents_of(arguments, count):
    """What the head of the run gives for the first images, channels last."""
    with tempfile.TemporaryDirectory() as place:
        export = pathlib.Path(place) / "export"
        subprocess.run([arguments.cleave, "export", str(arguments.run), "--format", "onnx",
                        "--output", str(export)], check=True, capture_output=True)
        return latents(export, arguments.images, count)


def zstd(arguments):
    """Compresses the quantised latents at level 19."""
    compressor = zstandard.ZstdCompressor(level=19)
    sizes = {}
    for latent in latents_of(arguments, arguments.count):
        for bits in (2, 3, 4):
            for order, layout, data in layouts(latent, bits):
                sizes.setdefault((bits, order, layout), []).append(
                    len(compressor.compress(data)))
    means = {name: sum(values) / len(values) for name, values in sizes.items()}
    print("| bits | in planes, packed | a byte each | by pixels, packed | a byte each |")
    print("|" + "---|" * 5)
    for bits in (2, 3, 4):
        cells = [f"{means[bits, order, layout]:.0f}"
                 for order in ("planes", "pixels") for layout in ("packed", "bytes")]
        print(f"| {bits} | {' | '.join(cells)} |")


def ideal(arguments):
    """Prints streams against what positions, membership and codes take at order 0, and a header."""

    def bits(counts):
        counts = numpy.array([count for count in counts if count > 0], float)
        return -(counts * numpy.log2(counts / counts.sum())).sum()

    images = latents_of(arguments, 50)
    print("| keep | M | bytes | at order 0 | ratio: mean | most |")
    print("|" + "---|" * 6)
    with tempfile.TemporaryDirectory() as place:
        source, stream, result = (f"{place}/{name}" for name in ("x.npy", "x.clvl", "y.npy"))
        for keep in (0.1, 0.2, 0.3, 0.4):
            for blocks in BLOCKS:
                pairs = []
                for latent in images:
                    numpy.save(source, latent)
                    subprocess.run(
                        [arguments.cleave, "codec", "encode", source, "--codec", "slicer", "--keep",
                         str(keep), "--blocks", str(blocks), "--tolerance", "0.1", "-o", stream],
                        check=True, capture_output=True)
                    subprocess.run([arguments.cleave, "codec", "decode", stream, "-o", result],
                                   check=True, capture_output=True)
                    found, values = numpy.load(result).ravel(), latent.ravel()
                    sent = numpy.flatnonzero(found)
                    # By magnitude; among equal ones those of the lowest index are the larger.
                    order = sent[numpy.lexsort((-sent, numpy.abs(values[sent])))]
                    parts = [order[len(sent) * block // blocks:len(sent) * (block + 1) // blocks]
                             for block in range(blocks)]
                    total = bits([len(sent), len(values) - len(sent)]) + bits(map(len, parts))
                    total += sum(bits(numpy.unique(found[part], return_counts=True)[1])
                                 for part in parts)
                    # Container, extents, settings, counts, the coder's state; then each block.
                    header = 12 + 3 + 1 + 4 + 1 + 4 + 2 + 2 + 4 + 8.5 * blocks
                    pairs.append((pathlib.Path(stream).stat().st_size, total / 8 + header))
                ratios = [size / expected for size, expected in pairs]
                means = [sum(column) / len(pairs) for column in zip(*pairs)]
                print(f"| {keep} | {blocks} | {means[0]:.0f} | {means[1]:.0f} | "
                      f"{sum(ratios) / len(ratios):.3f} | {max(ratios):.3f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for action in (zstd, ideal):
        command = commands.add_parser(action.__name__, help=action.__doc__)
        command.set_defaults(action=action)
        command.add_argument("run", type=pathlib.Path, help="a run of a recipe in Recipes/slicer")
        command.add_argument("--images", type=pathlib.Path, required=True)
        command.add_argument("--cleave", default=".build/release/cleave")
        if action is zstd:
            command.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    arguments.action(arguments)


if __name__ == "__main__":
    main()
