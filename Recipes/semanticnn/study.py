#!/usr/bin/env python3
"""SemanticNN over bit error rates: its parts left out one by one, and codes at equal bytes.

    swift build -c release
    python3 Recipes/semanticnn/study.py run --output runs/semanticnn
    python3 Recipes/semanticnn/study.py run --output runs/semanticnn --only cifar10 \\
        --cifar10 network.checkpoint=resnet20-cifar10.h5
    python3 Recipes/semanticnn/study.py keep --output runs/semanticnn
    python3 Recipes/semanticnn/study.py table

Every variant is trained with every seed; a run that has a report is not run again, so that a study that
was stopped goes on where it was. `keep` takes the figures of what is done into results.json beside this
file; `run --missing` leaves out what is there, and `table` shows both. Differences are paired by seed;
the interval is Student's, 95 %. Needs nothing but Python's own library.
"""

import argparse
import json
import pathlib
import statistics
import sys

RECIPES = pathlib.Path(__file__).parent
RESULTS = RECIPES / "results.json"
sys.path.insert(0, str(RECIPES.parent))
import runs  # noqa: E402
from runs import heading, interval, row, spread  # noqa: E402

DATASETS = {"fashion-mnist": "fashion-mnist", "cifar10": "cifar10-resnet20"}

# Without a channel in training, as codes stand in for it.
NOISELESS = ["semanticnn.snr=none", "semanticnn.aware=false"]

# What each variant sets, and what the tables call it.
VARIANTS = {
    "full": ("SemanticNN", []),
    "unaware": ("the decoder does not know the channel", ["semanticnn.aware=false"]),
    "no-denoising": ("without stage 1", ["train.stages[0].epochs=0"]),
    "straight-through": ("centres do not learn (straight through)",
                         ["semanticnn.gradient=straight_through"]),
    "no-usage": ("without the usage term", ["semanticnn.usage=0"]),
    "attribution": ("with the attribution term", ["semanticnn.attribution=0.01"]),
    "gray": ("indices in Gray code", ["semanticnn.mapping=gray"]),
    "symbols": ("trained with replaced symbols", ["semanticnn.errors=symbols"]),
    "noiseless": ("trained without errors", NOISELESS),
    "hamming": ("trained without errors, fewer channels, Hamming (7, 4)",
                NOISELESS + ["semanticnn.code=hamming_7_4"]),
    "repetition": ("trained without errors, fewer channels, sent three times",
                   NOISELESS + ["semanticnn.code=repetition_3"]),
}

# The recipes' channels, and those of a code: as many as make its messages as long, at most.
CHANNELS = {"fashion-mnist": 64, "cifar10": 256}
RATES = {"hamming": (4, 7), "repetition": (1, 3)}


def folder(arguments, dataset, variant, seed):
    return arguments.output / f"{dataset}-{variant}-{seed}"


def train(arguments, dataset, variant, seed):
    overrides = [f"seed={seed}"] + VARIANTS[variant][1] + arguments.set
    if variant in RATES:
        share, whole = RATES[variant]
        overrides.append(f"semanticnn.channels={CHANNELS[dataset] * share // whole}")
    if dataset == "cifar10":
        overrides += arguments.cifar10
    return runs.train(
        arguments.cleave, RECIPES / f"{DATASETS[dataset]}.yaml",
        folder(arguments, dataset, variant, seed), overrides,
        threads=arguments.threads)


def run(arguments):
    if "cifar10" in arguments.only and not arguments.cifar10:
        print("cifar10 is left out: --cifar10 network.checkpoint=… says where its checkpoint is, "
              "--cifar10 data.path=… where the images are", file=sys.stderr)
    # Seeds go outermost, so that a study that is stopped has whole rows.
    kept = runs.Results(RESULTS)
    wanted = [(arguments, dataset, variant, seed) for seed in arguments.seeds
              for dataset in arguments.only for variant in arguments.variants
              if (dataset != "cifar10" or arguments.cifar10)
              and not (arguments.missing and f"{dataset}-{variant}-{seed}" in kept)]
    return runs.side_by_side(train, wanted, arguments.jobs)


