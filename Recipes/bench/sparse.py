#!/usr/bin/env python3
"""The sparse linear layer beside the dense one of the same sizes, in turn (A B A B …).

    swift build -c release
    python3 Recipes/bench/sparse.py
    python3 Recipes/bench/sparse.py --work train --batches 256

A layer is cut out of a perceptron whose two hidden layers are of its size, with a pattern of exact
degrees and a ReLU; `cleave bench` times it alone. Each round runs every row once in a process of its own
on either side; a process warms up and times several repetitions, and its median counts. Ratios above 1
mean that the sparse layer is faster; with as many times fewer multiply-accumulates it could be the
inverse of the density. Needs nothing but Python's own library.
"""

import argparse
import json
import math
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile


def call(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stderr[-2000:]}")
    return done.stdout


def layer(cleave, size, density, place):
    """The checkpoint of a layer of `size` inputs and outputs; dense if the density is 1."""
    target = place / f"{size}-{density:g}.h5"
    if target.exists():
        return target
    recipe = place / "recipe.yaml"
    recipe.write_text(f"""method: supervised
data: {{name: shapes, size: 8, samples: 10, test_samples: 2}}
network:
  architecture: mlp-{size}-{size}
  sparsity: [{{layers: fc2, density: {density:g}}}]
train: {{epochs: 0, optimizer: {{name: sgd}}}}
""")
    with tempfile.TemporaryDirectory(dir=place) as folder:
        parts = [f"{folder}/{name}.h5" for name in ("first", "rest", "last")]
        call(cleave, "train", recipe, "--output", f"{folder}/run")
        call(cleave, "split", f"{folder}/run/best.h5", "--at", "relu1", "--head", parts[0],
             "--tail", parts[1])
        call(cleave, "split", parts[1], "--at", "relu2", "--head", target, "--tail", parts[2])
    return target


def seconds(arguments, checkpoint, batch, repetitions):
    return json.loads(call(
        arguments.cleave, "bench", checkpoint, "--work", arguments.work, "--batch", batch,
        "--repetitions", repetitions, "--warm-up", max(2, repetitions // 10),
        "--threads", arguments.threads, "--json"))["seconds"]["median"]


def crossing(points):
    """The density at which the ratio passes 1, between two of `(density, ratio)`."""
    for (low, above), (high, below) in zip(points, points[1:]):
        if above >= 1 > below:
            share = math.log(above) / (math.log(above) - math.log(below))
            return f"below about {low * (high / low) ** share:.2f}"
    if all(ratio >= 1 for _, ratio in points):
        return f"at every density up to {points[-1][0]:g}"
    if all(ratio < 1 for _, ratio in points):
        return f"at no density from {points[0][0]:g}"
    return "now and then"


def time(value):
    return f"{1e6 * value:,.0f} µs" if value < 1e-3 else f"{1e3 * value:,.2f} ms"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cleave", default=".build/release/cleave")
    parser.add_argument("--sizes", type=int, nargs="+", default=[800, 2048, 4096])
    parser.add_argument("--densities", type=float, nargs="+", default=[0.05, 0.1, 0.2, 0.3, 0.5])
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 256])
    parser.add_argument("--work", choices=["forward", "train"], default="forward")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repetitions", type=int, help="as many as take about 0.2 s unless given")
    arguments = parser.parse_args()
    work = "forward" if arguments.work == "forward" else "training step"
    print(f"{work.capitalize()}, {arguments.threads} threads, {platform.machine()}, "
          f"{arguments.rounds} rounds\n")
    print("| size | batch | density | sparse | dense | dense ÷ sparse (range) |")
    print("|---|---|---|---|---|---|")
    wins = []
    with tempfile.TemporaryDirectory() as folder:
        for size in arguments.sizes:
            whole = layer(arguments.cleave, size, 1, pathlib.Path(folder))
            points = {batch: [] for batch in arguments.batches}
            for density in sorted(arguments.densities):
                part = layer(arguments.cleave, size, density, pathlib.Path(folder))
                for batch in arguments.batches:
                    # 50 GFLOP/s; both sides do it equally often.
                    repetitions = arguments.repetitions or max(
                        5, min(2000, int(0.2 * 50e9 / (2 * size * size * batch))))
                    sparse, dense = [], []
                    for _ in range(arguments.rounds):
                        sparse.append(seconds(arguments, part, batch, repetitions))
                        dense.append(seconds(arguments, whole, batch, repetitions))
                    ratios = sorted(b / a for a, b in zip(sparse, dense))
                    points[batch].append((density, statistics.median(ratios)))
                    print(f"| {size} × {size} | {batch} | {density:g} "
                          f"| {time(statistics.median(sparse))} "
                          f"| {time(statistics.median(dense))} "
                          f"| {statistics.median(ratios):.2f} "
                          f"({ratios[0]:.2f}–{ratios[-1]:.2f}) |", flush=True)
                part.unlink()
            whole.unlink()
            wins += [f"{size} × {size}, batch {batch}: {crossing(found)}"
                     for batch, found in points.items()]
    print("\nThe sparse layer is faster")
    for line in wins:
        print(f"- {line}")


if __name__ == "__main__":
    main()
