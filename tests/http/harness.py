"""harness.py -- the base class of the HTTP tests, and their runner.

    python3 tests/http/run.py               everything
    python3 tests/http/run.py ndjson        names that contain "ndjson"
    python3 tests/http/test_ratings.py      one file

  FRESHET_BIN    the program under test          (./freshet)
  FRESHET_URL    a daemon that runs already; tests that need their own skip
  FRESHET_SEED   of everything random            (1)
  FRESHET_SLOW   multiplies every time limit     (1; 5 for build/asan, tsan)
  FRESHET_JOBS   so many classes of tests at a time  (2 for each CPU)
  FRESHET_SHARED the folder that holds data/     (../shared beside the tree)

A failed test shows the log of the daemons it talked to.
"""
import functools
import os
import random
import signal
import sys
import time
import traceback
import unittest

import client
import daemon
import pool

SEED = int(os.environ.get("FRESHET_SEED", "1"))
URL = os.environ.get("FRESHET_URL")
# More than CPUs: most of a test is waiting for disks and deadlines.
JOBS = int(os.environ.get("FRESHET_JOBS", 2 * len(os.sched_getaffinity(0))))
SLOW = client.SLOW
LOG_LINES = 40
SUBTESTS_SHOWN = 3    # in full, of each test


def shared_data(*path):
    """A file or folder of the outside test material; skips without it."""
    base = os.environ.get("FRESHET_SHARED",
                          os.path.join(os.path.dirname(client.ROOT), "shared"))
    found = os.path.join(base, "data", *path)
    if not os.path.exists(found):
        raise unittest.SkipTest(f"there is no {found} (set FRESHET_SHARED)")
    return found


def random_for(name):
    """A generator of its own for each user, so that adding a test does not
    change what another one does."""
    return random.Random(f"{SEED}/{name}")


def eventually(condition, seconds=5.0, what="the condition"):
    """Waits until condition() is true; its value."""
    end = time.monotonic() + seconds * SLOW
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not come true"
        time.sleep(0.01)


class TimedOut(BaseException):
    """A test took longer than it may; no handler of a test catches this."""


class HttpTest(unittest.TestCase):
    """A class of tests shares one daemon, started with OPTIONS.  Names of users
    and items come from self.name(), so tests do not get in each other's way."""

    OPTIONS = ()
    LIMIT = 20        # seconds per test
    daemon = None

    @classmethod
    def setUpClass(cls):
        if URL and not cls.OPTIONS:
            cls.daemon = daemon.Elsewhere(URL)
            return
        if URL:
            raise unittest.SkipTest("needs a daemon of its own")
        cls.daemon = daemon.Daemon(*cls.OPTIONS)
        try:
            cls.daemon.start()
        except BaseException:
            cls.daemon.kill()
            raise

    @classmethod
    def tearDownClass(cls):
        if cls.daemon:
            cls.daemon.stop()

    def setUp(self):
        self.daemons = [self.daemon] if self.daemon else []
        self.random = random_for(self.id())
        self._names = 0
        signal.signal(signal.SIGALRM, self._alarm)
        signal.setitimer(signal.ITIMER_REAL, self.LIMIT * SLOW)
        self.addCleanup(signal.setitimer, signal.ITIMER_REAL, 0)

    @staticmethod
    def _alarm(*_):
        raise TimedOut("the test takes too long")

    # ---- what tests use ------------------------------------------------

    def serve(self, *options, **more):
        """A daemon for this test alone, ready."""
        d = self.launch(*options, **more)
        d.start()
        self.addCleanup(lambda: d.status is not None or d.stop())
        return d

    def launch(self, *options, **more):
        """The same, as soon as it runs; it is killed after the test."""
        if URL:
            self.skipTest("needs a daemon of its own")
        d = daemon.Daemon(*options, **more)
        self.daemons.append(d)
        self.addCleanup(d.kill)
        return d

    def connect(self, d=None, **more):
        """A connection that ends with the test."""
        c = (d or self.daemon).connect(**more)
        self.addCleanup(c.close)
        return c

    def name(self, kind="id"):
        self._names += 1
        return f"{self._testMethodName}-{kind}{self._names}"

    def assert_error(self, r, status, code, index=None, mentions=""):
        self.assertEqual((r.status, r.code), (status, code), r)
        self.assertEqual(r.json()["error"].get("index"), index, r)
        self.assertIn(mentions, r.message, r)

    def assert_ok(self, r, status=200):
        self.assertEqual(r.status, status, r)
        return r.json()

    def assert_alive(self, d=None):
        with (d or self.daemon).connect() as c:
            self.assertEqual(c.get("/health/live").status, 200)


