#!/usr/bin/env python3
"""SLICER beside the plain codecs: what a search chooses, fixed settings, and zstd on packed codes.

    swift build -c release
    python3 Recipes/slicer/study.py run fashion-mnist --output runs/slicer
    python3 Recipes/slicer/study.py run cifar10 --output runs/slicer \\
        --set network.checkpoint=resnet20-cifar10.h5
    python3 Recipes/slicer/study.py zstd fashion-mnist --images t10k-images-idx3-ubyte.gz \\
        --output runs/slicer
    python3 Recipes/slicer/study.py zstd cifar10 --images test_batch.bin --output runs/slicer
    python3 Recipes/slicer/study.py ideal fashion-mnist --images t10k-images-idx3-ubyte.gz \\
        --output runs/slicer
    python3 Recipes/slicer/study.py table --output runs/slicer
    python3 Recipes/slicer/study.py tail fashion-mnist --output runs/slicer
    .build/release/cleave train Recipes/slicer/characters.yaml --output runs/characters
    python3 Recipes/slicer/study.py tokens runs/characters

A run that has a report is not run again. `zstd` and `ideal` need numpy, onnxruntime and zstandard; the
rest nothing but Python's own library.
"""

import argparse
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

RECIPES = pathlib.Path(__file__).parent
STUDIES = {
    "fashion-mnist": RECIPES / "fashion-mnist.yaml",
    "cifar10": RECIPES / "cifar10-resnet20.yaml",
}
# The fraction kept and the tolerance, all at the second stage.
SETTINGS = {
    "fashion-mnist": [(0.2, 0.2), (0.25, 0.1), (0.3, 0.2), (0.3, 0.05), (0.4, 0.1)],
    "cifar10": [(0.3, 0.2), (0.4, 0.2), (0.5, 0.2), (0.3, 0.05), (0.6, 0.1)],
}
BLOCKS = [1, 2, 4, 8]


def folder(output, data, setting=None):
    return output / data / ("search" if setting is None else "keep-{}-tolerance-{}".format(*setting))


def train(arguments, setting):
    target = folder(arguments.output, arguments.data, setting)
    if (target / "report.json").exists():
        return
    overrides = list(arguments.overrides)
    if setting is not None:
        # A search among one cut, one fraction and one tolerance; the report has all blocks.
        overrides += ["slicer.cuts=[layer2]", f"slicer.keep=[{setting[0]}]", "slicer.blocks=[1, 2, 4, 8]",
                      f"slicer.tolerance=[{setting[1]}]", "slicer.accuracy_drop=1",
                      "slicer.compare=[]"]
    command = [arguments.cleave, "train", str(STUDIES[arguments.data]), "--output", str(target)]
    for override in overrides:
        command += ["--set", override]
    subprocess.run(command, check=True, capture_output=True)
    print("done", target, flush=True)


def run(arguments):
    for setting in [None] + SETTINGS[arguments.data]:
        train(arguments, setting)
    return 0


def read_images(path):
    """Pixels [images, channels, height, width] of an IDX file or of CIFAR's binary batch."""
    import numpy
    if path.suffix == ".bin":
        records = numpy.fromfile(path, numpy.uint8).reshape(-1, 3073)
        return records[:, 1:].reshape(-1, 3, 32, 32)
    opened = gzip.open(path) if path.suffix == ".gz" else open(path, "rb")
    with opened as file:
        data = file.read()
    count, height, width = (int.from_bytes(data[at:at + 4], "big") for at in (4, 8, 12))
    return numpy.frombuffer(data, numpy.uint8, offset=16).reshape(count, 1, height, width)


def pack(codes, bits):
    """Codes of a number of bits without gaps, the first in the lowest bits."""
    import numpy
    each = (codes.reshape(-1, 1) >> numpy.arange(bits)) & 1
    return numpy.packbits(each.astype(numpy.uint8).reshape(-1), bitorder="little").tobytes()


