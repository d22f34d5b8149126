"""rig.py -- what the parts of the bench stand on: the daemon, the bare loop and
the load generator as processes, and rows of results."""
import collections
import contextlib
import json
import os
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "http"))
sys.dont_write_bytecode = True

from client import ROOT  # noqa: E402
from daemon import Daemon  # noqa: E402

PROGRAMS = os.environ.get("BENCH_PROGRAMS",
                          os.path.join(ROOT, "build", "release", "bench"))


Server = collections.namedtuple("Server", "address pid")


class Failed(Exception):
    """A part could not be measured; its rows say why."""


class Row:
    """One line of the table.  bar: ("<=", 1.4), (">=", 250000) or None."""

    def __init__(self, part, what, value, unit="", bar=None, note="", runs=()):
        self.part = part
        self.what = what
        self.value = value
        self.unit = unit
        self.bar = bar
        self.note = note
        self.runs = list(runs)

    @property
    def met(self):
        """True or False; None where there is no bar or no value."""
        if self.bar is None or self.value is None:
            return None
        sign, bound = self.bar
        return self.value <= bound if sign == "<=" else self.value >= bound

    def as_dict(self):
        bar = self.bar and f"{self.bar[0]} {self.bar[1]:g}"
        return {"part": self.part, "what": self.what, "value": self.value,
                "unit": self.unit, "bar": bar, "met": self.met,
                "note": self.note, "runs": self.runs}


def say(text):
    print(f"  .. {text}", file=sys.stderr, flush=True)


def load_args(address, **options):
    """The command line of load: rate=5 is --rate=5, cover=True is --cover, a
    list is the option once for each."""
    args = [os.path.join(PROGRAMS, "load"), "--json"]
    for name, value in options.items():
        if value is True:
            args.append(f"--{name}")
            continue
        for one in value if isinstance(value, list) else [value]:
            args.append(f"--{name}={one}")
    return args + [f"{address[0]}:{address[1]}"]


def load_result(process):
    out, err = process.communicate()
    if process.returncode != 0 or not out:
        raise Failed(f"load: status {process.returncode} {err.strip()}")
    result = json.loads(out)
    if result["errors"] > 0:
        raise Failed(f"load: {result['errors']} errors {result['receipts']}")
    return result


def load_start(address, **options):
    return subprocess.Popen(load_args(address, **options), text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def load(address, **options):
    """Runs the load generator to its end; any error is a failure."""
    return load_result(load_start(address, **options))


class Stream:
    """Load in the background, ratings streaming in if nothing else is said, for
    the length of a with block."""

    def __init__(self, address, mode="stream", **options):
        self.process = load_start(address, mode=mode, seconds=600, **options)
        self.result = None

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.process.send_signal(signal.SIGTERM)
        if kind is None:
            self.result = load_result(self.process)
        else:
            self.process.communicate()


@contextlib.contextmanager
def bare_loop():
    """The bare loop, for the length of a with block."""
    with subprocess.Popen([os.path.join(PROGRAMS, "bare_loop")], text=True,
                          stdout=subprocess.PIPE) as process:
        try:
            host, port = process.stdout.readline().split("=")[1].split(":")
            yield Server((host, int(port)), process.pid)
        finally:
            process.terminate()


@contextlib.contextmanager
def serving(*options):
    """A daemon of its own, for the length of a with block."""
    daemon = Daemon(*options)
    try:
        yield daemon.start()
        daemon.stop()
    finally:
        daemon.kill()


def wait_for(daemon, seq, timeout=300):
    """Returns when the serving copy holds event `seq`."""
    end = time.monotonic() + timeout
    with daemon.connect() as c:
        while time.monotonic() < end:
            r = c.post(f"/v1/predict?min_seq={seq}",
                       {"user_id": "u0", "item_id": "i0"})
            if r.status == 200:
                return
            if r.status != 503:
                raise Failed(f"predict?min_seq: {r.status} {r.body!r}")
    raise Failed(f"event {seq} is not in the model after {timeout} s")


def feed(daemon, count, users, items, **more):
    """Streams ratings in, flat out: the seconds from the first byte until the
    model holds them all."""
    r = load(daemon.address, mode="stream", count=count, users=users,
             items=items, **more)
    accepted = sum(x["accepted"] for x in r["receipts"])
    if accepted != count:
        raise Failed(f"sent {count} ratings, accepted {accepted}")
    wait_for(daemon, max(x["seq"] for x in r["receipts"]))
    return (time.monotonic_ns() - r["start_ns"]) * 1e-9


def alternate(first, second, pairs):
    """Runs two measurements in turns, and in turns of order, so that what
    drifts hurts both.  Two lists of results."""
    results = ([], [])
    for i in range(pairs):
        order = (0, 1) if i % 2 == 0 else (1, 0)
        for which in order:
            results[which].append((first, second)[which]())
    return results


def median(values):
    return statistics.median(values)


def busy_cores(seconds=1.0):
    """Cores that are at work while we are not: whoever else is measured too."""
    def busy():
        with open("/proc/stat", encoding="ascii") as f:
            ticks = [int(x) for x in f.readline().split()[1:9]]
        return sum(ticks) - ticks[3] - ticks[4]     # but for idle and iowait

    before = busy()
    time.sleep(seconds)
    return (busy() - before) / os.sysconf("SC_CLK_TCK") / seconds


def machine():
    """What this is measured on; call it first."""
    def run(*args):
        r = subprocess.run(args, cwd=ROOT, capture_output=True, text=True,
                           check=False)
        return r.stdout.strip().split("\n")[0]

    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return {"cpu": model, "cores": os.cpu_count(), "kernel": os.uname().release,
            "busy_cores": round(busy_cores(), 2),
            "version": run("git", "describe", "--tags", "--always", "--dirty"),
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
