#!/usr/bin/env python3
"""Bottlenecks of one network, method by method and point by point, and the table of the README.

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
import subprocess
import sys

RECIPES = pathlib.Path(__file__).parent

# Each method's recipe, the key that moves it along its curve, and the points of the curve.
CURVES = {
    "entropic_student": ("cifar10-entropic-student.yaml", "beta", [0.32, 2.56, 10.24]),
    "end_to_end": ("cifar10-end-to-end.yaml", "beta", [1e-4, 4e-4]),
    "bottlefit": ("cifar10-bottlefit.yaml", "channels", [1, 2]),
    "cr_bq": ("cifar10-cr-bq.yaml", "channels", [1, 2]),
}


def train(arguments, method, value, seed):
    """Trains one run unless it has a report; whether it went well."""
    recipe, key, _ = CURVES[method]
    target = arguments.output / f"{method}-{value:g}-{seed}"
    if (target / "report.json").exists():
        return True
    overrides = [f"seed={seed}", f"{method}.{key}={value:g}"] + arguments.set
    if method in ("entropic_student", "bottlefit"):
        overrides += [
            f"train.stages[0].epochs={arguments.epochs[0]}",
            f"train.stages[0].schedule.milestones=[{arguments.epochs[0] * 2 // 3}]",
            f"train.stages[1].epochs={arguments.epochs[1]}",
        ]
    else:
        epochs = sum(arguments.epochs)
        overrides += [f"train.epochs={epochs}", f"train.schedule.milestones=[{epochs * 2 // 3}]"]
    command = [arguments.cleave, "train", str(RECIPES / recipe), "--output", str(target)]
    if target.exists():
        command = [arguments.cleave, "train", str(RECIPES / recipe), "--resume", str(target)]
    for override in overrides:
        command += ["--set", override]
    print(method, value, seed, flush=True)
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print(done.stderr[-2000:], file=sys.stderr)
    return done.returncode == 0


def run(arguments):
    arguments.output.mkdir(parents=True, exist_ok=True)
    chosen = arguments.methods or list(CURVES)
    for seed in arguments.seeds:
        # The first point of every curve, then the second, so that a stopped study can be read.
        for place in range(max(len(CURVES[method][2]) for method in chosen)):
            for method in chosen:
                values = CURVES[method][2]
                if place < len(values) and not train(arguments, method, values[place], seed):
                    return 1
    return 0


def table(arguments):
    print("| method | point | seeds | top-1, % | bytes: mean (p50, p99) | expected | encoder, KiB |")
    print("|---|---|---|---|---|---|---|")
    for method, (_, key, values) in CURVES.items():
        for value in values:
            reports = [
                json.loads(file.read_text())
                for file in sorted(arguments.output.glob(f"{method}-{value:g}-*/report.json"))
            ]
            if not reports:
                continue
            accuracy = [100 * report["accuracy"] for report in reports]
            spread = f" ± {statistics.stdev(accuracy):.2f}" if len(accuracy) > 1 else ""
            split = reports[0]["split"]
            stream = split["stream"]
            mean = statistics.mean(report["split"]["stream"]["mean"] for report in reports)
            expected = f"{stream['expected']:.1f}" if "expected" in stream else "–"
            print(
                f"| {method} | {key} {value:g} | {len(reports)} "
                f"| {statistics.mean(accuracy):.2f}{spread} "
                f"| {mean:,.1f} ({stream['p50']:,.0f}, {stream['p99']:,.0f}) | {expected} "
                f"| {split['encoder_bytes'] / 1024:.1f} |")
    return 0


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("action", choices=["run", "table"])
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/bottleneck"))
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--methods", nargs="*", choices=list(CURVES))
parser.add_argument("--seeds", nargs="*", type=int, default=[1])
parser.add_argument("--epochs", nargs=2, type=int, default=[10, 10])
parser.add_argument("--set", action="append", default=[])
arguments = parser.parse_args()
sys.exit({"run": run, "table": table}[arguments.action](arguments))
