"""The daemon dies, and the power with it, at each step of what it does.

Each point is passed under load on the lossy disk.  Then there are three disks
to go on with: the one that a killed process leaves, and two that a power cut at
that moment could leave.
"""
import os

from disks import Lossy
from rig import FaultTest, main, rounds, say

APPEND = ("log.before_write", "log.after_write", "log.after_sync",
          "log.before_ack")
SEGMENT = ("log.segment_created", "log.segment_switched", "log.allocate")
SNAPSHOT = ("snapshot.begin", "snapshot.written", "snapshot.synced",
            "snapshot.renamed")
CALLS = ("disk.write", "disk.sync", "disk.sync_dir", "disk.rename",
         "disk.unlink", "disk.allocate")


class Failpoints(FaultTest):
    DIED = 137

    def pass_under_load(self, point, data):
        """A daemon under load until it dies at the point."""
        d = self.launch("--snapshot.keep=1", data=data, failpoint=point)
        try:
            d.start()
        except AssertionError:
            pass     # it died while it began, which is right for some
        else:
            load = self.load(d, connections=12, sizes=(1, 2, 5))
            self.snapshots_of(d)
            load.wait()
            self.assertEqual(set(load.answers) - {202}, set(), load.answers)
        self.assertEqual(d.wait(), self.DIED, f"{point}: {d.log()[-2000:]}")
        d.kill()

    def go_on(self, data):
        log, _ = self.kept(data)
        with self.serving(data=data) as d:
            self.assert_same_fold(d, log)
            with d.connect() as c:
                self.assertEqual(c.get("/health/ready").status, 200)
        # nothing that was not finished is left behind
        for folder, _, names in os.walk(data):
            for name in names:
                self.assertFalse(name.endswith((".tmp", ".new", ".part")),
                                 os.path.join(folder, name))

    def fall(self, points, passes):
        """At each point in turn, on one disk after the other."""
        for name in points:
            for nth in passes:
                with self.subTest(point=name, nth=nth), Lossy() as disk:
                    self.begin(f"{name}-{nth}")
                    data = disk.home()
                    self.pass_under_load(f"{name}:{nth}", data)
                    for mode in ("none", "some"):
                        cut = disk.cut(mode, self.random.random())
                        self.go_on(os.path.join(cut, "data"))
                    self.go_on(data)
        say(f"{len(points)} points x {len(passes)} passes, 3 disks each")

    def test_append(self):
        self.fall(APPEND, rounds((25,), (1, 2, 25, 60, 200)))

    def test_segment(self):
        self.fall(SEGMENT, rounds((3,), (1, 2, 3, 4, 7)))

    def test_snapshot(self):
        self.fall(SNAPSHOT, rounds((2,), (1, 2, 5)))

    def test_calls(self):
        self.fall(CALLS, rounds((2,), (1, 2, 3, 5, 11, 40)))


if __name__ == "__main__":
    main()
