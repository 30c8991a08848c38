"""What the studies share: a run that is trained once, and goes on where it was stopped."""

import concurrent.futures
import math
import subprocess
import sys


def train(cleave, recipe, target, overrides, threads=None):
    """Trains a recipe into a folder unless that has a report; whether it went well."""
    if (target / "report.json").exists():
        return True
    command = [cleave, "train"]
    if (target / "last.h5").exists():
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
