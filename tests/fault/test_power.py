"""The plug is pulled under load.

Twice: on an ext4 whose image is copied right after kill -9, so that the page
cache is lost, and on a disk that keeps nothing that POSIX does not promise.
The first is what people have; the second also sees a forgotten fsync of a
folder, and pages that reach the disk in any order.
"""
import os
import time

from disks import Image, Lossy
from rig import LONG, FaultTest, main, rounds, say

MODES = ("none", "some", "all")


class Plug(FaultTest):
    LIMIT = 900 if LONG else 60

    def test_ext4(self):
        n = rounds(3, 20)
        disk = self.enterContext(Image(32))
        for _ in range(n):
            data = os.path.join(disk.path, "data")
            d = self.serve(data=data)
            load = self.load(d)
            self.snapshots_of(d)
            time.sleep(self.random.uniform(0.1, 0.6))
            self.kill(d)
            after = disk.cut()
            load.wait()
            disk.unmount()
            disk = self.enterContext(after)
            data = os.path.join(disk.path, "data")
            d, _ = self.restarted(data=data)
            self.fill(d, 5)
            d.stop()
        say(f"power cut on ext4: {n} rounds, {len(self.ledger)} acknowledged, "
            "nothing lost")

    def cut_often(self, disk, d, n):
        """n cuts while clients are at work: [(folder, mark, time)]."""
        load = self.load(d, connections=16, sizes=(1, 1, 2, 5))
        snapshots = self.snapshots_of(d)
        cuts = []
        for k in range(n):
            time.sleep(self.random.uniform(0.02, 0.08))
            mark, now = self.ledger.mark(), time.monotonic()
            folder = disk.cut(MODES[k % len(MODES)], self.random.random())
            cuts.append((folder, mark, now))
        load.stop()
        snapshots.stop()
        self.assertEqual(set(load.answers) - {202}, set(), load.answers)
        self.assertGreater(snapshots.statuses[200], 0)
        return cuts

    def test_lossy(self):
        """Every cut is looked at, and some are gone on with."""
        n = rounds(15, 120)
        disk = self.enterContext(Lossy())
        d = self.serve(data=disk.home())
        cuts = self.cut_often(disk, d, n)
        d.stop()
        missing = 0
        for k, (folder, mark, _) in enumerate(cuts):
            data = os.path.join(folder, "data")
            log, found = self.kept(data, upto=mark)
            missing += found.absent
            if k % 4 == 1:
                d = self.serve(data=data)
                self.assert_same_fold(d, log)
                d.stop()
        self.assertEqual(cuts[-1][1], mark)
        say(f"power cut on the lossy disk: {n} cuts, {mark} acknowledged "
            "before the last, nothing lost")

    def test_after_each_answer(self):
        """A new directory and its segments, one after the other: at the moment
        of each answer, what was synced is enough."""
        disk = self.enterContext(Lossy())
        data = os.path.join(disk.path, "data")
        d = self.serve(data=data)
        with d.connect() as c:
            for k in range(rounds(16, 100)):
                r = self.rate(c, self.make.many(200))
                self.assertEqual(r.status, 202, r)
                self.kept(os.path.join(disk.cut("none", k), "data"))
        self.assertGreater(len(self.segments(data)), 1)

    def test_everysec(self):
        """What journal.fsync=everysec loses is the last second, and the rest
        is whole."""
        disk = self.enterContext(Lossy())
        d = self.serve("--journal.fsync=everysec",
                       data=disk.home())
        load = self.load(d, connections=8, sizes=(1, 2))
        cuts = []
        for _ in range(rounds(4, 30)):
            time.sleep(0.55)
            mark, now = self.ledger.mark(), time.monotonic()
            cuts.append((disk.cut("none", 1), mark, now))
        load.stop()
        d.stop()
        lost = 0
        for folder, mark, now in cuts:
            log, _ = self.kept(os.path.join(folder, "data"), upto=mark,
                               since=now - 1.5)
            lost = max(lost, mark - len(log))
        self.assertGreater(lost, 0, "everysec cannot keep everything")
        say(f"everysec: {lost} events of the last second were lost at most")


if __name__ == "__main__":
    main()
