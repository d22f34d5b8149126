"""An erasure that is cut short: at each step, at any moment, and again."""
import os

import damage
from disks import Lossy
from erasing import PATH, EraseTest
from rig import ROT, main, rounds, say

STEPS = ("erase.redo_written", "erase.logged", "erase.half_voided",
         "erase.voided", "erase.snapshots")


class EraseAndDie(EraseTest):
    """The process, and the power, end at each step of an erasure."""

    DIED = 137

    def test_after_the_answer_the_power_may_go(self):
        """With everysec and no as well, though what is erased may not have
        been on the disk yet."""
        for fsync in ("always", "everysec", "no"):
            with self.subTest(fsync=fsync), Lossy() as disk:
                self.mine.clear()
                self.begin(fsync)
                d = self.populated(f"--journal.fsync={fsync}",
                                   data=disk.home())
                with d.connect() as c:
                    self.rate_as_victim(d, 5)
                    self.erase(c)
                    cut = os.path.join(disk.cut("none", 1), "data")
                d.stop()
                self.assert_forgotten(cut)
                with self.serving(data=cut) as d:
                    got, _ = self.hash(d)
                self.assertEqual(self.refold(data=cut), got)

    def go_on(self, data):
        """Fully there or fully gone, in the log, in every file and in the
        model; True: gone."""
        self.check_log(data=data)    # an erasure to be finished is no rot
        with self.serving("--snapshot.on_exit=no", data=data) as d:
            got, _ = self.hash(d)
            with d.connect() as c:
                r = c.get(f"{PATH}/export")
        log = self.export(data)
        n = self.held(log)
        self.assertIn(n, (0, len(self.mine)))
        self.assertEqual(r.status, 200 if n else 404)
        if not n:
            self.assert_forgotten(data)
            self.assertEqual([e["type"] for e in log].count("erase"), 1)
        self.others(log)
        self.assertEqual(self.refold(data=data), got)
        return not n

    def test_at_any_moment(self):
        """Cuts while the erasure goes on, on a slow disk."""
        disk = self.enterContext(Lossy())
        data = disk.home()
        self.populated(data=data).stop()
        d = self.serve(data=data, failpoint="disk.sync:1:sleep")
        cuts = []
        with d.connect() as c:
            self.ask_to_erase(c)
            while c.is_silent(rounds(0.04, 0.003)):
                cuts.append(disk.cut("some", len(cuts)))
            self.assert_ok(c.read())
        self.kill(d)
        gone = sum(self.go_on(os.path.join(cut, "data")) for cut in cuts)
        say(f"{len(cuts)} cuts while an erasure went on: {gone} times gone")
        self.assertGreater(len(cuts), 3)

    def test_rot_of_what_is_to_be_done(self):
        """A redo that cannot be read is not skipped: it has happened."""
        d = self.populated(failpoint="erase.redo_written")
        with d.connect() as c:
            self.ask_to_erase(c)
            self.assertEqual(d.wait(), self.DIED, d.log())
        path = os.path.join(self.data, "redo")
        size = os.path.getsize(path)
        for at in self.random.sample(range(size), rounds(4, 100)):
            with self.subTest(at=at, of=size):
                damage.flip(path, at)
                before = damage.fingerprint(self.data)
                d = self.launch()
                self.assertEqual(d.wait(), ROT, d.log())
                self.assertIn("redo", d.log())
                self.assertEqual(damage.fingerprint(self.data), before)
                damage.flip(path, at)
        self.assertTrue(self.go_on(self.data))

    def test_again_while_it_is_finished(self):
        """The next daemon dies as well, where it does what was left."""
        for step in ("erase.half_voided", "disk.sync", "disk.unlink"):
            with self.subTest(step=step), Lossy() as disk:
                self.mine.clear()
                self.begin(step)
                data = disk.home()
                d = self.populated(data=data, failpoint="erase.redo_written")
                with d.connect() as c:
                    self.ask_to_erase(c)
                    self.assertEqual(d.wait(), self.DIED, d.log())
                for nth in rounds((1, 2), (1, 2, 3, 4, 5)):
                    d = self.launch(data=data, failpoint=f"{step}:{nth}")
                    try:
                        d.start()
                    except AssertionError:
                        self.assertEqual(d.wait(), self.DIED, d.log())
                    self.kill(d)
                    cut = disk.cut("some", nth)
                    self.assertTrue(self.go_on(os.path.join(cut, "data")))
                self.assertTrue(self.go_on(data))

    def test_at_each_step(self):
        gone = there = 0
        for step in STEPS:
            with self.subTest(step=step), Lossy() as disk:
                self.mine.clear()
                self.begin(step)
                data = disk.home()
                d = self.populated(data=data, failpoint=step)
                with d.connect() as c:
                    self.ask_to_erase(c)
                    self.assertEqual(d.wait(), self.DIED, d.log())
                d.kill()
                cuts = [disk.cut(m, k) for m in ("none", "some")
                        for k in range(rounds(1, 10))]
                for folder in [os.path.join(f, "data") for f in cuts] + [data]:
                    if self.go_on(folder):
                        gone += 1
                    else:
                        there += 1
        say(f"erasure cut short: {gone} times fully gone, {there} times fully "
            "there")
        self.assertGreater(gone, 0)


if __name__ == "__main__":
    main()
