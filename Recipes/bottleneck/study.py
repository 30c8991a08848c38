#!/usr/bin/env python3
"""What is learned to send few bytes to one network, method by method and point by point.

    swift build -c release
    python3 Recipes/bottleneck/study.py run --output runs/bottleneck \\
        --set network.checkpoint=resnet20-cifar10.h5
    python3 Recipes/bottleneck/study.py table --output runs/bottleneck

A run that has a report is not run again, so a study that was stopped goes on where it was. Needs
nothing but Python's own library.
"""

import argparse
import json
import pathlib
import statistics
import sys

RECIPES = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(RECIPES))
import runs  # noqa: E402

# Each method's recipe and the points of its curve, the one that is run with several seeds first.
CURVES = {
    "entropic_student": (
        "bottleneck/cifar10-entropic-student.yaml",
        [{"beta": 0.64}, {"beta": 0.16}, {"beta": 2.56}, {"beta": 10.24}],
    ),
    "bottlefit": (
        "bottleneck/cifar10-bottlefit.yaml",
        [{"channels": 1}, {"channels": 2}, {"channels": 2, "bits": 4}],
    ),
    "cr_bq": (
        "bottleneck/cifar10-cr-bq.yaml",
        [{"channels": 1}, {"channels": 2}, {"channels": 2, "bits": 4}],
    ),
    "end_to_end": (
        "bottleneck/cifar10-end-to-end.yaml",
        [
            {"beta": 2e-5},
            {"beta": 5e-6},
            {"beta": 1e-4},
            {"beta": 2e-5, "pretrained": True},
        ],
    ),
    "factorized_prior": (
        "image-compression/cifar10-factorized-prior.yaml",
        [{"lambda": 0.05}, {"lambda": 0.01}, {"lambda": 0.2}],
    ),
    "scale_hyperprior": (
        "image-compression/cifar10-scale-hyperprior.yaml",
        [{"lambda": 0.05}, {"lambda": 0.01}, {"lambda": 0.2}],
    ),
    "mean_scale_hyperprior": (
        "image-compression/cifar10-mean-scale-hyperprior.yaml",
        [{"lambda": 0.05}, {"lambda": 0.01}, {"lambda": 0.2}],
    ),
}


def text(value):
    """A value as a recipe writes it."""
    return "true" if value is True else f"{value:g}"


def name(point):
    return " ".join(f"{key} {text(value)}" for key, value in point.items())


def folder(arguments, method, point, seed):
    return arguments.output / f"{method} {name(point)} {seed}".replace(" ", "-")


def train(arguments, method, point, seed):
    overrides = [f"seed={seed}"] + arguments.set
    overrides += [f"{method}.{key}={text(value)}" for key, value in point.items()]
    first, second = arguments.epochs
    if method in ("entropic_student", "bottlefit"):
        overrides += [
            f"train.stages[0].epochs={first}",
            f"train.stages[0].schedule.milestones=[{first * 2 // 3}]",
            f"train.stages[1].epochs={second}",
        ]
    else:
        overrides += [
            f"train.epochs={first + second}",
            f"train.schedule.milestones=[{(first + second) * 2 // 3}]",
        ]
    return runs.train(
        arguments.cleave, RECIPES / CURVES[method][0], folder(arguments, method, point, seed),
        overrides, threads=1 if arguments.jobs > 1 else None)


def run(arguments):
    chosen = arguments.methods or list(CURVES)
    # The first point of every curve, then the second, so that a stopped study can be read.
    places = range(arguments.points or max(len(CURVES[method][1]) for method in chosen))
    wanted = [
        (arguments, method, CURVES[method][1][place], seed)
        for seed in arguments.seeds
        for place in places
        for method in chosen
        if place < len(CURVES[method][1])
    ]
    return runs.side_by_side(train, wanted, arguments.jobs)


def table(arguments):
    print("| method | point | seeds | top-1, % | bytes: mean (p50, p99) | expected | encoder, KiB |")
    print("|---|---|---|---|---|---|---|")
    for method, (_, points) in CURVES.items():
        for point in points:
            files = [folder(arguments, method, point, seed) / "report.json" for seed in range(1, 100)]
            reports = [json.loads(file.read_text()) for file in files if file.exists()]
            if not reports:
                continue
            accuracy = [100 * report["accuracy"] for report in reports]
            spread = f" ± {statistics.stdev(accuracy):.2f}" if len(accuracy) > 1 else ""
            split = reports[0]["split"]
            streams = [report["split"]["stream"] for report in reports]
            mean = statistics.mean(stream["mean"] for stream in streams)
            expected = "–"
            if "expected" in streams[0]:
                expected = f"{statistics.mean(stream['expected'] for stream in streams):,.1f}"
            print(
                f"| {method} | {name(point)} | {len(reports)} "
                f"| {statistics.mean(accuracy):.2f}{spread} "
                f"| {mean:,.1f} ({streams[0]['p50']:,.0f}, {streams[0]['p99']:,.0f}) | {expected} "
                f"| {split['encoder_bytes'] / 1024:.1f} |")
    return 0


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("action", choices=["run", "table"])
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/bottleneck"))
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--methods", nargs="*", choices=list(CURVES))
parser.add_argument("--seeds", nargs="*", type=int, default=[1])
parser.add_argument("--points", type=int, help="how many points of every curve")
parser.add_argument("--jobs", type=int, default=1, help="runs side by side, each on one thread")
parser.add_argument("--epochs", nargs=2, type=int, default=[10, 10])
parser.add_argument("--set", action="append", default=[])
arguments = parser.parse_args()
sys.exit({"run": run, "table": table}[arguments.action](arguments))
