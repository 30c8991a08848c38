#!/usr/bin/env python3
"""Tasks trained together against the same tasks trained alone, seed by seed.

    swift build -c release
    python3 Recipes/mtl-split/study.py run --output runs/mtl-split
    python3 Recipes/mtl-split/study.py table --output runs/mtl-split

Every seed trains the recipe with both tasks and once with each task alone. Differences are paired by
seed; the interval is Student's, 95 %. A run that has a report is not run again. Needs nothing but
Python's own library.
"""

import argparse
import json
import pathlib
import statistics
import sys

RECIPES = pathlib.Path(__file__).parent
sys.path.insert(0, str(RECIPES.parent))
import runs  # noqa: E402

TASKS = ["scale", "shape"]


def folder(arguments, recipe, tasks, seed):
    return arguments.output / f"{recipe}-{'+'.join(tasks)}-{seed}"


def train(arguments, recipe, tasks, seed):
    return runs.train(
        arguments.cleave, RECIPES / f"{recipe}.yaml", folder(arguments, recipe, tasks, seed),
        [f"seed={seed}", f"mtl_split.only=[{', '.join(tasks)}]"] + arguments.set,
        threads=1 if arguments.jobs > 1 else None)


def run(arguments):
    wanted = [
        (arguments, recipe, tasks, seed)
        for seed in arguments.seeds
        for recipe in arguments.recipes
        for tasks in [TASKS] + [[task] for task in TASKS]
    ]
    return runs.side_by_side(train, wanted, arguments.jobs)


def accuracies(arguments, recipe, tasks, task):
    """The test accuracy of a task, in percent, by seed."""
    found = {}
    for seed in range(1, 1000):
        file = folder(arguments, recipe, tasks, seed) / "report.json"
        if file.exists():
            report = json.loads(file.read_text())
            result = next(entry for entry in report["tasks"] if entry["task"] == task)
            found[seed] = 100 * result["metrics"][0]["value"]
    return found


def spread(values):
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"


def table(arguments):
    print("| backbone | task | seeds | alone, % | together, % | difference, 95 % interval |")
    print("|---|---|---|---|---|---|")
    for recipe in arguments.recipes:
        for task in TASKS:
            together = accuracies(arguments, recipe, TASKS, task)
            alone = accuracies(arguments, recipe, [task], task)
            seeds = sorted(set(together) & set(alone))
            if len(seeds) < 2:
                continue
            differences = [together[seed] - alone[seed] for seed in seeds]
            half = runs.quantile(len(seeds) - 1) * statistics.stdev(differences) / len(seeds) ** 0.5
            mean = statistics.mean(differences)
            print(
                f"| {recipe} | {task} | {len(seeds)} | {spread([alone[s] for s in seeds])} "
                f"| {spread([together[s] for s in seeds])} "
                f"| {mean:+.2f} [{mean - half:+.2f}, {mean + half:+.2f}] |")
    print()
    print("| backbone | system | device MACs | server MACs | fp32, B | packed, 8 bits, B "
          "| rANS, 8 bits, B |")
    print("|---|---|---|---|---|---|---|")
    for recipe in arguments.recipes:
        for tasks in [TASKS] + [[task] for task in TASKS]:
            file = folder(arguments, recipe, tasks, arguments.seeds[0]) / "report.json"
            if not file.exists():
                continue
            report = json.loads(file.read_text())
            split = report["split"]
            bytes = [row["mean_bytes"] for row in report["codecs"]]
            print(
                f"| {recipe} | {'+'.join(tasks)} | {split['device_macs']:,} "
                f"| {split['server_macs']:,} | "
                + " | ".join(f"{value:,.0f}" for value in bytes) + " |")
    return 0


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("action", choices=["run", "table"])
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/mtl-split"))
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--recipes", nargs="*", default=["shapes-vgg", "shapes-mobilenetv3"])
parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2, 3, 4, 5])
parser.add_argument("--jobs", type=int, default=1, help="runs side by side, each on one thread")
parser.add_argument("--set", action="append", default=[])
arguments = parser.parse_args()
sys.exit({"run": run, "table": table}[arguments.action](arguments))
