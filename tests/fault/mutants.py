#!/usr/bin/env python3
"""mutants.py [NAME...] -- puts old bugs back in; a test must fail for each.

A test that has never failed proves nothing.  Each mutant (disk.h) is a run of
the tests that are there to catch it, with the faults build; each of them must
fail, by what it found and not because it broke down.  First the same tests run
without a mutant, and must pass.
"""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# mutant -> {test: what it must say}
MUTANTS = {
    "no_fsync": {
        "test_power.Plug.test_ext4": "was acknowledged",
        "test_power.Plug.test_after_each_answer": "was acknowledged"},
    "reply_first": {
        "test_order.Order.test_no_answer_while_the_sync_hangs":
            "answered before the sync"},
    "no_dir_fsync": {
        "test_power.Plug.test_after_each_answer": "was acknowledged"},
    "no_crc": {
        "test_rot.Rot.test_the_daemon_refuses": "0 != 65"},
    "no_dedupe": {
        "test_dedupe.Dedupe.test_one_after_the_other": "",
        "test_dedupe.LostAnswers.test_the_client_hangs_up": ""},
}
NONE = "none"


def run(mutant, tests):
    """{test: (word, what it said)} of one run."""
    done = subprocess.run(
        [sys.executable, os.path.join(HERE, "run.py"), *tests],
        env={**os.environ, "FRESHET_MUTANT": mutant}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    results, said = {}, []
    for line in done.stdout.splitlines():
        m = re.match(r"(ok|FAIL|skip) +(\S+)  [\d.]+ s$", line)
        if m:
            results[m[2]] = m[1], "\n".join(said)
            said = []
        else:
            said.append(line)
    for test in tests:
        if test not in results:
            results[test] = "ran not", done.stdout
    return results


def reason(said):
    """The first line of an AssertionError or Loss."""
    m = re.search(r"^(?:AssertionError|ledger\.Loss)(?:: (.*))?$", said, re.M)
    return (m[1] or "assertion") if m else None


def judge(mutant, test, word, said, expected):
    """Prints the verdict; True when the mutant was caught or not tried."""
    why = reason(said)
    if word == "skip":
        print(f"  MUTANT {mutant} NOT TRIED: {test} was skipped", flush=True)
        return True
    if word == "FAIL" and why and expected in said:
        print(f"  MUTANT {mutant} caught by {test}: {why[:100]}", flush=True)
        return True
    print(f"{said}\n  MUTANT {mutant} survived {test} ({word})", flush=True)
    return False


def main(names):
    chosen = {m: MUTANTS[m] for m in names or MUTANTS}
    tests = sorted({t for of in chosen.values() for t in of})
    sound = True
    for test, (word, said) in run(NONE, tests).items():
        if word not in ("ok", "skip"):
            print(f"{said}\n  {test} fails without a mutant")
            sound = False
    for mutant, of in chosen.items():
        for test, (word, said) in run(mutant, list(of)).items():
            sound &= judge(mutant, test, word, said, of[test])
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
