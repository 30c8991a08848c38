#!/usr/bin/env python3
"""Predefined sparsity and early exits: densities, patterns, junctions, and thresholds of exits.

    swift build -c release
    python3 Recipes/sparse-exit/study.py run --output runs/sparse-exit --jobs 2
    python3 Recipes/sparse-exit/study.py run --output runs/sparse-exit --only exits \\
        --cifar10 network.checkpoint=resnet44-cifar10.h5
    python3 Recipes/sparse-exit/study.py table --output runs/sparse-exit

`published`, `density`, `equal`, `patterns` and `junctions` train perceptrons on Fashion-MNIST, filled up
to 800 inputs, by fashion-mnist.yaml; `exits` trains the three recipes with exits, CIFAR-10 only if
--cifar10 says where its checkpoint is. Differences are paired by seed; the interval is Student's, 95 %.
A run that has a report is not run again, so a study that was stopped goes on where it was; latencies
are of times measured at the end of a run, so that --jobs 1 gives truer ones. Needs nothing but Python's
own library.
"""

import argparse
import dataclasses
import json
import pathlib
import statistics
import sys

RECIPES = pathlib.Path(__file__).parent
sys.path.insert(0, str(RECIPES.parent))
import runs  # noqa: E402
from runs import heading, interval, row, spread  # noqa: E402

STUDIES = ["published", "density", "equal", "patterns", "junctions", "exits"]
INPUTS, CLASSES = 800, 10
# How many memories the inputs of a clash-free pattern lie in: no divisor of what an output of the
# networks below reads, as otherwise the order of the memories is all the same and dithering changes
# nothing.
MEMORIES = {800: 32, 400: 16, 40: 8}


def text(value):
    """A truth as a recipe writes it."""
    return "true" if value else "false"


# MARK: - Networks


@dataclasses.dataclass(frozen=True)
class Perceptron:
    """A perceptron, and how many outputs read each unit of a junction: all if it is dense."""

    hidden: tuple
    degrees: tuple
    pattern: str = "structured"
    dither: bool = False

    @property
    def units(self):
        return (INPUTS,) + self.hidden + (CLASSES,)

    @property
    def junctions(self):
        """The inputs, outputs and out-degree of each junction."""
        return list(zip(self.units, self.units[1:], self.degrees))

    @property
    def name(self):
        return "-".join(map(str, self.units))

    @property
    def folder(self):
        kind = "" if self.pattern == "structured" else f"-{self.pattern}"
        return (f"{self.name}-degrees-{'-'.join(map(str, self.degrees))}{kind}"
                + ("-dither" if self.dither else ""))

    @property
    def degree_text(self):
        return ", ".join("dense" if degree == outputs else str(degree)
                         for _, outputs, degree in self.junctions)

    @property
    def density_text(self):
        return ", ".join(f"{100 * degree / outputs:.3g}" for _, outputs, degree in self.junctions)

    @property
    def weights(self):
        """As many multiply-accumulates does an image take."""
        return sum(inputs * degree for inputs, _, degree in self.junctions)

    def bytes(self, stored):
        """Weights and biases in single precision, and what says where they belong.

        That is 8 bytes a sparse layer for its seed; or 2 an index, and 4 an output where degrees
        differ.
        """
        total = 0
        for inputs, outputs, degree in self.junctions:
            weights = inputs * degree
            total += 4 * (weights + outputs)
            if degree == outputs:
                continue
            indices = 2 * weights + (4 * outputs if self.pattern == "random" else 0)
            total += 8 if stored == "seed" else indices
        return total

    @property
    def overrides(self):
        rules = []
        for index, (inputs, outputs, degree) in enumerate(self.junctions):
            keys = [f"layers: fc{index + 1}", f"out_degree: {degree}"]
            if index == 0:
                keys.append(f"pad_inputs: {INPUTS}")
            if degree < outputs:
                keys.append(f"pattern: {self.pattern}")
                if self.pattern.startswith("clash_free"):
                    keys += [f"memories: {MEMORIES[inputs]}", f"dither: {text(self.dither)}"]
            if index == 0 or degree < outputs:
                rules.append("{" + ", ".join(keys) + "}")
        return [f"network.architecture=mlp-{'-'.join(map(str, self.hidden))}",
                f"network.sparsity=[{', '.join(rules)}]"]

    def check(self, report, place):
        """Says so if a report is of another network than this one."""
        biases = sum(self.units[1:])
        _, outputs, degree = self.junctions[0]
        device = 4 * (INPUTS * degree + outputs)
        if degree < outputs:
            device += 8
        found = (report["parameters"], report["macs"], report["split"]["encoder_bytes"])
        if found != (self.weights + biases, self.weights, device):
            print(f"{place}: parameters, MACs and device bytes are {found}, expected "
                  f"{(self.weights + biases, self.weights, device)}", file=sys.stderr)


