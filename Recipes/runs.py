"""What the studies share: a run that is trained once, and goes on where it was stopped."""

import concurrent.futures
import datetime
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys


def train(cleave, recipe, target, overrides, threads=None, command="train", state="last.h5"):
    """Trains a recipe into a folder unless that has a report; whether it went well.

    Another command than train says which file of the folder it goes on from.
    """
    if (target / "report.json").exists():
        return True
    command = [cleave, command]
    # A run that was stopped before its first state begins again, in its folder.
    if (target / state).with_name("recipe.yaml").exists():
        command += ["--resume", str(target)]
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        command += [str(recipe), "--output", str(target)]
        for override in overrides:
            command += ["--set", override]
    if threads is not None:
        command += ["--threads", str(threads)]
    print(target, flush=True)
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        print(f"{target}: {done.stderr[-2000:]}", file=sys.stderr, flush=True)
    return done.returncode == 0


def side_by_side(function, runs, jobs):
    """Calls a function with every run, several at a time; 0 if all went well."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as workers:
        done = list(workers.map(lambda run: function(*run), runs))
    return 0 if all(done) else 1


def quantile(freedom, share=0.975):
    """The quantile of Student's t distribution, by bisection of its numerically summed density."""
    factor = math.exp(
        math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    ) / math.sqrt(freedom * math.pi)

    def below(t, steps=4000):
        density = lambda x: factor * (1 + x * x / freedom) ** (-(freedom + 1) / 2)
        width = t / steps
        inner = sum(density((i + 0.5) * width) for i in range(steps)) * width
        return 0.5 + inner

    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return low


# MARK: - Results


def machine():
    """The name of this machine's processor."""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


class Results:
    """What was measured, run by run, in a file beside the recipes: the figures that tables are made of.

    A study of many hours is made on more than one day, and its figures outlive the folders of its runs.
    """

    def __init__(self, file):
        self.file = file
        self.entries = json.loads(file.read_text()) if file.exists() else {}

    def __contains__(self, name):
        return name in self.entries

    def figures(self, name):
        return self.entries[name]["figures"]

    def keep(self, name, source, pick):
        """Takes over what pick chooses of a run's file, with the day it was written and this machine."""
        figures = pick(json.loads(source.read_text()))
        written = datetime.datetime.fromtimestamp(source.stat().st_mtime, datetime.timezone.utc)
        self.entries[name] = {
            "date": written.date().isoformat(), "machine": machine(), "figures": figures}

    def of(self, target):
        """A run's report, of its folder or as it was kept; none if there is neither."""
        if (target / "report.json").exists():
            return json.loads((target / "report.json").read_text())
        return self.figures(target.name) if target.name in self else None

    def by_seed(self, target):
        """The reports of the runs there are, by seed; target tells the folder of a seed."""
        found = {seed: self.of(target(seed)) for seed in range(1, 100)}
        return {seed: report for seed, report in found.items() if report is not None}

    def write(self):
        """Writes the file beside itself and renames it."""
        lines = (f"{json.dumps(name)}: {json.dumps(entry, sort_keys=True)}"
                 for name, entry in sorted(self.entries.items()))
        beside = self.file.with_suffix(".new")
        beside.write_text("{\n" + ",\n".join(lines) + "\n}\n")
        os.replace(beside, self.file)

    def provenance(self, names):
        """A line that says when and where the results of some names were measured."""
        known = sorted({(self.entries[name]["date"], self.entries[name]["machine"])
                        for name in names if name in self})
        return "; ".join(f"{date}, {machine}" for date, machine in known)


# MARK: - Tables


def signed(value):
    return f"{value:+.2f}".replace("-", "−")


def spread(values, places=2):
    """The mean, and the deviation if there are several."""
    values = list(values)
    if not values:
        return "–"
    deviation = f" ± {statistics.stdev(values):.{places}f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.{places}f}{deviation}"


def bounds(values):
    """The mean of two values or more and its interval, Student's of 95 %."""
    mean = statistics.mean(values)
    half = quantile(len(values) - 1) * statistics.stdev(values) / len(values) ** 0.5
    return mean, mean - half, mean + half


def interval(values):
    values = list(values)
    if len(values) < 2:
        return "–"
    mean, low, high = bounds(values)
    return f"{signed(mean)} [{signed(low)}, {signed(high)}]"


def heading(title, columns):
    print(f"\n{title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")


def row(*cells):
    print(f"| {' | '.join(map(str, cells))} |")
