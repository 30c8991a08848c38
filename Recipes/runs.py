"""What the studies share: a run that is trained once, and goes on where it was stopped."""

import concurrent.futures
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