def dense(*hidden):
    return Perceptron(hidden, hidden + (CLASSES,))


PUBLISHED = [Perceptron((40, 40), (2, 9, 10)), dense(3, 3), dense(40, 40)]

# The density of the first two junctions, the out-degrees that give it, and the dense network that has
# as many weights.
LARGE = (400, 100)
DENSITIES = {
    0.05: ((20, 5, 10), dense(24, 6)),
    0.1: ((40, 10, 10), dense(45, 11)),
    0.15: ((60, 15, 10), dense(67, 17)),
    0.2: ((80, 20, 10), dense(89, 22)),
    0.5: ((200, 50, 10), dense(211, 53)),
    1: ((400, 100, 10), None),
}


@dataclasses.dataclass(frozen=True)
class Convolutional:
    """lenet-strided, and how many outputs of fc1 read each of its inputs."""

    degree: int

    INPUTS, HIDDEN = 1568, 1024
    # Weights of the two convolutions and of the last layer, and the biases of all four.
    OTHER_WEIGHTS = 144 + 4608 + 10240
    BIASES = 16 + 32 + 1024 + 10
    OTHER_MACS = 14 * 14 * 9 * 16 + 7 * 7 * 9 * 16 * 32 + 10240

    @property
    def is_dense(self):
        return self.degree == self.HIDDEN

    @property
    def folder(self):
        return f"lenet-strided-degree-{self.degree}"

    @property
    def degree_text(self):
        return "dense" if self.is_dense else str(self.degree)

    @property
    def macs(self):
        return self.INPUTS * self.degree + self.OTHER_MACS

    def bytes(self, stored):
        """All parameters in single precision, and what says where fc1's weights belong."""
        weights = self.INPUTS * self.degree
        place = 0 if self.is_dense else 8 if stored == "seed" else 2 * weights
        return 4 * (weights + self.OTHER_WEIGHTS + self.BIASES) + place

    @property
    def overrides(self):
        return ["network.sparsity=[]" if self.is_dense else
                f"network.sparsity=[{{layers: fc1, out_degree: {self.degree}}}]"]

    def check(self, report, place):
        """Says so if a report is of another network than this one."""
        parameters = self.INPUTS * self.degree + self.OTHER_WEIGHTS + self.BIASES
        found = (report["parameters"], report["macs"])
        if found != (parameters, self.macs):
            print(f"{place}: parameters and MACs are {found}, expected "
                  f"{(parameters, self.macs)}", file=sys.stderr)


# A network of which most weights and operations are in one layer, and the same with an eighth of that
# layer's weights: a quarter of all operations.
EQUAL = [Convolutional(1024), Convolutional(128)]

PATTERN_NETWORKS = [((40, 40), (2, 9, 10)), ((40, 40), (1, 2, 10)), ((400, 100), (4, 1, 10))]
PATTERNS = [("structured", False), ("random", False)] + [
    (f"clash_free_{kind}", dither) for kind in (1, 2, 3) for dither in (False, True)]

# Networks of equally many weights, from the densest first junction to the densest last one.
LADDERS = [
    [Perceptron((100, 100), degrees) for degrees in
     [(11, 2, 1), (10, 10, 1), (9, 9, 10), (5, 41, 10), (1, 73, 10)]],
    [Perceptron((40, 40), degrees) for degrees in
     [(2, 18, 1), (2, 14, 5), (2, 9, 10), (1, 29, 10)]],
]

EXIT_RECIPES = ["fashion-mnist-exit", "fashion-mnist-frozen", "cifar10-resnet44"]


def perceptrons(study):
    """The networks of a study."""
    if study == "published":
        return PUBLISHED
    if study == "density":
        return [network for degrees, small in DENSITIES.values()
                for network in [Perceptron(LARGE, degrees), small] if network]
    if study == "equal":
        return EQUAL
    if study == "patterns":
        return [Perceptron(hidden, degrees, pattern, dither)
                for hidden, degrees in PATTERN_NETWORKS for pattern, dither in PATTERNS]
    return [network for ladder in LADDERS for network in ladder]


# MARK: - Running


def folder(arguments, name, seed):
    return arguments.output / f"{name}-{seed}"


