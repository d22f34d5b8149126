"""Calls that fail or do half of what they should."""
import os
import re
import time

from disks import Lossy
from rig import FaultTest, main, rounds

SYNCS = r"^freshet_log_syncs_total (\d+)$"


class FailedSync(FaultTest):
    """After a failed fsync nobody knows what is on the disk: no second try."""

    def syncs(self, c):
        return int(re.search(SYNCS, c.get("/metrics").body.decode(), re.M)[1])

    def test_eio(self):
        d = self.serve(failpoint="disk.sync:30:eio")
        load = self.load(d, connections=16)
        d.wait_log(r"ERROR .*", timeout=10)
        time.sleep(0.3)
        with d.connect() as c:
            before = self.syncs(c)
            for _ in range(5):
                r = self.rate(c, self.make.many(1))
                self.assert_error(r, 503, "storage_failed")
            self.assertEqual(self.syncs(c), before, "the fsync was repeated")
            c.predict("u1", "i1")
            self.assertEqual(c.get("/health/ready").status, 503)
            self.assertEqual(c.get("/health/live").status, 200)
        load.stop()
        self.assertGreater(load.answers[202], 0)
        self.assertLessEqual(set(load.answers),
                             {202, "storage_failed", "unconfirmed"})
        size = sum(os.path.getsize(p) for p in self.segments())
        d.stop()
        self.assertEqual(sum(os.path.getsize(p) for p in self.segments()), size)
        d, _ = self.restarted()
        with d.connect() as c:
            self.assertEqual(c.get("/health/ready").status, 200)
            self.assertEqual(self.rate(c, self.make.many(1)).status, 202)

    def test_a_failed_write(self):
        d = self.serve(failpoint="disk.write:30:eio")
        load = self.load(d, connections=16)
        d.wait_log(r"ERROR .*", timeout=10)
        load.stop()
        self.assertGreater(load.answers[202], 0)
        self.assertLessEqual(set(load.answers),
                             {202, "storage_failed", "unconfirmed"})
        d.stop()
        self.restarted()


class Interrupted(FaultTest):
    """Nothing is to be seen of these."""

    def assert_not_seen(self, d, seconds):
        load = self.load(d, connections=16)
        time.sleep(seconds)
        load.stop()
        self.assertEqual(set(load.answers), {202})
        self.assertNotRegex(d.log(), "WARN|ERROR")
        d.stop()

    def test_eintr(self):
        d = self.serve("--snapshot.every_events=1000",
                       failpoint="disk.write:20:eintr")
        self.assert_not_seen(d, rounds(0.5, 10))
        self.restarted()

    def test_short_writes(self):
        disk = self.enterContext(Lossy(short=3))
        self.data = disk.home()
        d = self.serve("--snapshot.every_events=1000",
                       failpoint="disk.write:20:eintr")
        self.assert_not_seen(d, rounds(0.5, 10))
        d, _ = self.restarted()
        d.stop()

    def test_slow_syncs(self):
        d = self.serve(failpoint="disk.sync:5:sleep")
        self.assert_not_seen(d, rounds(0.5, 10))
        self.restarted()


if __name__ == "__main__":
    main()
