#!/usr/bin/env python3
"""SALT against its baselines: users x seeds x methods x split points, and the table of the README.

    swift build -c release
    python3 Recipes/salt/study.py run fashion-mnist --output runs/study
    python3 Recipes/salt/study.py run cifar10 --output runs/study \\
        --set network.checkpoint=resnet20-cifar10.h5
    python3 Recipes/salt/study.py time fashion-mnist --output runs/study
    python3 Recipes/salt/study.py table --output runs/study

A run that has a report is not run again, so a study that was stopped goes on where it was. Needs
nothing but Python's own library.
"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import subprocess
import sys

RECIPES = pathlib.Path(__file__).parent

# The users of each data set: classes that are mistaken for one another.
STUDIES = {
    "fashion-mnist": {
        "recipe": RECIPES / "fashion-mnist.yaml",
        "users": {
            "tops": ["T-shirt/top", "Pullover", "Coat", "Shirt"],
            "shoes": ["Sandal", "Sneaker", "Ankle boot"],
            "summer": ["T-shirt/top", "Dress", "Shirt"],
        },
    },
    "cifar10": {
        "recipe": RECIPES / "cifar10-resnet20.yaml",
        "users": {
            "mammals": ["cat", "deer", "dog", "horse"],
            "vehicles": ["airplane", "automobile", "ship", "truck"],
            "small animals": ["bird", "cat", "frog"],
        },
    },
}
VARIANTS = ["residual", "insertion", "retrain", "fine_tune"]
EPOCHS, PATIENCE = 8, 2


def folder(output, data, cut, user, variant, seed):
    return output / data / cut / f"{user.replace(' ', '-')}-{variant}-{seed}"


def train(arguments, data, cut, user, variant, seed):
    """Trains one run unless it has a report; answers with what went wrong, if anything."""
    study = STUDIES[data]
    target = folder(arguments.output, data, cut, user, variant, seed)
    if (target / "report.json").exists():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    overrides = [
        f"seed={seed}",
        f"data.classes=[{', '.join(study['users'][user])}]",
        f"network.cut={cut}",
        f"salt.variant={variant}",
        f"train.epochs={EPOCHS}",
        f"train.early_stopping.patience={PATIENCE}",
    ] + arguments.overrides
    command = [arguments.cleave, "train", str(study["recipe"]), "--output", str(target), "--json"]
    command += ["--threads", str(arguments.threads)]
    for override in overrides:
        command += ["--set", override]
    if (target / "last.h5").exists():
        command = [arguments.cleave, "train", "--resume", str(target), "--json"]
        command += ["--threads", str(arguments.threads)]
    done = subprocess.run(command, capture_output=True, text=True)
    print(f"{'done  ' if done.returncode == 0 else 'FAILED'} {target}", flush=True)
    return None if done.returncode == 0 else f"{target}: {done.stderr.strip()}"


def run(arguments):
    jobs = [
        (arguments.data, cut, user, variant, seed)
        for cut in arguments.cuts
        for seed in arguments.seeds
        for user in STUDIES[arguments.data]["users"]
        for variant in arguments.variants
    ]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        failures = [f for f in pool.map(lambda job: train(arguments, *job), jobs) if f]
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def spread(values):
    """Mean and standard deviation over seeds."""
    if len(values) < 2 or max(values) == min(values):
        return f"{statistics.mean(values):.2f}"
    return f"{statistics.mean(values):.2f} ± {statistics.stdev(values):.2f}"


def reports(arguments, data, cut, user, variant):
    found = []
    for seed in arguments.seeds:
        path = folder(arguments.output, data, cut, user, variant, seed) / "report.json"
        if path.exists():
            found.append(json.loads(path.read_text()))
    return found


def accuracies(found, name, key):
    """In percent, one for each seed."""
    return [100 * comparison[key] for report in found for comparison in report["comparisons"]
            if comparison["name"] == name]


COLUMNS = [("original", "residual", "original"), ("masked", "residual", "original, masked"),
           ("retrain", "retrain", "retrain"), ("fine-tune", "fine_tune", "fine_tune"),
           ("insertion", "insertion", "insertion"), ("residual", "residual", "residual"),
           ("residual, masked", "residual", "residual, masked")]


def table(arguments):
    """Prints what the runs came to, as tables of Markdown."""
    print("Accuracy on the user's test images, percent:\n")
    print("| data, cut | user | " + " | ".join(title for title, _, _ in COLUMNS) + " |")
    print("|" + "---|" * (len(COLUMNS) + 2))
    for data, study in STUDIES.items():
        for cut in arguments.cuts:
            for user, classes in study["users"].items():
                cells = []
                for _, variant, name in COLUMNS:
                    values = accuracies(
                        reports(arguments, data, cut, user, variant), name, "user_accuracy")
                    cells.append(spread(values) if values else "–")
                if set(cells) != {"–"}:
                    print(f"| {data}, {cut} | {', '.join(classes)} | {' | '.join(cells)} |")
    path = arguments.output / "timing.json"
    timing = json.loads(path.read_text()) if path.exists() else {}
    print("\nMeans over users and seeds; accuracy in percent, bytes for one image:\n")
    print("| data, cut | method | other classes | best epoch | s an epoch | encoder bytes "
          "| bytes up | bytes down in training | bytes down |")
    print("|" + "---|" * 9)
    for data, study in STUDIES.items():
        for cut in arguments.cuts:
            original = False
            for variant in ["retrain", "fine_tune", "insertion", "residual"]:
                found = [report for user in study["users"]
                         for report in reports(arguments, data, cut, user, variant)]
                if not found:
                    continue
                split = found[0]["split"]
                if not original:
                    others = accuracies(found, "original", "other_accuracy")
                    print(f"| {data}, {cut} | original | {statistics.mean(others):.2f} | – | – | – "
                          f"| {split['uplink_bytes']:,} | – | {split['downlink_bytes']} |")
                    original = True
                others = accuracies(found, variant, "other_accuracy")
                epochs = [report["training"]["best_epoch"] for report in found]
                seconds = timing.get(f"{data} {variant}") if cut == "layer1" else None
                print(f"| {data}, {cut} | {variant.replace('_', '-')} | "
                      f"{statistics.mean(others):.2f} | {statistics.mean(epochs):.1f} | "
                      + (f"{statistics.median(seconds):.1f}" if seconds else "–")
                      + f" | {split['encoder_bytes']:,} | {split['uplink_bytes']:,} | "
                      f"{split['uplink_bytes']:,} | {split['downlink_bytes']} |")
    return 0


def measure_time(arguments):
    """Times the second epoch of every method, alone on the machine, in turn."""
    path = arguments.output / "timing.json"
    timing = json.loads(path.read_text()) if path.exists() else {}
    study = STUDIES[arguments.data]
    user = next(iter(study["users"].values()))
    for repetition in range(arguments.repetitions):
        for variant in VARIANTS:
            target = arguments.output / "timing" / f"{arguments.data}-{variant}-{repetition}"
            command = [arguments.cleave, "train", str(study["recipe"]), "--output", str(target)]
            for override in [f"data.classes=[{', '.join(user)}]", f"salt.variant={variant}",
                             "train.epochs=2"] + arguments.overrides:
                command += ["--set", override]
            subprocess.run(command, capture_output=True, check=True)
            lines = (target / "metrics.jsonl").read_text().splitlines()
            timing.setdefault(f"{arguments.data} {variant}", []).append(
                json.loads(lines[-1])["seconds"])
            path.write_text(json.dumps(timing, indent=1) + "\n")
            print(variant, timing[f"{arguments.data} {variant}"], flush=True)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("run", "time", "table"):
        command = commands.add_parser(name)
        if name != "table":
            command.add_argument("data", choices=STUDIES)
            command.add_argument("--set", dest="overrides", action="append", default=[])
            command.add_argument("--cleave", default=".build/release/cleave")
        if name == "time":
            command.add_argument("--repetitions", type=int, default=3)
        if name == "run":
            command.add_argument("--jobs", type=int, default=2, help="runs side by side")
            command.add_argument("--threads", type=int, default=1, help="threads of each run")
        command.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/study"))
        command.add_argument("--cuts", nargs="+", default=["layer1", "layer2"])
        command.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
        command.add_argument("--variants", nargs="+", default=VARIANTS, choices=VARIANTS)
    arguments = parser.parse_args()
    actions = {"run": run, "time": measure_time, "table": table}
    return actions[arguments.command](arguments)


if __name__ == "__main__":
    sys.exit(main())
