"""Snapshots only shorten the replay: whatever becomes of them, the model is the
fold of the log."""
import json
import os
import re
import shutil
import struct

import damage
from rig import LONG, ROT, FaultTest, main, rounds

LOAD_ERRORS = r"^freshet_snapshot_load_errors_total (\d+)$"
NEVER = "--snapshot.every_events=0"


def tensors(path):
    """(notes, {name: (dtype, shape, bytes)}) of a safetensors file, by nothing
    but the description of the format."""
    data = damage.read(path)
    size, = struct.unpack_from("<Q", data)
    head = json.loads(data[8:8 + size])
    notes = head.pop("__metadata__", {})
    found, covered = {}, 0
    for name, t in sorted(head.items(), key=lambda x: x[1]["data_offsets"]):
        begin, end = t["data_offsets"]
        assert begin == covered, f"a gap before {name}"
        covered = end
        found[name] = t["dtype"], t["shape"], data[8 + size + begin:
                                                   8 + size + end]
    assert 8 + size + covered == len(data), "bytes behind the tensors"
    return notes, found


class SnapshotTest(FaultTest):
    def take(self, c):
        r = c.post("/v1/admin/snapshot", b"", kind=None)
        return self.assert_ok(r)

    def load_errors(self, d):
        with d.connect() as c:
            text = c.get("/metrics").body.decode()
        return int(re.search(LOAD_ERRORS, text, re.M)[1])


