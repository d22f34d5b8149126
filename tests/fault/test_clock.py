"""The wall clock jumps: nothing waits for it, and the fold does not mind."""
import glob
import os
import time

import daemon
from harness import eventually
from rig import FaultTest, main, rounds

LIBRARY = "/usr/lib/*/faketime/libfaketimeMT.so.1"
DAY, YEAR = 86400, 365 * 86400
JUMPS = (DAY, -DAY, 0, 10 * YEAR, -10 * YEAR, 0)


class Clock(FaultTest):
    def setUp(self):
        super().setUp()
        found = glob.glob(LIBRARY)
        if "san" in daemon.BINARY:
            self.skipTest("a sanitizer must be the first library")
        if not found:
            self.skipTest("libfaketime is not installed (package faketime): "
                          "jumps of the clock are not tried")
        self.offset = os.path.join(self.folder, "offset")
        self.set_clock(0)
        # only the wall clock jumps; CLOCK_MONOTONIC does not
        self.env = {"LD_PRELOAD": found[0], "FAKETIME_NO_CACHE": "1",
                    "FAKETIME_TIMESTAMP_FILE": self.offset,
                    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                    "FAKETIME_DONT_RESET": "1"}

    def set_clock(self, seconds):
        """Written aside, so that the daemon never reads half of it."""
        with open(self.offset + ".new", "w", encoding="ascii") as f:
            f.write(f"{seconds:+d}\n")
        os.rename(self.offset + ".new", self.offset)

    def test_jumps(self):
        d = self.serve("--snapshot.every_events=2000", env=self.env)
        load = self.load(d, connections=16)
        seen = set()
        for jump in JUMPS * rounds(1, 10):
            self.set_clock(jump)
            before = load.answers[202]
            time.sleep(0.15)
            eventually(lambda b=before: load.answers[202] > b + 20, 5,
                       f"answers at {jump:+d} s")
            with d.connect() as c:
                begun = time.monotonic()
                r = c.rate("clock", "jumps", 3)    # stamped on arrival
                self.assertLess(time.monotonic() - begun, 2)
                c.predict("u1", "i1")
                self.assertEqual(c.get("/health/ready").status, 200)
                seen.add(r["seq"])
        load.stop()
        # with the clock ten years back, some times lie in the future
        self.assertLessEqual(set(load.answers), {202, "invalid_timestamp"})
        self.kill(d)
        d, log = self.restarted()
        d.stop()
        stamps = [e["timestamp"] for e in log if e["user_id"] == "clock"]
        self.assertEqual(len(stamps), len(seen))
        self.assertGreater(max(stamps) - min(stamps), 19 * YEAR,
                           "the clock did not jump")

    def test_before_the_epoch_of_everything(self):
        """A machine without a battery: the clock begins in 1970."""
        self.set_clock(-int(time.time()) + 1000)
        d = self.serve(env=self.env)
        with d.connect() as c:
            c.rate("clock", "jumps", 3)
        self.set_clock(0)
        with d.connect() as c:
            c.rate("clock", "jumps", 4)
        self.kill(d)
        log = self.export()
        with self.serving() as d:
            self.assert_same_fold(d, log)


if __name__ == "__main__":
    main()