def train(arguments, recipe, name, seed, overrides):
    overrides = [f"seed={seed}"] + overrides + arguments.set
    if arguments.epochs is not None:
        overrides.append(f"train.epochs={arguments.epochs}")
    return runs.train(
        arguments.cleave, RECIPES / f"{recipe}.yaml", folder(arguments, name, seed), overrides,
        threads=1 if arguments.jobs > 1 else None)


def run(arguments):
    wanted = {}
    for study in arguments.only:
        for seed in arguments.seeds or range(1, 4 if study == "exits" else 6):
            if study != "exits":
                for network in perceptrons(study):
                    # Studies share networks.
                    recipe = "fashion-mnist"
                    if study == "equal":
                        recipe += "-convolutional"
                    wanted[network.folder, seed] = (
                        arguments, recipe, network.folder, seed, network.overrides)
                continue
            for recipe in EXIT_RECIPES:
                isCIFAR = recipe.startswith("cifar10")
                if isCIFAR and not arguments.cifar10:
                    continue
                wanted[recipe, seed] = (
                    arguments, recipe, recipe, seed, arguments.cifar10 if isCIFAR else [])
    if "exits" in arguments.only and not arguments.cifar10:
        print("cifar10-resnet44 is left out: --cifar10 network.checkpoint=… says where its "
              "checkpoint is, --cifar10 data.path=… where the images are", file=sys.stderr)
    return runs.side_by_side(train, list(wanted.values()), arguments.jobs)


# MARK: - Numbers


def differences(first, second):
    """Of first − second, over the seeds of both."""
    return [first[seed] - second[seed] for seed in sorted(set(first) & set(second))]


def difference(first, second):
    return interval(differences(first, second))


def reports(arguments, name):
    """What was measured, by seed."""
    files = {seed: folder(arguments, name, seed) / "report.json" for seed in range(1, 1000)}
    return {seed: json.loads(file.read_text()) for seed, file in files.items() if file.exists()}


def accuracies(arguments, network):
    """The test accuracies of a network in percent, by seed."""
    found = reports(arguments, network.folder)
    for seed, report in found.items():
        network.check(report, folder(arguments, network.folder, seed))
    return {seed: 100 * report["accuracy"] for seed, report in found.items()}


def seed_text(results):
    """How many seeds there are of each, if they are not of one number then the range."""
    counts = {len(result) for result in results if result}
    if not counts:
        return "no seeds"
    low, high = min(counts), max(counts)
    return f"{low} seed{'s' if low > 1 else ''}" if low == high else f"{low} to {high} seeds"


# MARK: - Tables


def published(arguments):
    found = {network: accuracies(arguments, network) for network in PUBLISHED}
    if not any(found.values()):
        return
    heading(
        "The published networks on Fashion-MNIST, "
        f"{seed_text(found.values())}; differences to the sparse one are paired by seed.",
        ["network", "out-degrees", "weights, MACs", "bytes: with seeds", "with indices",
         "accuracy, %", "difference, points"])
    for network in PUBLISHED:
        row(network.name, network.degree_text, f"{network.weights:,}",
            f"{network.bytes('seed'):,}", f"{network.bytes('index'):,}",
            spread(found[network].values()),
            "–" if network is PUBLISHED[0]
            else difference(found[network], found[PUBLISHED[0]]))


def density(arguments):
    networks = {density: Perceptron(LARGE, degrees)
                for density, (degrees, _) in DENSITIES.items()}
    found = {density: accuracies(arguments, network) for density, network in networks.items()}
    small = {density: accuracies(arguments, other) if other else {}
             for density, (_, other) in DENSITIES.items()}
    if not any(found.values()):
        return
    full = networks[1]
    heading(
        f"{full.name} over the density of its first two junctions, "
        f"{seed_text(found.values())}; in brackets how many times less than dense.",
        ["density", "weights, MACs", "bytes: with seeds", "with indices", "accuracy, %",
         "to dense, points", "dense of as many weights", "its accuracy, %",
         "to it, points"])
    equal = []
    for density, network in networks.items():
        other = DENSITIES[density][1]

        def less(value, whole):
            return f"{value:,}" if network is full else f"{value:,} ({whole / value:.1f} ×)"

        row(f"{density:g}", less(network.weights, full.weights),
            less(network.bytes("seed"), full.bytes("seed")),
            less(network.bytes("index"), full.bytes("index")), spread(found[density].values()),
            "–" if network is full else difference(found[density], found[1]),
            f"{other.name}, {other.weights:,}" if other else "–",
            spread(small[density].values()),
            difference(found[density], small[density]) if other else "–")
        pairs = differences(found[density], found[1])
        if network is not full and len(pairs) > 1 and runs.bounds(pairs)[2] >= 0:
            equal.append((density, network, pairs))
    print()
    fourfold = [entry for entry in equal
                if full.bytes("index") >= 4 * entry[1].bytes("index")
                and full.weights >= 4 * entry[1].weights]
    if fourfold:
        density, network, pairs = fourfold[0]
        print(f"At density {density:g} the difference to the dense network is "
              f"{interval(pairs)} points, at "
              f"{full.weights / network.weights:.1f} times fewer multiply-accumulates and "
              f"{full.bytes('index') / network.bytes('index'):.1f} times less storage with "
              f"indices, {full.bytes('seed') / network.bytes('seed'):.1f} with seeds.")
    elif equal:
        density, network, _ = equal[0]
        print(f"The sparsest network within the interval of the dense one has density "
              f"{density:g}: {full.weights / network.weights:.1f} times fewer "
              f"multiply-accumulates, {full.bytes('index') / network.bytes('index'):.1f} times "
              f"less storage with indices, "
              f"{full.bytes('seed') / network.bytes('seed'):.1f} with seeds.")
    else:
        print("No sparse network is within the interval of the dense one.")


