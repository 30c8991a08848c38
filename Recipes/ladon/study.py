#!/usr/bin/env python3
"""One bitstream for three tasks at several rates, against images compressed by JPEG and WebP.

    swift build -c release
    python3 Recipes/ladon/study.py run --output runs/ladon
    python3 Recipes/ladon/study.py compare --output runs/ladon

`run` trains the network, the tasks on it without a bottleneck, and the tasks behind a bottleneck
for every weight of a bit. `compare` measures all of them and the network on compressed images, and
writes comparison.html. A run that has a report is not run again. Needs nothing but Python's own
library.
"""

import argparse
import pathlib
import subprocess
import sys

RECIPES = pathlib.Path(__file__).parent
sys.path.insert(0, str(RECIPES.parent))
import runs  # noqa: E402


def train(arguments, recipe, name, overrides):
    return runs.train(
        arguments.cleave, RECIPES / f"{recipe}.yaml", arguments.output / name,
        [f"seed={arguments.seed}"] + overrides + arguments.set)


def run(arguments):
    teacher = f"network.checkpoint={arguments.output}/teacher/best.h5"
    done = train(arguments, "shapes-teacher", "teacher", [])
    done = done and train(arguments, "shapes-teacher-tasks", "teacher-tasks", [teacher])
    for beta in arguments.betas:
        overrides = [teacher, f"ladon.beta={beta:g}"]
        for stage, epochs in enumerate(arguments.epochs or []):
            overrides.append(f"train.stages[{stage}].epochs={epochs}")
        done = done and train(arguments, "shapes", f"beta-{beta:g}", overrides)
    return 0 if done else 1


def compare(arguments):
    lines = (arguments.output / "teacher-tasks" / "recipe.yaml").read_text().splitlines()
    start = lines.index("data:")
    end = next(i for i in range(start + 1, len(lines)) if not lines[i].startswith(" "))
    systems = "\n".join(
        f"    - {{run: {arguments.output}/beta-{beta:g}, name: beta {beta:g}}}"
        for beta in arguments.betas
        if (arguments.output / f"beta-{beta:g}" / "report.json").exists()
    )
    recipe = arguments.output / "comparison.yaml"
    recipe.write_text(f"""method: supervised
{chr(10).join(lines[start:end])}
network: {{checkpoint: {arguments.output}/teacher/best.h5}}
benchmark:
  reference: {arguments.output}/teacher-tasks
  systems:
    - {{input: jpeg, qualities: [1, 10, 25, 50, 75]}}
    - {{input: webp, qualities: [1, 10, 25, 50, 75, 90, 98]}}
{systems}
  links:
    - {{name: Wi-Fi, rate: 50 Mbit/s, round_trip_time: 5 ms}}
    - {{name: LTE, rate: 10 Mbit/s, downlink_rate: 30 Mbit/s, round_trip_time: 40 ms}}
    - {{name: LoRa, rate: 27 kbit/s, round_trip_time: 200 ms}}
""")
    page = arguments.output / "comparison.html"
    return subprocess.run(
        [arguments.cleave, "evaluate", str(recipe), "--html", str(page)]).returncode


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("action", choices=["run", "compare"])
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/ladon"))
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--betas", nargs="*", type=float, default=[2.56, 20.48, 0.32, 8])
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--epochs", nargs=3, type=int, help="of each stage; the recipe's unless given")
parser.add_argument("--set", action="append", default=[])
arguments = parser.parse_args()
sys.exit({"run": run, "compare": compare}[arguments.action](arguments))
