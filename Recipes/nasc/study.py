#!/usr/bin/env python3
"""NASC beside its controls: a search that does not know of the split, a random one, and the optimum.

    swift build -c release
    python3 Recipes/nasc/study.py run --output runs/nasc
    python3 Recipes/nasc/study.py check --output runs/nasc
    python3 Recipes/nasc/study.py keep --output runs/nasc
    python3 Recipes/nasc/study.py table

The table of latencies is measured once, on one thread with nothing else running, and shared by all
searches. What is finished is not run again, so that a study that was stopped goes on where it was.
`check` sets the table against the parts in one piece, with nothing else running. `keep` takes the
figures of what is done, and the tables of latencies, into results.json beside this file; `run --missing`
leaves out what is there and goes on with its tables, and `table` shows both. Intervals are Student's,
95 %. Needs nothing but Python's own library.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

RECIPES = pathlib.Path(__file__).parent
RESULTS = RECIPES / "results.json"
sys.path.insert(0, str(RECIPES.parent))
import runs  # noqa: E402
from runs import heading, interval, row, spread  # noqa: E402

RECIPE = RECIPES / "fashion-mnist.yaml"

# A space of 648 networks, all of which are evaluated in the end.
SMALL = [
    "network.blocks={stem: 16, stem_stride: 2, header: 128, stages: [{channels: 16, layers: 1}, "
    "{channels: 32, stride: 2, layers: 1}, {channels: 64, stride: 2, layers: 2}]}",
    "nasc.operations=[k3_e1, k3_e6, skip]", "nasc.bottlenecks=[1, 0.125]", "nasc.latency_limit=60 ms",
    "nasc.exhaustive=true"]

# What each search sets, and what the tables call it. A search that does not know of the split is limited
# by the time of the whole network on the device: by what sending the image takes, as more would be for
# nothing, or by the limit of the search that knows.
SEARCHES = {
    "adaptive": ("NASC", "large", []),
    "random": ("random, as many images", "large", ["nasc.strategy=random"]),
    "unaware": ("split-unaware, then the fastest place", "large",
                ["nasc.strategy=split_unaware", "nasc.latency_limit=73 ms"]),
    "unaware-tight": ("split-unaware under NASC's limit", "large",
                      ["nasc.strategy=split_unaware"]),
    # On the recipe's link, sending the smallest latent of the space takes as long as half of a small
    # network: how much a split can save depends on that.
    "fast-link": ("NASC, link of 250 kbit/s", "large",
                  ["link.rate=250 kbit/s", "nasc.latency_limit=30 ms"]),
    "small": ("NASC, small space", "small", []),
    "small-random": ("random, small space", "small", ["nasc.strategy=random"]),
}


def space(name):
    return SMALL if name == "small" else []


def measured(arguments, name):
    """The table of a space; measured if it is not there."""
    folder = arguments.output / f"table-{name}"
    file = folder / "search" / "latency_table.json"
    kept = runs.Results(RESULTS)
    if arguments.missing and not file.exists() and folder.name in kept:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(kept.figures(folder.name)))
    if not file.exists():
        print(folder, flush=True)
        settings = space(name) + arguments.set + [
            "train.epochs=0", "nasc.latency_limit=1 h", "nasc.exhaustive=false", "nasc.images=256"]
        subprocess.run(
            [arguments.cleave, "search", str(RECIPE), "--output", str(folder), "--no-training",
             "--threads", "1"]
            + [word for setting in settings for word in ("--set", setting)],
            check=True, capture_output=True)
    return file


def folder(arguments, name, seed):
    return arguments.output / f"{name}-{seed}"


def search(arguments, name, seed):
    _, kind, settings = SEARCHES[name]
    return runs.train(
        arguments.cleave, RECIPE, folder(arguments, name, seed),
        space(kind) + settings
        + [f"seed={seed}", f"nasc.latency_table={measured(arguments, kind)}"] + arguments.set,
        threads=1, command="search", state="search/last.h5")


def optimum(arguments, seed):
    """Trains the best of the small space from the beginning, as what was found was."""
    there = folder(arguments, "small", seed)
    report = json.loads((there / "report.json").read_text())
    best = report["search"]["search"]["optimum"]
    if best["blocks"] == report["search"]["search"]["found"]["blocks"]:
        return True
    settings = [f"network.blocks={json.dumps(best['blocks'])}",
                f"network.cut={best.get('cut') or 'null'}"]
    return runs.train(
        arguments.cleave, there / "found.yaml", folder(arguments, "optimum", seed), settings,
        threads=1)


def run(arguments):
    arguments.output.mkdir(parents=True, exist_ok=True)
    for kind in {SEARCHES[name][1] for name in arguments.only}:
        measured(arguments, kind)
    kept = runs.Results(RESULTS)
    wanted = [(arguments, name, seed) for seed in arguments.seeds for name in arguments.only
              if not (arguments.missing and f"{name}-{seed}" in kept)]
    failed = runs.side_by_side(search, wanted, arguments.jobs)
    # Also where the search was kept before this was trained.
    failed |= runs.side_by_side(
        optimum, [(arguments, seed) for seed in arguments.seeds if "small" in arguments.only
                  and (folder(arguments, "small", seed) / "report.json").exists()], arguments.jobs)
    return failed


def check(arguments):
    """Measures the parts of what was found in one piece, which wants a machine that does nothing else."""
    for name in arguments.only:
        for seed in arguments.seeds:
            there = folder(arguments, name, seed)
            if not (there / "report.json").exists() or (there / "checks.json").exists():
                continue
            print(there, flush=True)
            done = subprocess.run(
                [arguments.cleave, "evaluate", str(there / "search"), "--json", "--threads", "1"],
                check=True, capture_output=True, text=True)
            checks = json.loads(done.stdout)["search"]["checks"]
            (there / "checks.json").write_text(json.dumps(checks))
    return 0


def figures(report):
    """What the tables need of a report."""
    if "search" not in report:
        return {"accuracy": report["accuracy"]}
    whole = report["search"]["search"]
    kept = {key: whole[key] for key in ("found", "limited", "optimum") if key in whole}
    return {"network": {"accuracy": report["network"]["accuracy"]}, "search": {"search": kept}}


def keep(arguments):
    """Takes the figures of the searches that are done, and the tables, into the results."""
    kept = runs.Results(RESULTS)
    for there in sorted(arguments.output.iterdir()):
        name = there.name
        if name.startswith("table-"):
            kept.keep(name, there / "search" / "latency_table.json", lambda table: table)
        elif (there / "report.json").exists():
            kept.keep(name, there / "report.json", figures)
        if (there / "checks.json").exists():
            kept.keep(f"{name}-checks", there / "checks.json", lambda checks: checks)
    kept.write()
    return 0


# MARK: - The tables


def checks_of(arguments, kept, name):
    """What `check` has measured of a run; nothing if it has not."""
    file = arguments.output / name / "checks.json"
    if file.exists():
        return json.loads(file.read_text())
    return kept.figures(f"{name}-checks") if f"{name}-checks" in kept else []


def milliseconds(time):
    number, unit = time.split()
    return float(number) * {"ns": 1e-6, "µs": 1e-3, "ms": 1, "s": 1e3, "min": 6e4, "h": 3.6e6}[unit]


def accuracy(report):
    return 100 * report["network"]["accuracy"]


def found(report):
    return report["search"]["search"]["found"]


def latency(report):
    return milliseconds(found(report)["total"])


def table(arguments):
    kept = runs.Results(RESULTS)
    all_reports = {
        name: kept.by_seed(lambda seed: folder(arguments, name, seed)) for name in SEARCHES}
    whole = all_reports["adaptive"]
    large = [name for name in SEARCHES if SEARCHES[name][1] == "large" and all_reports[name]]
    if large:
        heading(
            "What was found, trained from the beginning, on the test images; latency by the shared table.",
            ["search", "seeds", "within the limit", "latency, ms", "accuracy, %",
             "to NASC, points", "bytes", "split"])
        for name in large:
            entries = all_reports[name]
            # A search that does not know of the split has another limit, its own.
            limited = [entry["search"]["search"]["limited"] == "split" for entry in entries.values()]
            within = sum(found(entry)["feasible"] for entry in entries.values())
            pairs = [accuracy(entries[seed]) - accuracy(whole[seed]) for seed in entries
                     if seed in whole]
            places = sorted({found(entry)["split"] for entry in entries.values()})
            row(SEARCHES[name][0], len(entries),
                f"{within} of {len(entries)}" if all(limited) else "–",
                spread((latency(entry) for entry in entries.values()), 1),
                spread(accuracy(entry) for entry in entries.values()),
                "–" if name == "adaptive" else interval(pairs),
                spread((found(entry)["uplink_bytes"] for entry in entries.values()), 0),
                ", ".join(places))
    for aware, unaware in (
            ("adaptive", "unaware"), ("adaptive", "unaware-tight"), ("fast-link", "unaware")):
        seeds = sorted(set(all_reports[aware]) & set(all_reports[unaware]))
        if not seeds:
            continue
        less = [100 * (latency(all_reports[aware][seed]) / latency(all_reports[unaware][seed]) - 1)
                for seed in seeds]
        points = [accuracy(all_reports[aware][seed]) - accuracy(all_reports[unaware][seed])
                  for seed in seeds]
        print(f"\n{SEARCHES[aware][0]} beside {SEARCHES[unaware][0]}: latency "
              f"{interval(less)} %, accuracy {interval(points)} points ({len(seeds)} seeds).")
    small = all_reports["small"]
    if small:
        heading(
            "A space whose networks are all evaluated: regret in points.",
            ["search", "seeds", "within the limit", "to the optimum, shared weights",
             "to the optimum, trained anew"])
        for name in ("small", "small-random"):
            entries = all_reports[name]
            if not entries:
                continue
            shared = [100 * (entry["search"]["search"]["optimum"]["shared_accuracy"]
                             - found(entry)["shared_accuracy"]) for entry in entries.values()]
            anew = []
            for seed, entry in entries.items():
                best = small.get(seed)
                if best is None:
                    continue
                trained = kept.of(folder(arguments, "optimum", seed))
                if best["search"]["search"]["optimum"]["blocks"] == found(best)["blocks"]:
                    anew.append(accuracy(best) - accuracy(entry))
                elif trained is not None:
                    anew.append(100 * trained["accuracy"] - accuracy(entry))
            row(SEARCHES[name][0], len(entries),
                f"{sum(found(entry)['feasible'] for entry in entries.values())} of {len(entries)}",
                interval(shared), interval(anew))
    names = [f"{name}-{seed}" for name in SEARCHES for seed in all_reports[name]]
    checks = [
        100 * abs(milliseconds(check["table"]) / milliseconds(check["measured"]) - 1)
        for name in names for check in checks_of(arguments, kept, name)]
    if checks:
        print(f"\nThe table beside the parts in one piece: {statistics.median(checks):.1f} % off in the "
              f"median, {max(checks):.1f} % at most, {len(checks)} parts.")
    print(f"\nKept: {kept.provenance(names) or 'nothing'}.")
    return 0


parser = argparse.ArgumentParser(
    description=__doc__.split("\n\n")[0], formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("command", choices=["run", "check", "keep", "table"])
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/nasc"))
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--only", nargs="+", choices=list(SEARCHES), default=list(SEARCHES))
parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4, 5])
parser.add_argument("--missing", action="store_true", help="leave out what results.json has")
parser.add_argument("--jobs", type=int, default=1, help="searches side by side, each on one thread")
parser.add_argument("--set", action="append", default=[], help="for every search")
arguments = parser.parse_args()
sys.exit({"run": run, "check": check, "keep": keep, "table": table}[arguments.command](arguments))
