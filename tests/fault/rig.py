"""rig.py -- what every fault test stands on: a daemon with a data directory
that outlives it, the export of its log, and the fold of that export.

    make test-faults                        the slice that CI runs
    make test-faults-long                   50 kills, 20 power cuts, ...
    python3 tests/fault/run.py dedupe       names that contain "dedupe"

  FRESHET_BIN     the program under test                  (./freshet)
  FRESHET_FAULTS  the same with failpoints and mutants    (build/faults/freshet)
  FRESHET_LONG    more rounds, more data
  FRESHET_MUTANT  all daemons run with this bug (disk.h); tests are to fail

FRESHET_SEED, FRESHET_SLOW as in tests/http/harness.py.
"""
import contextlib
import glob
import json
import os
import re
import shutil
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "http")]
sys.dont_write_bytecode = True

import daemon  # noqa: E402
import disks  # noqa: E402
import harness  # noqa: E402
from client import NDJSON, ROOT  # noqa: E402
from ledger import Ledger  # noqa: E402
from load import Events, Load, Snapshots  # noqa: E402

FAULTS = os.path.abspath(os.environ.get(
    "FRESHET_FAULTS", os.path.join(ROOT, "build", "faults", "freshet")))
LONG = bool(os.environ.get("FRESHET_LONG"))
MUTANT = os.environ.get("FRESHET_MUTANT")
ROT, UNWRITABLE, LOCKED, CONFIGURATION = 65, 73, 75, 78
# Small segments: a switch every few hundred events.
SEGMENT_BYTES = 65536
OPTIONS = (f"--journal.segment_bytes={SEGMENT_BYTES}",
           "--journal.reserve_bytes=1048576", "--server.workers=2")


def rounds(slice_of, whole):
    """How many times: in the slice, in the long form."""
    return whole if LONG else slice_of


def say(text):
    print(f"      {text}", flush=True)