def keep(arguments):
    """Takes the figures of the runs that are done into the results."""
    kept = runs.Results(RESULTS)
    for dataset in arguments.only:
        for variant in VARIANTS:
            for seed in arguments.seeds:
                file = folder(arguments, dataset, variant, seed) / "report.json"
                if file.exists():
                    kept.keep(file.parent.name, file, lambda report: {
                        "bit_errors": report["bit_errors"], "epochs": report["training"]["epochs"]})
    kept.write()
    return 0


def difference(first, second):
    """The mean of first − second over the seeds of both, and its interval."""
    return interval(first[seed] - second[seed] for seed in sorted(set(first) & set(second)))


def accuracies(found, system, rate):
    """In percent by seed, of one of a report's systems at a bit error rate."""
    return {seed: 100 * next(point["accuracy"] for point in report["bit_errors"][system]["points"]
                             if point["rate"] == rate)
            for seed, report in found.items()}


def draws(found, system, rate):
    """The mean over the seeds of the deviation over draws of the channel, in points."""
    return statistics.mean(
        100 * next(point["deviation"] for point in report["bit_errors"][system]["points"]
                   if point["rate"] == rate) for report in found.values())


def table(arguments):
    kept = runs.Results(RESULTS)
    for dataset in arguments.only:
        found = {
            variant: kept.by_seed(lambda seed: folder(arguments, dataset, variant, seed))
            for variant in VARIANTS}
        full = found["full"]
        if not full:
            continue
        rates = [point["rate"] for point in next(iter(full.values()))["bit_errors"][0]["points"]]
        heading(
            f"{dataset}, accuracy in percent over bit error rates, {len(full)} seeds (± over the seeds, "
            "in brackets the mean deviation over draws of the channel).",
            ["system", "bytes", "fp32 over it"] + [f"{rate:g}" for rate in rates])
        rows = [("SemanticNN", full, 0), ("features in 3 bits, untrained", full, 1)]
        rows += [(VARIANTS[name][0], found[name], 0)
                 for name in ("noiseless", "hamming", "repetition")]
        rows.append(("trained without errors, rANS and checksum", found["noiseless"], 2))
        for label, results, system in rows:
            if not results:
                continue
            entries = [report["bit_errors"][system] for report in results.values()]
            row(label, f"{statistics.mean(entry['bytes'] for entry in entries):,.0f}",
                f"{statistics.mean(entry['ratio'] for entry in entries):.1f}",
                *(f"{spread(list(accuracies(results, system, rate).values()))} "
                  f"({draws(results, system, rate):.2f})" for rate in rates))
        heading(
            f"{dataset}: what SemanticNN's parts give, points to the whole at each bit error rate.",
            ["variant", "seeds"] + [f"{rate:g}" for rate in rates])
        for variant, (label, _) in VARIANTS.items():
            if variant == "full" or not found[variant] or variant in ("hamming", "repetition"):
                continue
            row(label, len(found[variant]),
                *(difference(accuracies(found[variant], 0, rate), accuracies(full, 0, rate))
                  for rate in rates))
        names = [f"{dataset}-{variant}-{seed}" for variant in VARIANTS for seed in found[variant]]
        print(f"\nKept: {kept.provenance(names) or 'nothing'}.")
    return 0


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("action", choices=["run", "keep", "table"])
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/semanticnn"))
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--only", nargs="+", choices=list(DATASETS), default=list(DATASETS))
parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
parser.add_argument("--missing", action="store_true", help="leave out what results.json has")
parser.add_argument("--jobs", type=int, default=1, help="runs side by side")
parser.add_argument("--threads", type=int, help="of each run")
parser.add_argument("--set", action="append", default=[], help="for every run")
parser.add_argument("--cifar10", action="append", default=[], metavar="SET",
                    help="for the runs on CIFAR-10, such as network.checkpoint=resnet20-cifar10.h5")
arguments = parser.parse_args()
sys.exit({"run": run, "keep": keep, "table": table}[arguments.action](arguments))
