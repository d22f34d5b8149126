"""A rollback that is cut short: at each step, at any moment, under load."""
import os
import threading
import time

from client import build
from disks import Lossy
from rig import FaultTest, main, rounds, say

STEPS = ("rollback.cleared", "rollback.logged")
TO = 500


class RollBackAndDie(FaultTest):
    """It has happened or it has not; what is served after the next start is the
    fold of the log, as `freshet refold` makes it."""

    DIED = 137

    def populated(self, *options, data=None, failpoint=None):
        d = self.serve("--snapshot.on_exit=no", *options, data=data,
                       failpoint=failpoint)
        with d.connect() as c:
            for _ in range(3):
                self.fill(d, 300, 100)
                self.assert_ok(c.post("/v1/admin/snapshot", b"", kind=None))
            self.fill(d, 50, 10)
        return d

    @staticmethod
    def ask(d):
        """By somebody who may not hear the answer."""
        with d.connect() as c:
            c.try_send(build("POST", "/v1/admin/rollback", {"to_seq": TO}))
            time.sleep(0.2)

    def go_on(self, data):
        """True: it has happened."""
        with self.serving("--snapshot.on_exit=no", data=data) as d:
            got, _ = self.hash(d)
            with d.connect() as c:
                s = c.stats()
        log = self.export(data)
        back = [e for e in log if e["type"] == "rollback"]
        self.assertLessEqual(len(back), 1)
        ratings = sum(e["type"] == "rating" for e in log)
        if back:
            self.assertEqual((back[0]["from"], back[0]["to"]),
                             (TO, back[0]["seq"] - 1))
            behind = sum(e["type"] == "rating" and e["seq"] > back[0]["seq"]
                         for e in log)
            self.assertEqual(s["events"], TO + behind)
            for path in self.snapshots(data):
                seq = int(os.path.basename(path)[:20])
                self.assertFalse(TO < seq < back[0]["seq"], path)
        else:
            self.assertEqual(s["events"], ratings)
        self.assertFalse(s["interim"])
        self.assertEqual(self.refold(data=data), got)
        return bool(back)

    def test_at_each_step(self):
        for step in STEPS:
            with self.subTest(step=step), Lossy() as disk:
                self.begin(step)
                data = disk.home()
                d = self.populated(data=data, failpoint=f"{step}:1")
                self.ask(d)
                self.assertEqual(d.wait(), self.DIED, d.log()[-2000:])
                d.kill()
                for mode in "none", "some":
                    cut = disk.cut(mode, self.random.random())
                    self.go_on(os.path.join(cut, "data"))
                happened = self.go_on(data)
                self.assertEqual(happened, step == "rollback.logged")
        say(f"{len(STEPS)} steps, 3 disks each")

    def test_at_any_moment(self):
        n = rounds(4, 20)
        happened = 0
        for k in range(n):
            self.begin(f"k{k}")
            data = os.path.join(self.folder, f"k{k}")
            d = self.populated(data=data)
            load = self.load(d, connections=4, sizes=(1, 5))
            asker = threading.Thread(target=self.ask, args=(d,))
            asker.start()
            time.sleep(self.random.random() ** 3 * 0.1)
            self.kill(d)
            load.wait()
            asker.join()
            there = {e.get("event_id") for e in self.export(data)}
            for e in self.ledger.events("kept"):
                self.assertIn(e["event_id"], there)
            happened += self.go_on(data)
        say(f"{n} kills, {happened} rolled back")


if __name__ == "__main__":
    main()