def equal(arguments):
    found = {network: accuracies(arguments, network) for network in EQUAL}
    if not any(found.values()):
        return
    whole = EQUAL[0]
    heading(
        f"lenet-strided with fc1 sparse, {seed_text(found.values())}; the difference is paired by seed.",
        ["fc1's out-degree", "MACs", "bytes: with seeds", "with indices", "accuracy, %",
         "difference, points"])
    for network in EQUAL:
        def less(value, other):
            return f"{value:,}" if network is whole else f"{value:,} ({other / value:.2f} ×)"

        row(network.degree_text, less(network.macs, whole.macs),
            less(network.bytes("seed"), whole.bytes("seed")),
            less(network.bytes("index"), whole.bytes("index")),
            spread(found[network].values()),
            "–" if network is whole else difference(found[network], found[whole]))


def patterns(arguments):
    found = {
        (pair, network): accuracies(arguments, Perceptron(*network, *pair))
        for pair in PATTERNS for network in PATTERN_NETWORKS}
    if not any(found.values()):
        return
    columns = ["pattern"]
    for hidden, degrees in PATTERN_NETWORKS:
        network = Perceptron(hidden, degrees)
        columns += [f"{network.name} ({network.degree_text}; {network.weights:,} weights)",
                    "to structured, points"]
    memories = ", ".join(f"{count} for {inputs}" for inputs, count in MEMORIES.items())
    heading(
        f"Patterns at low density, accuracy in percent, {seed_text(found.values())}; without clashes "
        f"the memories are {memories} inputs.", columns)
    for pair in PATTERNS:
        cells = []
        for network in PATTERN_NETWORKS:
            own = found[pair, network]
            cells += [spread(own.values()),
                      "–" if pair == PATTERNS[0]
                      else difference(own, found[PATTERNS[0], network])]
        row(pair[0].replace("_", " ") + (", dithered" if pair[1] else ""), *cells)


def junctions(arguments):
    for ladder in LADDERS:
        found = {network: accuracies(arguments, network) for network in ladder}
        if not any(found.values()):
            continue
        weights = {network.weights for network in ladder}
        assert len(weights) == 1, weights
        heading(
            f"{ladder[0].name} with {weights.pop():,} weights in every row, moved from the first "
            f"junction to the last, {seed_text(found.values())}; differences are to the first row.",
            ["out-degrees", "density of each junction, %", "accuracy, %", "difference, points"])
        for network in ladder:
            row(network.degree_text, network.density_text, spread(found[network].values()),
                "–" if network is ladder[0]
                else difference(found[network], found[ladder[0]]))


# MARK: - Exits

UNITS = {"ns": 1e-9, "µs": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1, "min": 60, "h": 3600,
         "nJ": 1e-9, "µJ": 1e-6, "mJ": 1e-3, "J": 1, "kJ": 1e3}


def quantity(text):
    """A number with a unit in seconds or joules."""
    number, unit = text.split()
    return float(number) * UNITS[unit]


def named(report, name):
    return next(point for point in report["exits"]["named"] if point["name"] == name)


def at_threshold(report, threshold):
    """The point of the curve with the nearest threshold that is not below one."""
    return min((point for point in report["exits"]["curve"]
                if point["threshold"] >= threshold), key=lambda point: point["threshold"])


