"""The disk is full: ingest says so, everything else goes on, and when there is
room again, so does ingest."""
import glob
import os
import time
import unittest

from disks import Filler, Image, Small
from harness import SLOW, eventually
from rig import LONG, FaultTest, main, rounds, say

OPTIONS = ("--journal.segment_bytes=262144", "--journal.reserve_bytes=4194304")
# The first time it helps itself with the reserve.
TWICE = "{0}:1:enospc,{0}:2:enospc"


def p99(seconds):
    return sorted(seconds)[len(seconds) * 99 // 100]


class Full(FaultTest):
    LIMIT = 300 if LONG else 60

    def setUp(self):
        super().setUp()
        try:
            self.disk = self.enterContext(Image(80))
        except unittest.SkipTest:   # no loop devices
            self.disk = self.enterContext(Small(80))
        self.data = os.path.join(self.disk.path, "data")
        self.filler = Filler(self.disk)
        self.daemon_ = self.serve(*OPTIONS)
        self.fill(self.daemon_, 100, 10)

    def predict_seconds(self, c, n=400):
        took = []
        for _ in range(n):
            begun = time.monotonic()
            c.predict("u1", "i1")
            took.append(time.monotonic() - begun)
        return took

    def become_full(self):
        """Fills the disk and the room that the log had made ahead."""
        self.filler.fill()
        load = self.load(self.daemon_, connections=8, sizes=(50,))
        eventually(lambda: load.answers["storage_full"] > 20, 20,
                   "storage_full")
        load.stop()
        self.assertEqual(set(load.answers) - {202, "storage_full"}, set())
        # a small request may still fit where a large one did not
        with self.daemon_.connect() as c:
            refused = 0
            while refused < 20:
                refused += self.rate(c, self.make.many(1)).status == 503

    def test_while_it_is_full(self):
        d = self.daemon_
        with d.connect() as c:
            before = p99(self.predict_seconds(c))
            self.become_full()
            r = self.rate(c, self.make.many(1))
            self.assert_error(r, 503, "storage_full")
            self.assertGreaterEqual(int(r.header("Retry-After")), 1)
            after = p99(self.predict_seconds(c))
            self.assertLessEqual(after, 2 * before + 0.005 * SLOW)
            ready = self.assert_ok(c.get("/health/ready"))
            self.assertEqual((ready["status"], ready["reason"]),
                             ("degraded", "storage_full"))
            self.assertEqual(c.get("/health/live").status, 200)
        self.assertIsNone(d.process.poll())
        say(f"predict p99 {before * 1e3:.2f} ms before, {after * 1e3:.2f} ms "
            "on a full disk")
        self.kill(d)
        self.filler.empty()
        self.restarted(*OPTIONS)

    def test_room_again(self):
        d = self.daemon_
        for _ in range(rounds(1, 5)):
            self.become_full()
            self.filler.empty()
            with d.connect() as c:
                eventually(lambda: self.rate(c, self.make.many(50)).status ==
                           202, 2, "ingest after space was freed")
                self.assertEqual(c.get("/health/ready").json()["status"],
                                 "ready")
            self.fill(d, 100, 10)
        self.kill(d)
        self.restarted(*OPTIONS)

    def test_the_reserve_is_for_erasure_and_snapshots(self):
        d = self.daemon_
        victim = "victim-77f1c0"
        with d.connect() as c:
            self.rate(c, self.make.many(3, user_id=victim))
            seq = c.settled()["seq"]
            self.become_full()
            done = self.assert_ok(c.ask("DELETE", f"/v1/users/{victim}"))
            self.assertEqual(done["events"], 3)
            self.assertGreater(done["seq"], seq)
            took = self.assert_ok(c.post("/v1/admin/snapshot", b"", kind=None))
            self.assertGreaterEqual(took["seq"], done["seq"])
        self.filler.empty()
        d.stop()
        self.assertNotIn(victim, {e["user_id"] for e in self.export()
                                  if e["type"] == "rating"})

    def test_a_start_on_a_full_disk(self):
        """It serves what it has; and so it does when it comes to its end."""
        self.become_full()
        log, _ = self.kept()
        self.kill(self.daemon_)
        d = self.serve(*OPTIONS)
        self.assert_same_fold(d, log)
        with d.connect() as c:
            self.assertIn(self.rate(c, self.make.many(40)).status, (202, 503))
        d.stop()
        self.filler.empty()
        self.restarted(*OPTIONS)


class SnapshotFull(FaultTest):
    """There is room for events and none for a snapshot."""

    def test_ingest_goes_on_and_it_is_tried_again(self):
        for point in rounds(("snapshot.written",),
                            ("snapshot.written", "snapshot.begin")):
            with self.subTest(point=point):
                self.data = os.path.join(self.folder, point)
                self.begin(point)
                self.fails_once(point)

    def fails_once(self, point):
        d = self.serve("--snapshot.every_events=200",
                       failpoint=TWICE.format(point))
        load = self.load(d, connections=4)
        d.wait_log(r"snapshot\w* .*(space|full|ENOSPC|error)", timeout=10)
        there = glob.glob(os.path.join(self.data, "snapshot", "*"))
        self.assertEqual([p for p in there if p not in self.snapshots()], [])
        before = len(self.ledger)
        eventually(lambda: len(self.ledger) > before + 100, 5, "ingest")
        load.stop()
        eventually(self.snapshots, 20, "another try")
        self.assertEqual(set(load.answers), {202})
        with d.connect() as c:
            self.assertEqual(c.get("/health/ready").json()["status"], "ready")
        self.kill(d)
        self.restarted()

    def test_by_hand(self):
        d = self.serve(failpoint=TWICE.format("snapshot.begin"))
        self.fill(d, 20, 5)
        with d.connect() as c:
            r = c.post("/v1/admin/snapshot", b"", kind=None)
            self.assert_error(r, 503, "storage_full")
            self.assert_ok(c.post("/v1/admin/snapshot", b"", kind=None))
            self.assertEqual(self.rate(c, self.make.many(1)).status, 202)
        d.stop()
        self.restarted()


if __name__ == "__main__":
    main()