def latents(arguments, count):
    """Exports the searched run's head; what it gives for the first images, in planes."""
    import numpy
    import onnxruntime
    target = folder(arguments.output, arguments.data)
    export = target / "export"
    subprocess.run([arguments.cleave, "export", str(target), "--format", "onnx", "--output",
                    str(export)], check=True, capture_output=True)
    transform = json.loads((export / "manifest.json").read_text())["input_transform"]
    mean, std = (numpy.float32(transform[key]).reshape(1, -1, 1, 1) for key in ("mean", "std"))
    session = onnxruntime.InferenceSession(str(export / "head.onnx"))
    images = read_images(arguments.images)[:count]
    for start in range(0, len(images), 100):
        pixels = images[start:start + 100].astype(numpy.float32)
        inputs = (pixels / numpy.float32(transform["scale"]) - mean) / std
        yield from session.run(None, {session.get_inputs()[0].name: inputs})[0]


def zstd(arguments):
    """Compresses the quantised latents at level 19."""
    import numpy
    import zstandard
    target = folder(arguments.output, arguments.data)
    compressor = zstandard.ZstdCompressor(level=19)
    sizes = {}
    for latent in latents(arguments, arguments.count):
        for bits in (2, 3, 4):
            top = 2 ** bits - 1
            scale = max((latent.max() - latent.min()) / top, 1e-30)
            zero = numpy.rint(-latent.min() / scale)
            codes = numpy.clip(numpy.rint(latent / scale) + zero, 0, top).astype(numpy.uint8)
            for order, ordered in (("planes", codes), ("pixels", codes.transpose(1, 2, 0))):
                ordered = numpy.ascontiguousarray(ordered)
                for layout, data in (("packed", pack(ordered, bits)),
                                     ("bytes", ordered.tobytes())):
                    sizes.setdefault(f"{bits} {order} {layout}", []).append(
                        len(compressor.compress(data)))
    means = {name: sum(values) / len(values) for name, values in sizes.items()}
    (target / "zstd.json").write_text(json.dumps(means, indent=1) + "\n")
    print(json.dumps(means, indent=1))
    return 0


def ideal(arguments):
    """Prints streams against what positions, membership and codes take at order 0, and a header."""
    import numpy

    def bits(counts):
        counts = numpy.array([count for count in counts if count > 0], float)
        return -(counts * numpy.log2(counts / counts.sum())).sum()

    images = [numpy.ascontiguousarray(latent.transpose(1, 2, 0))
              for latent in latents(arguments, 50)]
    print("| data | keep | M | bytes | at order 0 | ratio: mean | most |")
    print("|" + "---|" * 7)
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
                print(f"| {arguments.data} | {keep} | {blocks} | {means[0]:.0f} | {means[1]:.0f} | "
                      f"{sum(ratios) / len(ratios):.3f} | {max(ratios):.3f} |", flush=True)
    return 0


def table(arguments):
    """Prints Markdown."""
    print("| data | sent as | accuracy, % | bytes: mean | p50 | p99 | fp32 ÷ bytes | tables |")
    print("|" + "---|" * 8)
    for data in STUDIES:
        target = folder(arguments.output, data)
        if not (target / "report.json").exists():
            continue
        report = json.loads((target / "report.json").read_text())
        original = report["comparisons"][0]["user_accuracy"]
        print(f"| {data} | fp32 | {100 * original:.2f} | – | – | – | – | – |")
        rows = list(report["codecs"])
        zstd_path = target / "zstd.json"
        means = json.loads(zstd_path.read_text()) if zstd_path.exists() else {}
        for row in rows:
            if row["name"] == "fp32":
                continue
            print(f"| {data} | {row['name']}{', chosen' if row['is_chosen'] else ''} | "
                  f"{100 * row['accuracy']:.2f} | {row['mean_bytes']:.0f} | {row['p50_bytes']:.0f} "
                  f"| {row['p99_bytes']:.0f} | {row['ratio']:.1f} | "
                  f"{row['table_bytes'] or '–'} |")
        for bits in (2, 3, 4):
            found = [value for name, value in means.items() if name.startswith(f"{bits} ")]
            if found:
                print(f"| {data} | zstd -19, {bits} bits | as above | {min(found):.0f} | | | | – |")
    print("\nAccuracy in percent and mean bytes for M = 1, 2, 4, 8, all at the second stage:\n")
    print("| data | keep | tolerance | " + " | ".join(f"M = {blocks}" for blocks in BLOCKS) + " |")
    print("|" + "---|" * (3 + len(BLOCKS)))
    for data, settings in SETTINGS.items():
        for setting in settings:
            path = folder(arguments.output, data, setting) / "report.json"
            if not path.exists():
                continue
            rows = json.loads(path.read_text())["codecs"]
            cells = [f"{100 * row['accuracy']:.2f}, {row['mean_bytes']:.0f} B" for row in rows
                     if row["name"].startswith("slicer")]
            print(f"| {data} | {setting[0]} | {setting[1]} | {' | '.join(cells)} |")
    return 0


