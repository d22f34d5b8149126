"""A bit of the log turned over where it had long been on the disk: the daemon
does not start, says where, and touches nothing; --salvage gives up as little as
can be."""
import json
import os
import re

import damage
from rig import LONG, ROT, FaultTest, main, rounds

SIZES = (1, 1, 6, 1, 1, 1)      # events of each request
HARMED = 2                      # the request that is damaged


class Rot(FaultTest):
    LIMIT = 300 if LONG else 60

    def setUp(self):
        super().setUp()
        d = self.serve()
        self.extents = damage.Extents(self, d).fill(SIZES)
        self.kill(d)
        self.path = self.extents.path
        self.whole = damage.read(self.path)
        self.begin, self.end = self.extents.of[HARMED]
        self.first_seq = 1 + sum(SIZES[:HARMED])
        self.seqs = range(self.first_seq, self.first_seq + SIZES[HARMED])

    def harm(self, at):
        damage.write(self.path, self.whole)
        damage.flip(self.path, at, self.random.randrange(8))

    def assert_reported(self, at):
        """check-log names the place; the place."""
        before = damage.fingerprint(self.data)
        said = json.loads(self.check_log("--json", status=ROT).stdout)
        bad = said["damaged"]
        self.assertEqual(bad["segment"], os.path.basename(self.path))
        self.assertTrue(self.begin <= bad["offset"] <= at, bad)
        self.assertIn(bad["seq"], self.seqs)
        self.assertEqual(damage.fingerprint(self.data), before)
        return bad

    def assert_refused(self, bad):
        """The daemon says the same and leaves everything alone."""
        before = damage.fingerprint(self.data)
        d = self.launch()
        self.assertEqual(d.wait(), ROT, d.log())
        for text in (d.log(), self.check_log(status=ROT).stdout):
            self.assertIn(bad["segment"], text)
            for name in ("offset", "seq"):
                self.assertRegex(text, rf"{name}\W+{bad[name]}\b")
        self.assertIn("check-log", d.log())
        self.assertEqual(damage.fingerprint(self.data), before)

    def test_every_byte(self):
        for at in range(self.begin, self.end):
            with self.subTest(at=at - self.begin):
                self.harm(at)
                self.assert_reported(at)

    def test_the_daemon_refuses(self):
        for at in self.random.sample(range(self.begin, self.end),
                                     rounds(4, 40)):
            with self.subTest(at=at - self.begin):
                self.harm(at)
                self.assert_refused(self.assert_reported(at))

    def assert_salvaged(self):
        """The lost seqs of a salvage; everything else is still there."""
        before = {e["seq"]: e for e in self.log}
        done = self.check_log("--salvage")
        log = self.export()
        self.assertEqual([e["seq"] for e in log], list(before))
        lost = [e["seq"] for e in log if e["type"] == "void"]
        for e in log:
            if e["seq"] not in lost:
                self.assertEqual(e, before[e["seq"]])
        for seq in lost:
            self.assertRegex(done.stdout + done.stderr, rf"\b{seq}\b")
        self.assertEqual(json.loads(self.check_log("--json").stdout)
                         ["damaged"], None)
        return lost

    def test_salvage_gives_up_one_event(self):
        damage.write(self.path, self.whole)
        self.log = self.export()
        for k in self.random.sample(range(self.begin, self.end),
                                    rounds(6, 60)):
            with self.subTest(at=k - self.begin):
                self.harm(k)
                bad = self.assert_reported(k)
                lost = self.assert_salvaged()
                # a head of a group is made again from what follows
                self.assertLessEqual(len(lost), 1)
                self.assertIn(lost, ([], [bad["seq"]]))
                with self.serving("--snapshot.on_exit=no") as d:
                    self.assertEqual(self.hash(d)[1], len(self.log))

    def test_frame_by_frame(self):
        """Each event of the harmed request can be the one that is lost."""
        damage.write(self.path, self.whole)
        self.log = self.export()
        lost = set()
        for at in range(self.begin, self.end, rounds(8, 1)):
            self.harm(at)
            bad = self.assert_reported(at)
            if bad["seq"] in lost:
                continue
            one = self.assert_salvaged()
            if len(one) == 1:
                lost.add(one[0])
        self.assertEqual(lost, set(self.seqs))

    def test_nothing_to_salvage(self):
        before = damage.fingerprint(self.data)
        self.check_log("--salvage")
        self.assertEqual(damage.fingerprint(self.data), before)