class FaultTest(harness.OwnDaemonTest):
    """self.data is the data directory, self.ledger the oracle."""

    LIMIT = 600 if LONG else 60

    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(
            tempfile.TemporaryDirectory(prefix="freshet-fault-"))
        self.data = os.path.join(self.folder, "data")
        self.over = {}       # the newest daemon over each data directory
        self.begin("e")

    def begin(self, name):
        """A new ledger; what was before is none of its business."""
        self.ledger = Ledger(name)
        self.make = Events(self.ledger, self.random)

    # ---- daemons -------------------------------------------------------

    def launch(self, *options, data=None, failpoint=None, env=None,
               beside=False, **more):
        """A daemon over self.data, or over `data`; with failpoint it is one of
        the faults build.  One that is there still is killed, but for
        `beside`."""
        env = dict(env or {})
        data = data or self.data
        if data in self.over and not beside:
            self.kill(self.over[data])
        if failpoint:
            env["FRESHET_FAILPOINT"] = failpoint
        if MUTANT:
            env["FRESHET_MUTANT"] = MUTANT
        if failpoint or MUTANT:
            more["program"] = (*more.get("program", ())[:-1], FAULTS)
        d = super().launch(*OPTIONS, f"--data.dir={data}", *options, env=env,
                           **more)
        self.over[data] = d
        return d

    @staticmethod
    def kill(d):
        """As kill -9 does, and the files of the dead stay."""
        if d.process.poll() is None:
            d.process.kill()
        d.status = d.process.wait()

    def load(self, d, **more):
        """Clients that are at work until stop() or wait()."""
        load = Load(d.address, self.ledger, self.random, make=self.make,
                    **more)
        load.start()
        self.addCleanup(load.stopping.set)
        return load

    def snapshots_of(self, d):
        """Snapshots of d, one after the other, until stop()."""
        thread = Snapshots(d.address)
        thread.start()
        self.addCleanup(thread.stopping.set)
        return thread

    def rate(self, c, events, query=""):
        """Sends events on a connection, notes the answer; the response."""
        self.ledger.send(events)
        r = c.post("/v1/ratings" + query,
                   events[0] if len(events) == 1 else events)
        self.ledger.note(events, r)
        return r

    def fill(self, d, n, size=1):
        """n accepted events, so many in one request; the last seq."""
        with d.connect() as c:
            for _ in range(0, n, size):
                r = self.rate(c, self.make.many(size))
                self.assertEqual(r.status, 202, r)
            return r.json()["seq"]

    def stream(self, d, n):
        """n ratings without event_ids, as fast as they go; the stats when all
        are learned."""
        part = 10000
        text = b"".join(json.dumps(
            {"user_id": self.random.randrange(50000),
             "item_id": self.random.randrange(10000),
             "rating": self.random.randint(1, 5),
             "timestamp": 1700000000 + k}).encode() + b"\n"
            for k in range(part))
        with d.connect() as c:
            for _ in range(n // part):
                r = c.post("/v1/ratings", text, kind=NDJSON)
                self.assertEqual(r.json()["accepted"], part, r)
            return c.settled()

    # ---- its log -------------------------------------------------------

    def check_log(self, *options, data=None, status=0):
        """`freshet check-log`, which must end with status.  While a daemon
        has the directory, a copy of its log is looked at."""
        env = {"FRESHET_MUTANT": MUTANT} if MUTANT else None
        data = data or self.data
        d = self.over.get(data)
        if d and d.process.poll() is None:
            live, data = data, os.path.join(self.folder, "live")
            shutil.rmtree(data, ignore_errors=True)
            shutil.copytree(os.path.join(live, "log"),
                            os.path.join(data, "log"))
        done = daemon.command("check-log", data, *options, env=env,
                              program=FAULTS if MUTANT else daemon.BINARY)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def refold(self, *options, data=None):
        """`freshet refold`; the model_hash it ends with."""
        done = daemon.command("refold", *OPTIONS,
                              f"--data.dir={data or self.data}", *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return re.search(r"model_hash\W+([0-9a-f]+)", done.stdout)[1]

    def export(self, data=None):
        """The events of the log, genesis apart, as dictionaries in order;
        where there is no log yet, none."""
        if not glob.glob(os.path.join(data or self.data, "log", "[0-9]*.seg")):
            return []
        text = self.check_log("--events", data=data).stdout
        events = [json.loads(line) for line in text.splitlines()]
        return [e for e in events if e["type"] != "genesis"]

    def kept(self, data=None, **more):
        """Holds the log to the ledger; (its events, what was found)."""
        log = self.export(data)
        return log, self.ledger.check(log, **more)

    def segments(self, data=None):
        """The paths of the log's segments, in order, genesis apart."""
        found = sorted(glob.glob(os.path.join(data or self.data, "log",
                                              "[0-9]*.seg")))
        return [f for f in found if int(os.path.basename(f)[:20]) > 0]

    def snapshots(self, data=None):
        """The paths of the snapshots, the oldest first."""
        return sorted(glob.glob(os.path.join(data or self.data, "snapshot",
                                             "[0-9]*.safetensors")))

    def copy(self, name, data=None):
        """A copy of the data directory."""
        to = os.path.join(self.folder, name)
        shutil.copytree(data or self.data, to)
        return to

    # ---- the fold ------------------------------------------------------

    def fold(self, log, *options):
        """The model_hash of the ratings of an export, by a program that knows
        neither log nor snapshots."""
        path = os.path.join(self.folder, "fold.ndjson")
        fields = ("user_id", "item_id", "rating", "timestamp")
        with open(path, "w", encoding="utf-8") as f:
            for e in log:
                self.assertEqual(e["type"], "rating", e)
                f.write(json.dumps({k: e[k] for k in fields}) + "\n")
        done = daemon.command("evaluate", path, "--json", "--order=file",
                              "--limits.future_seconds=3153600000", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["model_hash"]

    @staticmethod
    def hash(d):
        """(model_hash, seq) of a daemon that has learned all it has."""
        with d.connect() as c:
            s = c.settled()
        return s["model_hash"], s["model_seq"]

    def assert_same_fold(self, d, log):
        """The daemon's model is the fold of that log."""
        got, seq = self.hash(d)
        self.assertEqual(seq, log[-1]["seq"] if log else 0)
        if log:
            self.assertEqual(got, self.fold(log), f"hash at seq {seq}")

    def restarted(self, *options, data=None):
        """A daemon over the data directory, after its log was held to the
        ledger and its model to the log; and the log."""
        log, found = self.kept(data)
        self.ledger.settle(log)
        d = self.serve(*options, data=data)
        self.assert_same_fold(d, log)
        say(str(found))
        return d, log

    @contextlib.contextmanager
    def serving(self, *options, **more):
        """A daemon for the length of a with block, stopped politely."""
        d = self.serve(*options, **more)
        yield d
        d.stop()


def main():
    """For the end of a test file: runs the tests of that file."""
    disks.own_mounts()
    harness.main()
