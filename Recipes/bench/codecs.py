#!/usr/bin/env python3
"""The entropy coder beside constriction, and whole codecs beside zstd, in turn in one run.

    swift build -c release
    pip install numpy constriction zstandard onnxruntime
    cleave train Recipes/salt/fashion-mnist.yaml
    cleave export runs/salt-fashion-mnist --format onnx --output export
    python3 Recipes/bench/codecs.py --export export --images t10k-images-idx3-ubyte.gz

Prints two tables. The first codes a million quantised normal values with one static table that both
sides know, and counts nothing but the coding: Sources/CKernels/rans.c, called as it stands, against
constriction's ANS coder with the same probabilities. The second writes latents of the exported
head as whole streams with `cleave codec stat`, headers and side information included, against zstd
at level 19 on the same quantised values, a byte each and packed, of both orders of the axes the one
that gives fewer bytes. Ratios are medians over the rounds, with their range.
"""

import argparse
import ctypes
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

import numpy

from latents import latents, layouts

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PRECISION = 14
LANES = 8


class Symbol(ctypes.Structure):
    _fields_ = [("reciprocal", ctypes.c_uint64), ("bias", ctypes.c_uint32),
                ("frequency", ctypes.c_uint32)]


def spread(ratios):
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


def frequencies(symbols, size):
    """Frequencies that sum to 2^PRECISION, each at least 1."""
    counts = numpy.bincount(symbols, minlength=size).astype(float)
    result = numpy.maximum(1, numpy.rint(counts / counts.sum() * 2 ** PRECISION)).astype(int)
    result[result.argmax()] += 2 ** PRECISION - result.sum()
    return result


def coding(arguments, place):
    """The coding of a million symbols alone."""
    import constriction
    library = place / "rans.so"
    subprocess.run([arguments.compiler, "-O2", "-shared", "-fPIC", "-I", str(ROOT / "Sources/CKernels/include"),
                    str(ROOT / "Sources/CKernels/rans.c"), "-o", str(library)], check=True)
    rans = ctypes.CDLL(str(library))
    rans.rans_encode.restype = rans.rans_decode.restype = ctypes.c_long
    generator = numpy.random.default_rng(1)
    print("| symbols | encode: Msymbols/s | constriction | ratio (range) "
          "| decode: Msymbols/s | constriction | ratio (range) | bytes ÷ constriction's |")
    print("|" + "---|" * 8)
    for bits in (4, 8):
        values = generator.normal(size=1_000_000)
        steps = (values - values.min()) / (values.max() - values.min())
        symbols = numpy.rint(steps * (2 ** bits - 1)).astype(numpy.uint16)
        table = frequencies(symbols, 2 ** bits)
        starts = numpy.concatenate([[0], table.cumsum()[:-1]])
        entries = (Symbol * len(table))(*[
            Symbol(2 ** 64 - 1 if f == 1 else 2 ** 64 // int(f) + 1,
                   int(c) + (2 ** PRECISION - 1 if f == 1 else 0), int(f))
            for f, c in zip(table, starts)])
        slots = numpy.concatenate([
            s | int(f) << 16 | numpy.arange(f, dtype=numpy.uint64) << numpy.uint64(32)
            for s, f in enumerate(table)]).astype(numpy.uint64)
        words = numpy.zeros(len(symbols), numpy.uint16)
        states = numpy.zeros(LANES, numpy.uint32)
        decoded = numpy.zeros_like(symbols)

        def encode():
            states[:] = 1 << 16
            end = ctypes.c_void_p(words.ctypes.data + words.nbytes)
            return rans.rans_encode(pointer(symbols), ctypes.c_long(len(symbols)), entries,
                                    ctypes.c_int(PRECISION), ctypes.c_long(LANES),
                                    pointer(states), end)

        def decode(count, kept):
            states[:] = kept
            start = ctypes.c_void_p(words.ctypes.data + words.nbytes - 2 * count)
            return rans.rans_decode(pointer(slots), ctypes.c_int(PRECISION), ctypes.c_long(LANES),
                                    pointer(states), start, ctypes.c_long(count),
                                    pointer(decoded), ctypes.c_long(len(decoded)))

        model = constriction.stream.model.Categorical(
            (table / 2 ** PRECISION).astype(numpy.float32), perfect=False)
        signed = symbols.astype(numpy.int32)
        times = {name: [] for name in ("encode", "decode", "their encode", "their decode")}
        for _ in range(arguments.rounds):
            seconds, count = timed(encode)
            times["encode"].append(seconds)
            kept = states.copy()
            coder = constriction.stream.stack.AnsCoder()
            seconds, _ = timed(lambda: coder.encode_reverse(signed, model))
            times["their encode"].append(seconds)
            compressed = coder.get_compressed()
            decoded[:] = 0
            seconds, _ = timed(lambda: decode(count, kept))
            times["decode"].append(seconds)
            seconds, theirs = timed(lambda: coder.decode(model, len(signed)))
            times["their decode"].append(seconds)
            assert (decoded == symbols).all() and (theirs == signed).all()
        rate = {name: len(symbols) / statistics.median(values) / 1e6
                for name, values in times.items()}
        faster = {name: [a / b for a, b in zip(times[f"their {name}"], times[name])]
                  for name in ("encode", "decode")}
        own = 2 * count + 4 * LANES
        print(f"| {bits} bits | {rate['encode']:.0f} | {rate['their encode']:.0f} | "
              f"{spread(faster['encode'])} | {rate['decode']:.0f} | {rate['their decode']:.0f} | "
              f"{spread(faster['decode'])} | {own / (4 * len(compressed)):.4f} |", flush=True)