class Damaged(SnapshotTest):
    LIMIT = 300 if LONG else 60

    def setUp(self):
        super().setUp()
        d = self.serve(NEVER)
        with d.connect() as c:
            for _ in range(3):
                self.fill(d, 300, 20)
                self.receipt = self.take(c)
            self.fill(d, 20, 5)
            self.expected = c.settled()
        self.kill(d)
        self.log, _ = self.kept()
        self.newest = self.snapshots()[-1]

    def assert_recovers(self, errors, data=None):
        """The daemon starts, has counted so many snapshots as bad, and has the
        model of before."""
        d = self.serve(NEVER, "--snapshot.on_exit=no", data=data)
        self.assertEqual(self.hash(d), (self.expected["model_hash"],
                                        self.expected["seq"]))
        self.assertEqual(self.load_errors(d), errors, d.log())
        self.assertEqual(bool(re.search(r"WARN .*snapshot|ERROR .*snapshot",
                                        d.log())), errors > 0, d.log())
        resident = d.resident_bytes()
        d.stop()
        return resident

    def test_sound(self):
        self.assert_same_fold(self.serve(), self.log)
        self.assertEqual(len(self.snapshots()), 3)
        self.assertEqual(self.receipt["bytes"], os.path.getsize(self.newest))
        self.assertEqual(self.receipt["file"], os.path.basename(self.newest))
        self.assertEqual(self.receipt["seq"],
                         int(os.path.basename(self.newest)[:20]))
        self.assertEqual(self.receipt["seq"], 900)

    def test_any_notebook_can_open_it(self):
        notes, found = tensors(self.newest)
        self.assertIn(self.receipt["model_hash"], notes.values())
        self.assertIn(str(self.receipt["seq"]), notes.values())
        size = {"F32": 4, "I32": 4, "U32": 4, "F64": 8, "I64": 8, "U64": 8,
                "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2}
        for name, (kind, shape, data) in found.items():
            count = 1
            for n in shape:
                count *= n
            self.assertEqual(len(data), count * size[kind], name)

    def test_flipped_bits(self):
        whole = damage.read(self.newest)
        head, = struct.unpack_from("<Q", whole)
        places = [0, 7, 8, 9, 8 + head // 2, 7 + head, 8 + head,
                  len(whole) - 1]
        places += self.random.sample(range(8 + head, len(whole)),
                                     rounds(3, 100))
        for at in places:
            with self.subTest(at=at, of=len(whole), head=head):
                damage.flip(self.newest, at, self.random.randrange(8))
                self.assert_recovers(1)
                damage.write(self.newest, whole)

    def test_all_are_bad(self):
        for path in self.snapshots():
            damage.flip(path, os.path.getsize(path) // 2)
        self.assert_recovers(3)

    def test_all_are_gone(self):
        shutil.rmtree(os.path.dirname(self.newest))
        self.assert_recovers(0)

    def test_hostile_sizes(self):
        whole = damage.read(self.newest)
        sound = self.assert_recovers(0)
        head, = struct.unpack_from("<Q", whole)
        huge = [struct.pack("<Q", n) + whole[8:] for n in
                (0, 1, 2 ** 20, 2 ** 32, 2 ** 63, 2 ** 64 - 1, len(whole))]
        for data in [b"", whole[:7], whole[:8], whole[:8 + head],
                     whole[:-1], whole + b"\0", bytes(len(whole))] + huge:
            with self.subTest(size=len(data), first=data[:8].hex()):
                damage.write(self.newest, data)
                self.assertLess(self.assert_recovers(1) - sound, 16 << 20)

    def test_hostile_headers(self):
        """Well-formed, but not of this model: shapes and numbers changed."""
        whole = damage.read(self.newest)
        size, = struct.unpack_from("<Q", whole)
        text = whole[8:8 + size]
        for old in sorted(set(re.findall(rb"\d+", text)))[:rounds(6, 200)]:
            new = bytes([old[0] ^ 1]) + old[1:]
            with self.subTest(old=old, new=new):
                damage.write(self.newest, whole[:8] +
                             text.replace(old, new, 1) + whole[8 + size:])
                self.assert_recovers(1)

    def test_of_another_log(self):
        other = os.path.join(self.folder, "other")
        d = self.serve(NEVER, data=other)
        with d.connect() as c:
            self.fill(d, 910)
            self.take(c)
        self.kill(d)
        stranger = self.snapshots(other)[-1]
        shutil.copy(stranger, os.path.dirname(self.newest))
        self.assert_recovers(1)

    def test_left_half_written(self):
        """What a killed writer leaves is no snapshot, and is cleared away."""
        folder = os.path.dirname(self.newest)
        before = set(os.listdir(folder))
        d = self.serve(NEVER, failpoint="snapshot.written")
        with d.connect() as c:
            c.try_send(b"POST /v1/admin/snapshot HTTP/1.1\r\nHost: a\r\n"
                       b"Content-Length: 0\r\n\r\n")
            self.assertEqual(d.wait(), 137)
        self.assertNotEqual(set(os.listdir(folder)), before)
        self.assert_recovers(0)
        self.assertEqual(set(os.listdir(folder)), before)


class Kept(SnapshotTest):
    """How many there are, and what they let go."""

    def test_by_number_of_events(self):
        with self.serving("--snapshot.every_events=400",
                          "--snapshot.keep=1") as d:
            load = self.load(d, connections=8)
            d.wait_log(r"(?s)snapshot file=.*snapshot file=")
            load.stop()
        self.assertEqual(len(self.snapshots()), 1)
        self.restarted()

    def test_at_the_end(self):
        with self.serving(NEVER) as d:
            seq = self.fill(d, 30)
        self.assertEqual(int(os.path.basename(self.snapshots()[-1])[:20]), seq)
        for path in self.snapshots():
            os.unlink(path)
        with self.serving(NEVER, "--snapshot.on_exit=no"):
            pass
        self.assertEqual(self.snapshots(), [])

    def trimmed(self):
        """A log whose oldest segments were dropped; its model_hash and seq."""
        d = self.serve(NEVER, "--journal.keep=snapshots", "--snapshot.keep=2",
                       "--journal.dedupe_window=100")
        with d.connect() as c:
            for _ in range(4):
                self.fill(d, 1000, 100)
                self.take(c)
        expected = self.hash(d)
        d.stop()
        self.assertGreater(int(os.path.basename(self.segments()[0])[:20]), 1)
        return expected

    def test_segments_before_the_oldest_are_dropped(self):
        expected = self.trimmed()
        log = self.export()
        self.assertEqual(log[-1]["seq"], 4000)
        self.assertLessEqual(log[0]["seq"], 3001)
        with self.serving() as d:
            self.assertEqual(self.hash(d), expected)
        damage.flip(self.snapshots()[-1], 1000)
        with self.serving() as d:
            self.assertEqual(self.hash(d), expected)
            self.assertEqual(self.load_errors(d), 1)

    def test_nothing_is_left_to_start_from(self):
        """No snapshot, and no whole log: no daemon, least of all an empty
        one."""
        self.trimmed()
        for path in self.snapshots():
            damage.flip(path, 1000)
        before = damage.fingerprint(self.data)
        d = self.launch()
        self.assertEqual(d.wait(), ROT, d.log())
        self.assertEqual(damage.fingerprint(self.data), before)


if __name__ == "__main__":
    main()