def tail(arguments):
    """Prints where the time of one image goes for each cut, the whole being one within a process."""
    print("| cut | tail's MACs | tail and decoder, of all time | rounds |")
    print("|---|---|---|---|")
    for cut in arguments.cuts:
        shares = []
        for repetition in range(arguments.repetitions):
            target = arguments.output / arguments.data / f"tail-{cut}-{repetition}"
            if not (target / "report.json").exists():
                command = [arguments.cleave, "train", str(STUDIES[arguments.data]), "--output",
                           str(target), "--threads", "1"]
                for override in arguments.overrides + [
                        f"slicer.cuts=[{cut}]", "slicer.keep=[0.3]", "slicer.blocks=[2]",
                        "slicer.tolerance=[0.2]", "slicer.accuracy_drop=1", "slicer.images=100",
                        "slicer.device_memory=1 GiB", "slicer.compare=[]", "data.test_limit=200"]:
                    command += ["--set", override]
                subprocess.run(command, check=True, capture_output=True)
            split = json.loads((target / "report.json").read_text())["split"]
            times = [seconds(split[key]) for key in ("device_time", "server_time")]
            shares.append(times[1] / sum(times))
        shares.sort()
        macs = split["server_macs"] / (split["server_macs"] + split["device_macs"])
        print(f"| {cut} | {100 * macs:.0f} % | {100 * shares[len(shares) // 2]:.0f} % "
              f"({100 * shares[0]:.0f}–{100 * shares[-1]:.0f}) | {len(shares)} |")
    return 0


def seconds(text):
    """The seconds of a time span such as `12.5 ms`."""
    number, unit = text.split() if isinstance(text, str) else (text, "s")
    return float(number) * {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1}[unit]


def tokens(arguments):
    """Prints what a step of decoding sends behind each block of a trained character transformer."""
    recipe = (RECIPES / "characters.yaml").read_text().replace(
        "architecture: char-transformer", f"checkpoint: {arguments.run / 'best.h5'}")
    print("| cut | sent as | bits a character | bytes a step: mean | p99 | values ÷ bytes |")
    print("|" + "---|" * 6)
    for block in range(3):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(recipe.replace("cut: blocks.0", f"cut: blocks.{block}"))
            file.flush()
            done = subprocess.run([arguments.cleave, "evaluate", file.name, "--json"],
                                  check=True, capture_output=True)
        for row in json.loads(done.stdout)["codecs"]:
            print(f"| blocks.{block} | {row['name']} | {row['bits_per_symbol']:.4f} | "
                  f"{row['mean_bytes']:.1f} | {row['p99_bytes']:.0f} | {row['ratio']:.2f} |")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("tokens")
    command.add_argument("run", type=pathlib.Path, help="a run of characters.yaml")
    command.add_argument("--cleave", default=".build/release/cleave")
    for name in ("run", "zstd", "ideal", "table", "tail"):
        command = commands.add_parser(name)
        command.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/slicer"))
        if name != "table":
            command.add_argument("data", choices=STUDIES)
            command.add_argument("--cleave", default=".build/release/cleave")
        if name in ("run", "tail"):
            command.add_argument("--set", dest="overrides", action="append", default=[])
        if name == "tail":
            command.add_argument("--cuts", nargs="+", default=["layer1", "layer2", "layer3"])
            command.add_argument("--repetitions", type=int, default=3)
        if name in ("zstd", "ideal"):
            command.add_argument("--images", type=pathlib.Path, required=True)
        if name == "zstd":
            command.add_argument("--count", type=int, default=1000)
    arguments = parser.parse_args()
    actions = {"run": run, "zstd": zstd, "ideal": ideal, "table": table, "tail": tail,
               "tokens": tokens}
    return actions[arguments.command](arguments)


if __name__ == "__main__":
    sys.exit(main())
