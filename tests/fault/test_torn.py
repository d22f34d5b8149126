"""The end of the log is torn, at each byte: it heals, and costs only itself."""
import json
import os
import re

import damage
from rig import LONG, ROT, FaultTest, main, rounds

EVENTS = 6


class Torn(FaultTest):
    LIMIT = 300 if LONG else 60

    def setUp(self):
        super().setUp()
        d = self.serve()
        self.extents = damage.Extents(self, d).fill([1] * EVENTS)
        self.kill(d)
        self.path = self.extents.path
        self.whole = damage.read(self.path)
        self.begin, self.end = self.extents.of[-1]

    def truncated(self, at):
        return self.whole[:at]

    def zeroed(self, at):
        """As when the space was allocated ahead."""
        return self.whole[:at] + bytes(len(self.whole) - at)

    def halved(self, at):
        """The other half is what reached the disk."""
        return (self.whole[:self.begin] + bytes(at - self.begin) +
                self.whole[at:])

    def assert_exported(self, at, left):
        """check-log reports what is torn and calls the rest sound."""
        damage.write(self.path, left)
        done = self.check_log("--json", "--events")
        said, log = json.loads(done.stderr), done.stdout.splitlines()[1:]
        torn = left.rstrip(b"\0") != self.whole[:self.begin].rstrip(b"\0")
        whole = left.rstrip(b"\0") == self.whole.rstrip(b"\0")
        self.assertEqual(len(log), EVENTS if whole else EVENTS - 1, at)
        self.assertEqual(bool(said["torn"]), torn and not whole, said)
        self.assertEqual(damage.read(self.path), left, "check-log wrote")

    def test_every_byte(self):
        for at in range(self.begin, self.end):
            with self.subTest(at=at - self.begin):
                other = (self.zeroed, self.halved)
                for tear in (self.truncated,
                             *rounds(other[at % 2:at % 2 + 1], other)):
                    self.assert_exported(at, tear(at))

    def assert_heals(self, at, left):
        damage.write(self.path, left)
        # a snapshot that knew the event would call this a loss, and be right
        d = self.serve("--snapshot.on_exit=no")
        m = re.search(r"torn_tail .*", d.log())
        self.assertTrue(m, d.log())
        offset = int(re.search(r"offset=(\d+)", m[0])[1])
        dropped = int(re.search(r"bytes=(\d+)", m[0])[1])
        self.assertGreater(dropped, 0)
        self.assertLessEqual(dropped, self.end - self.begin)
        self.assertTrue(self.begin <= offset < self.end, m[0])
        seq = self.fill(d, 1)
        self.assertEqual(seq, EVENTS, "the seq of what was dropped is free")
        log = self.export()
        self.assert_same_fold(d, log)
        self.kill(d)
        with self.serving("--snapshot.on_exit=no") as d:  # nothing to tell
            self.assertNotIn("torn_tail", d.log())
            self.assertEqual(self.hash(d)[1], EVENTS)

    def test_the_daemon_heals_it(self):
        # what was acknowledged is damaged here on purpose: no ledger
        places = list(range(self.begin + 1, self.end))
        if not LONG:
            places = self.random.sample(places, 4)
        for at in places:
            for tear in (self.truncated, self.zeroed):
                with self.subTest(at=at - self.begin, tear=tear.__name__):
                    self.assert_heals(at, tear(at))

    def test_a_flipped_bit_of_the_last_event(self):
        """Nothing says that it was ever whole: a torn tail too."""
        for at in range(self.begin, self.end):
            with self.subTest(at=at - self.begin):
                left = bytearray(self.whole)
                left[at] ^= 1 << self.random.randrange(8)
                damage.write(self.path, left)
                self.assertEqual(len(self.export()), EVENTS - 1)

    def test_after_a_polite_end_the_last_event_is_known_to_be_whole(self):
        damage.write(self.path, self.whole)
        with self.serving():
            pass
        damage.flip(self.path, self.begin + 20)
        self.check_log(status=ROT)
        d = self.launch()
        self.assertEqual(d.wait(), ROT, d.log())

    def test_nothing_but_the_head(self):
        """The first segment of ratings has none, or is not there yet."""
        first = self.extents.of[0][0]
        for left in (self.whole[:first],
                     self.whole[:first] + bytes(len(self.whole) - first)):
            with self.subTest(left=len(left)):
                damage.write(self.path, left)
                self.assertEqual(self.export(), [])
                with self.serving("--snapshot.on_exit=no") as d:
                    self.assertEqual(self.hash(d)[1], 0)
        os.unlink(self.path)
        with self.serving("--snapshot.on_exit=no") as d:
            self.assertEqual(self.hash(d)[1], 0)


if __name__ == "__main__":
    main()