def exit_row(label, points, remote=None):
    """A row of means over the seeds; `remote` is what its accuracies are compared with."""
    def mean(value):
        return statistics.mean(value(point) for point in points.values())

    accuracy = {seed: 100 * point["accuracy"] for seed, point in points.items()}
    shares = zip(*(point["exit_shares"] for point in points.values()))
    row(label, spread(accuracy.values()),
        "–" if remote is None else difference(accuracy, remote),
        *(f"{100 * statistics.mean(share):.1f}" for share in shares),
        f"{mean(lambda point: point['bytes']):,.0f}",
        f"{mean(lambda point: point['device_macs']):,.0f}",
        f"{mean(lambda point: point['server_macs']):,.0f}",
        f"{1000 * mean(lambda point: quantity(point['latency'])):,.2f}",
        f"{1000 * mean(lambda point: quantity(point['energy'])):,.2f}")


def exits(arguments):
    for recipe in EXIT_RECIPES:
        found = reports(arguments, recipe)
        if not found:
            continue
        first = next(iter(found.values()))["exits"]
        heading(
            f"`{recipe}.yaml`: its exits by themselves, {seed_text([found])}.",
            ["exit at", "on the", "accuracy alone, %", "temperature",
             "calibration error: before", "after", "MACs", "bytes"])
        for index, entry in enumerate(first["exits"]):
            def over(key):
                return [report["exits"]["exits"][index][key] for report in found.values()]

            row(entry["edge"], entry["place"], spread(100 * value for value in over("accuracy")),
                f"{statistics.mean(over('temperature')):.2f}",
                f"{statistics.mean(over('calibration_error_before')):.4f}",
                f"{statistics.mean(over('calibration_error')):.4f}",
                f"{entry['macs']:,}", f"{entry['bytes']:,}")
        columns = ["threshold", "accuracy, %", "to always remote, points"] + [
            f"leave at {entry['edge'].split('.')[0]} ({entry['place']}), %"
            for entry in first["exits"]
        ] + ["bytes up", "device MACs", "server MACs", "latency, ms", "energy, mJ"]
        heading(
            f"`{recipe}.yaml` over the threshold of its {first['rule'].replace('_', ' ')}, means "
            f"over the test images and {seed_text([found])}.", columns)
        remotes = {seed: named(report, "remote") for seed, report in found.items()}
        remote = {seed: 100 * point["accuracy"] for seed, point in remotes.items()}
        alone = accuracies(arguments, PUBLISHED[0]) if recipe == "fashion-mnist-exit" else {}
        alone = {seed: value for seed, value in alone.items() if seed in remote}
        if alone:
            row("trained without an exit", spread(alone.values()), difference(alone, remote),
                *["–"] * (len(columns) - 3))
        exit_row("always remote", remotes)
        for threshold in sorted(arguments.thresholds, reverse=True):
            exit_row(f"{threshold:g}",
                     {seed: at_threshold(report, threshold) for seed, report in found.items()},
                     remote)
        chosen = {seed: named(report, "chosen") for seed, report in found.items()}
        taus = [point["threshold"] for point in chosen.values()]
        text = f"{min(taus):.3f}" if max(taus) - min(taus) < 5e-4 else (
            f"{min(taus):.3f} to {max(taus):.3f}")
        if max(taus) > 1:
            text = "none leave" if min(taus) > 1 else f"{min(taus):.3f} to none leave"
        exit_row(f"chosen: {text}", chosen, remote)
        exit_row("always local", {seed: named(report, "local") for seed, report in found.items()},
                 remote)


def table(arguments):
    for study in arguments.only:
        {"published": published, "density": density, "equal": equal, "patterns": patterns,
         "junctions": junctions, "exits": exits}[study](arguments)
    return 0


parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("action", choices=["run", "table"])
parser.add_argument("--output", type=pathlib.Path, default=pathlib.Path("runs/sparse-exit"))
parser.add_argument("--cleave", default=".build/release/cleave")
parser.add_argument("--only", nargs="+", choices=STUDIES, default=STUDIES)
parser.add_argument("--seeds", nargs="+", type=int, help="1 to 5, of the exits 1 to 3 unless given")
parser.add_argument("--epochs", type=int, help="the recipes' unless given")
parser.add_argument("--jobs", type=int, default=1, help="runs side by side, each on one thread")
parser.add_argument("--thresholds", nargs="+", type=float, default=[0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
parser.add_argument("--set", action="append", default=[], help="for every run")
parser.add_argument("--cifar10", action="append", default=[], metavar="SET",
                    help="for the runs on CIFAR-10, such as network.checkpoint=resnet44-cifar10.h5")
arguments = parser.parse_args()
sys.exit({"run": run, "table": table}[arguments.action](arguments))
