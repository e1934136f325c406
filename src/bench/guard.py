#!/usr/bin/env python3
"""Has anything become slower? Compares two files that peers.py --json wrote: exits with 1 when a figure got worse by more than
its tolerance.

    python3 src/bench/guard.py BASELINE.json NEW.json

Ratios to a peer that ran in the same rounds may be 10 % worse, seconds and bytes, which also tell of the machine, 25 %; a figure
may say otherwise. A row that only one of the files has is printed, and passes.
"""
import argparse
import json


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("baseline")
    parser.add_argument("new")
    options = parser.parse_args()
    baseline, new = read(options.baseline), read(options.new)
    if baseline["quick"] != new["quick"]:
        parser.error("one of them is of --quick, the other is not: the small form has other sizes, and nothing to compare")
    before, after = figures_of(baseline), figures_of(new)
    for name in before.keys() ^ after.keys():
        print(f"only in {options.baseline if name in before else options.new}: {' '.join(name)}")
    worse = [name for name in before if name in after and is_worse(name, before[name], after[name])]
    print(f"{len(worse)} of {len(before.keys() & after.keys())} figures worse than they may be")
    raise SystemExit(1 if worse else 0)


def read(path):
    with open(path) as file:
        return json.load(file)


def figures_of(run):
    return {(row["key"], figure["name"]): figure for row in run["rows"] for figure in row["figures"]}


def is_worse(name, before, after):
    """Whether a figure is worse by more than its tolerance in the older file: a change cannot loosen its own tolerance."""
    change = before["value"] / after["value"] if before["at_least"] else after["value"] / before["value"]
    worse = change > 1 + before["tolerance"]
    print(f"{'WORSE ' if worse else 'fine  '} {' '.join(name)}: {before['value']:.3g} -> {after['value']:.3g} {before['unit']}".rstrip()
          + f" ({(change - 1) * 100:+.0f} %, {before['tolerance'] * 100:.0f} % allowed)")
    return worse


if __name__ == "__main__":
    main()