class OwnDaemonTest(HttpTest):
    """Tests that start a daemon each, with self.serve()."""

    @classmethod
    def setUpClass(cls):
        if URL:
            raise unittest.SkipTest("needs a daemon of its own")

    def assert_ends(self, d, status, within):
        """d ends by itself in so many seconds."""
        begun = time.monotonic()
        self.assertEqual(d.wait(), status, d.log())
        self.assertLess(time.monotonic() - begun, within * SLOW, d.log())


class Result(unittest.TestResult):
    """Counts tests (a test with failed subtests fails once) and shows each."""

    def __init__(self):
        super().__init__()
        self.passed = 0
        self.bad = set()
        self.started = 0.0
        self.shown = 0

    def startTest(self, test):
        super().startTest(test)
        self.started = time.monotonic()
        self.shown = 0

    def stopTest(self, test):
        super().stopTest(test)
        took = time.monotonic() - self.started
        skipped = any(t is test for t, _ in self.skipped)
        word = "FAIL" if test in self.bad else "skip" if skipped else "ok"
        self.passed += word == "ok"
        print(f"{word:4}  {test.id()}  {took:.2f} s", flush=True)

    def _show(self, test, err, what):
        self.shown += 1
        if self.shown > SUBTESTS_SHOWN:
            print(f"----  {what}: {str(err[1])[:120]}")
            return
        print(f"----  {what}")
        kind, value, frames = err
        while frames and "__unittest" in frames.tb_frame.f_globals:
            frames = frames.tb_next
        traceback.print_exception(kind, value, frames, file=sys.stdout)
        for d in getattr(test, "daemons", []):
            lines = d.log().splitlines()[-LOG_LINES:]
            print("----  end of its daemon's log:", *lines, sep="\n      ")
        sys.stdout.flush()

    def _add(self, test, err):
        self.bad.add(test)
        self._show(test, err, str(test))

    def addFailure(self, test, err):
        self._add(test, err)

    def addError(self, test, err):
        self._add(test, err)

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self.bad.add(test)
            self._show(test, err, str(subtest))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"----  SKIPPED {test}: {reason}", flush=True)

    def addUnexpectedSuccess(self, test):
        self.bad.add(test)


def _flatten(suite):
    for t in suite:
        if isinstance(t, unittest.TestSuite):
            yield from _flatten(t)
        else:
            yield t


def _ended(*_):
    daemon.kill_all()
    os._exit(143)


def _work(tests):
    """Runs the tests of one class; how many did what."""
    signal.signal(signal.SIGTERM, _ended)
    result = Result()
    try:
        unittest.TestSuite(tests).run(result)
    finally:
        daemon.kill_all()
    return {"passed": result.passed, "failed": len(result.bad),
            "skipped": len(result.skipped)}


def run(suite, patterns=()):
    """Runs what matches any of the patterns; the exit status."""
    groups = {}
    for t in _flatten(suite):
        if not patterns or any(p in t.id() for p in patterns):
            groups.setdefault(t.id().rpartition(".")[0], []).append(t)
    print(f"seed {SEED}  program {URL or daemon.BINARY}")
    if not URL and not os.access(daemon.BINARY, os.X_OK):
        print("there is no such program: build it with make")
        return 1
    begun = time.monotonic()
    sums = pool.run({name: functools.partial(_work, tests)
                     for name, tests in groups.items()}, 1 if URL else JOBS)
    skipped = f", {sums['skipped']} skipped" if sums["skipped"] else ""
    print(f"{time.monotonic() - begun:.1f} s")
    print(f"{sums['passed']} passed, {sums['failed']} failed{skipped}")
    return 1 if sums["failed"] or not groups else 0


def main():
    """For the end of a test file: runs the tests of that file."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(
        sys.modules["__main__"])
    sys.exit(run(suite, sys.argv[1:]))