class RotElsewhere(FaultTest):
    """Heads of segments, whole segments, and the other files."""

    def setUp(self):
        super().setUp()
        d = self.serve("--snapshot.every_events=0")
        while len(self.segments()) < 4:
            self.fill(d, 500, 50)
        self.kill(d)

    def refuses(self, data, *mentions):
        done = self.check_log(data=data, status=ROT)
        d = self.launch(data=data)
        self.assertEqual(d.wait(), ROT, d.log())
        for text in mentions:
            self.assertIn(text, done.stdout + done.stderr)
            self.assertIn(text, d.log())

    def test_head_of_a_segment(self):
        data = self.copy("head")
        for path in (self.segments(data)[1],
                     os.path.join(data, "log", 20 * "0" + ".seg")):
            for at in self.random.sample(range(0, 32), 3):
                with self.subTest(path=os.path.basename(path), at=at):
                    damage.flip(path, at)
                    self.refuses(data, os.path.basename(path))
                    damage.flip(path, at)
        self.check_log(data=data)

    def test_end_of_a_segment_that_is_not_the_last(self):
        data = self.copy("end")
        path = self.segments(data)[0]
        end = len(damage.read(path).rstrip(b"\0"))
        damage.flip(path, end - 2)
        self.refuses(data, os.path.basename(path))

    def test_a_segment_is_missing(self):
        data = self.copy("middle")
        gone = self.segments(data)[1]
        os.unlink(gone)
        self.refuses(data, str(int(os.path.basename(gone)[:20])))

    def test_the_first_segment_is_missing(self):
        """It may have been dropped (journal.keep=snapshots), so the log alone
        is sound; but no model can be made of it."""
        data = self.copy("first")
        os.unlink(self.segments(data)[0])
        self.check_log(data=data)
        d = self.launch(data=data)
        self.assertEqual(d.wait(), ROT, d.log())

    def test_the_last_segment_is_missing_and_a_snapshot_knows(self):
        with self.serving():
            pass
        data = self.copy("last")
        os.unlink(self.segments(data)[-1])
        d = self.launch(data=data)
        self.assertEqual(d.wait(), ROT, d.log())

    def test_a_segment_of_another_log(self):
        data = self.copy("other")
        other = self.copy("strange")
        for path in self.segments(other)[1:]:
            os.unlink(path)
        mine = os.path.join(self.folder, "mine")
        with self.serving(data=mine) as d:
            self.fill(d, 2)
        name = os.path.basename(self.segments(data)[0])
        damage.write(os.path.join(data, "log", name),
                     damage.read(self.segments(mine)[0]))
        self.refuses(data, name)

    def test_files_that_are_made_again(self):
        """LOCK and the reserve hold nothing: any bytes will do."""
        data = self.copy("others")
        for name in ("LOCK", "reserve"):
            path = os.path.join(data, name)
            if os.path.exists(path):
                damage.write(path, b"rubbish")
        with self.serving(data=data) as d:
            self.assert_same_fold(d, self.export(data))

    def test_strange_files_are_left_alone(self):
        data = self.copy("guests")
        for name in ("log/README", "log/1.seg", "snapshot/x", "guest",
                     "log/99999999999999999999.seg.bak"):
            os.makedirs(os.path.dirname(os.path.join(data, name)),
                        exist_ok=True)
            damage.write(os.path.join(data, name), b"guest")
        with self.serving(data=data) as d:
            self.assert_same_fold(d, self.export(data))
        for name in ("log/README", "guest", "snapshot/x"):
            self.assertEqual(damage.read(os.path.join(data, name)), b"guest")


if __name__ == "__main__":
    main()
