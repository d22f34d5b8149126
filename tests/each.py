#!/usr/bin/env python3
"""each.py WORD PROGRAM... -- runs test programs, as many at a time as there are
CPUs (FRESHET_JOBS).  What one prints comes out whole, after "  WORD PROGRAM" and
in the order of the arguments.  All are run; the status tells if one failed.
"""
import concurrent.futures
import os
import subprocess
import sys

JOBS = int(os.environ.get("FRESHET_JOBS") or len(os.sched_getaffinity(0)))


def run(program):
    return subprocess.run([program], stdin=subprocess.DEVNULL, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main(word, programs):
    failed = []
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for program, done in zip(programs, pool.map(run, programs)):
            print(f"  {word} {program}", flush=True)
            sys.stdout.buffer.write(done.stdout)
            sys.stdout.flush()
            if done.returncode != 0:
                failed.append(program)
    for program in failed:
        print(f"  FAILED {program}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
