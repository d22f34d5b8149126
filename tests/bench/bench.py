#!/usr/bin/env python3
"""bench.py -- the numbers that freshet holds itself to, measured in one run.

Each row states its bar and whether it is met.  Timing never fails the program:
a machine may be slow, or busy; what cannot be measured at all does (status 1).
"""
import argparse
import json
import sys

from parts import PARTS
from rig import Failed, Row, machine, say


def show(value):
    """Four significant digits or so."""
    if value is None:
        return "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def table(rows):
    """The rows as aligned text, notes below each."""
    cells = [("part", "what", "value", "bar", "met")]
    for r in rows:
        bar = f"{r.bar[0]} {show(r.bar[1])}" if r.bar else ""
        met = {True: "yes", False: "NO", None: ""}[r.met]
        cells.append((r.part, r.what, f"{show(r.value)} {r.unit}", bar, met))
    width = [max(len(c[i]) for c in cells) for i in range(5)]
    notes = [""] + [r.note for r in rows]
    for c, note in zip(cells, notes):
        print(f"{c[0]:<{width[0]}}  {c[1]:<{width[1]}}  {c[2]:>{width[2]}}  "
              f"{c[3]:<{width[3]}}  {c[4]:<{width[4]}}".rstrip())
        if note:
            print(" " * (width[0] + 4) + note)


def measure(names, quick):
    """The rows of all parts, and whether each part could be measured."""
    rows, complete = [], True
    for name in names:
        say(name)
        try:
            rows.extend(PARTS[name](quick))
        except (Failed, OSError, AssertionError) as e:
            rows.append(Row(name, "not measured", None, note=str(e)))
            complete = False
    return rows, complete


def main():
    parser = argparse.ArgumentParser(
        description="Measures freshet against its bars.",
        epilog="parts: " + "; ".join(
            f"{n}: {f.__doc__.splitlines()[0]}" for n, f in PARTS.items()))
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help="parts to run; all by default")
    parser.add_argument("--quick", action="store_true",
                        help="shorter and fewer runs: to see that it works")
    parser.add_argument("--json", metavar="FILE",
                        help="write all rows, with every single run, to FILE")
    options = parser.parse_args()
    for name in options.parts:
        if name not in PARTS:
            parser.error(f"no part {name}; there are {', '.join(PARTS)}")
    where = machine()
    rows, complete = measure(options.parts or list(PARTS), options.quick)
    print(f"freshet {where['version']} on {where['cores']} cores of "
          f"{where['cpu']}, Linux {where['kernel']}, {where['date']}"
          f"{', quick' if options.quick else ''}")
    if where["busy_cores"] > 0.1:
        print(f"NOT QUIET: others kept {where['busy_cores']:.2f} cores busy "
              "before the start")
    table(rows)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as f:
            json.dump({"machine": where, "quick": options.quick,
                       "rows": [r.as_dict() for r in rows]}, f, indent=1)
            f.write("\n")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