def streams(arguments, place):
    """Whole streams of real latents."""
    import zstandard
    values = latents(arguments.export, arguments.images, 1000)
    source = place / "latents.npy"
    numpy.save(source, values)
    widths = (2, 3, 4)
    compressor = zstandard.ZstdCompressor(level=19)
    own = {bits: [] for bits in widths}
    theirs = {bits: [] for bits in widths}
    for _ in range(arguments.rounds):
        report = json.loads(subprocess.run(
            [arguments.cleave, "codec", "stat", str(source), "--batched", "--json", "--bits",
             ",".join(map(str, widths))], check=True, capture_output=True).stdout)
        for bits in widths:
            own[bits].append({row["codec"].split(",")[0]: row for row in report
                              if row["codec"].endswith(f", {bits} bits")})
            totals = {}
            # The second half, as the first gives the tables of context.
            for latent in values[500::5]:
                for order, layout, data in layouts(latent, bits):
                    seconds, stream = timed(lambda: compressor.compress(data))
                    total = totals.setdefault(f"{order}, {layout}", [0, 0, 0])
                    for place, part in enumerate((1, seconds, len(stream))):
                        total[place] += part
            # Of each layout the order of the axes that takes fewer bytes.
            theirs[bits].append([
                (best[1] / best[0] * 1e6, best[2] / best[0]) for best in (
                    min((totals[f"{order}, {layout}"] for order in ("pixels", "planes")),
                        key=lambda total: total[2])
                    for layout in ("bytes", "packed"))])
    print(f"\nlatents of {values[0].size:,} values")
    print("| bits | zstd -19 of bytes: bytes, µs | of packed values: bytes, µs | rANS: bytes, µs | "
          "context: bytes, µs | bytes ÷ zstd's | zstd's time ÷ context's (range) | packed |")
    print("|" + "---|" * 8)
    for bits in widths:
        def own_row(name):
            return (own[bits][0][name]["bytes"],
                    statistics.median(row[name]["encode_microseconds"] for row in own[bits]))
        zstd = [(statistics.median(row[layout][1] for row in theirs[bits]),
                 statistics.median(row[layout][0] for row in theirs[bits])) for layout in (0, 1)]
        ratios = [spread([row[layout][0] / mine["context"]["encode_microseconds"]
                          for row, mine in zip(theirs[bits], own[bits])]) for layout in (0, 1)]
        cells = [f"{size:,.0f}, {time:,.0f}"
                 for size, time in zstd + [own_row("rans"), own_row("context")]]
        share = own_row("context")[0] / min(size for size, _ in zstd)
        print(f"| {bits} | {' | '.join(cells)} | {share:.2f} | {' | '.join(ratios)} |", flush=True)


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--compiler", default="clang")
parser.add_argument("--rounds", type=int, default=11)
parser.add_argument("--export", type=pathlib.Path, help="what cleave export has written")
parser.add_argument("--images", type=pathlib.Path, help="IDX images, gzipped")
arguments = parser.parse_args()
with tempfile.TemporaryDirectory() as folder:
    coding(arguments, pathlib.Path(folder))
    if arguments.export and arguments.images:
        streams(arguments, pathlib.Path(folder))
