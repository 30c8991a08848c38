"""What the studies share: a run that is trained once, and goes on where it was stopped."""

import concurrent.futures
import math
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
