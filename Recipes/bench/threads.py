#!/usr/bin/env python3
"""How the work of pytorch.py goes faster with more threads, in turn (1 2 1 2 …).

    swift build -c release
    python3 Recipes/bench/threads.py

Each round runs every row once for each number of threads, in a process of its own; medians count.
Needs nothing but Python's own library.
"""

import argparse
import statistics

from pytorch import ROWS, ours


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cleave", default=".build/release/cleave")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rows", type=int, nargs="+", default=range(len(ROWS)))
    arguments = parser.parse_args()
    first, *others = arguments.threads
    print(f"| work | batch | {first} thread |"
          + "".join(f" {count} threads | speed-up (range) |" for count in others))
    print("|---|---|---|" + "---|---|" * len(others))
    for index in arguments.rows:
        row = ROWS[index]
        times = {count: [] for count in arguments.threads}
        for _ in range(arguments.rounds):
            for count, found in times.items():
                found.append(ours(row, arguments.cleave, count)["seconds"]["median"])
        line = f"| {row[0]} | {row[3]} | {1000 * statistics.median(times[first]):.0f} ms |"
        for count in others:
            ratios = sorted(a / b for a, b in zip(times[first], times[count]))
            line += (f" {1000 * statistics.median(times[count]):.0f} ms |"
                     f" {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f}) |")
        print(line, flush=True)


if __name__ == "__main__":
    main()
