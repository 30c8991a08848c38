#!/usr/bin/env python3
"""Processes that share batches against threads of one, in turn, and how long their sums take.

    apt-get install -y libopenmpi-dev openmpi-bin
    swift build -c release --traits MPI
    python3 Recipes/bench/processes.py

Each round trains a ResNet-20 on rendered shapes for two epochs of 50 batches of 128: in one process of two
threads, in two processes of one thread each, and so with the batch norms of the whole batch; the second
epoch counts. How far their losses are apart is shown for the mean of the first 5 steps and for that of the second
epoch, beside that of one process with one thread, which only adds in another order: training of this kind
makes of the smallest difference a large one within some dozen steps. Then sums over processes are timed, T = α + bytes · β is fitted to those over two by least
squares of relative errors, and taken to what more processes would need on such a link if they passed sums
around a ring: a model, nothing that was measured. Needs nothing but Python's own library.
"""

import argparse
import json
import pathlib
import platform
import shutil
import statistics
import subprocess
import tempfile

RECIPE = pathlib.Path(__file__).parents[1] / "base" / "shapes-resnet.yaml"
SETTINGS = [
    "network.architecture=resnet20", "data.samples=6464", "data.validation_fraction=0.01",
    "data.test_samples=64", "train.epochs=2", "train.batch_size=128"]
IMAGES = 50 * 128

# name, processes, threads of each, settings
WAYS = [
    ("1 process × 2 threads", 1, 2, []),
    ("2 processes × 1 thread", 2, 1, []),
    ("2 processes × 1 thread, batch norms of the whole batch", 2, 1,
     ["train.synchronize_batch_norm=true"]),
]


def together(count):
    return ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(count)] if count > 1 else []


# What only differs in the order of sums.
CONTROL = ("1 process × 1 thread", 1, 1, [])
# 5 batches instead of 50.
FEW = ["data.samples=646", "train.epochs=1"]


def train(arguments, way, more=()):
    """The metrics of a run's epochs."""
    _, count, threads, settings = way
    folder = tempfile.mkdtemp()
    try:
        target = f"{folder}/run"
        subprocess.run(
            together(count)
            + [arguments.cleave, "train", str(RECIPE), "--output", target, "--threads", str(threads)]
            + [word for setting in SETTINGS + settings + list(more) for word in ("--set", setting)],
            check=True, capture_output=True)
        return [json.loads(line) for line in open(f"{target}/metrics.jsonl")]
    finally:
        shutil.rmtree(folder)


def throughput(arguments):
    rates = {way[0]: [] for way in WAYS}
    losses, few = {}, {}
    for _ in range(arguments.rounds):
        for way in WAYS:
            epochs = train(arguments, way)
            rates[way[0]].append(IMAGES / epochs[1]["seconds"])
            losses[way[0]] = epochs[1]["train_loss"]
    losses[CONTROL[0]] = train(arguments, CONTROL)[1]["train_loss"]
    for way in WAYS + [CONTROL]:
        few[way[0]] = train(arguments, way, FEW)[0]["train_loss"]
    first = WAYS[0][0]
    print("| ResNet-20, batch 128 | images a second | to one process (range) | "
          "loss apart, 5 steps | second epoch |")
    print("|---|---|---|---|---|")
    for name, *_ in WAYS + [CONTROL]:
        apart = [abs(found[name] - found[first]) for found in (few, losses)]
        ratios = sorted(a / b for a, b in zip(rates.get(name, []), rates[first]))
        rate = f"{statistics.median(rates[name]):.0f}" if name in rates else "–"
        ratio = (f"{statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})"
                 if ratios and name != first else "–")
        print(f"| {name} | {rate} | {ratio} | " + (
            "– | – |" if name == first else f"{apart[0]:.0e} | {apart[1]:.0e} |"))


def sums(arguments, count):
    done = subprocess.run(
        together(count) + [arguments.cleave, "bench", "messages", "--json", "--repetitions", "20"],
        check=True, capture_output=True, text=True)
    return {entry["bytes"]: entry["seconds"]["median"] for entry in json.loads(done.stdout)["sums"]}


def fit(times):
    """α and β of T = α + bytes · β, by the least squares of relative errors."""
    a = b = c = d = e = 0.0
    for size, time in times.items():
        x, y = 1 / time, size / time
        a, b, c, d, e = a + x * x, b + x * y, c + y * y, d + x, e + y
    determinant = a * c - b * b
    return max(0.0, (d * c - e * b) / determinant), max(0.0, (a * e - b * d) / determinant)


def messages(arguments):
    measured = {count: sums(arguments, count) for count in arguments.processes}
    alpha, beta = fit(measured[2])
    # Of two processes a ring sends 2 · 1 messages of half of the bytes: bytes · β in all.
    projected = [16, 64, 256]
    print("\n| bytes of each process |" + "".join(f" {count} processes |" for count in measured)
          + "".join(f" {count}, projected |" for count in projected))
    print("|---|" + "---|" * (len(measured) + len(projected)))
    for size in measured[2]:
        line = f"| {size:,} |" + "".join(f" {1000 * times[size]:.3f} ms |" for times in measured.values())
        for count in projected:
            steps = 2 * (count - 1)
            line += f" {1000 * (steps * alpha / 2 + steps / count * size * beta):.2f} ms |"
        print(line)
    print(f"\nT = {1e6 * alpha:.0f} µs + bytes · {1e9 * beta:.3f} ns over 2 processes; projected: a ring "
          "of 2 (p − 1) messages of a p-th of the bytes, with that start-up and rate for each.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cleave", default=".build/release/cleave")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--processes", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--only", choices=["throughput", "messages"])
    arguments = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, {arguments.rounds} rounds\n")
    if arguments.only != "messages":
        throughput(arguments)
    if arguments.only != "throughput":
        messages(arguments)


main()
