"""A snapshot is a file that others can read: opened here with nothing but the
format's own description (8 bytes, JSON, data), and used to predict."""
import json
import os
import struct
import tempfile

from harness import HttpTest, main

KINDS = {"U8": "B", "I32": "i", "I64": "q", "F32": "f", "F64": "d"}
NOW = 1_000_000_000


def open_safetensors(path):
    """Every tensor as (shape, flat tuple), and the metadata."""
    with open(path, "rb") as f:
        data = f.read()
    size, = struct.unpack_from("<Q", data)
    head = json.loads(data[8:8 + size])
    notes = head.pop("__metadata__")
    tensors, covered = {}, 0
    for name, t in sorted(head.items(), key=lambda x: x[1]["data_offsets"]):
        begin, end = t["data_offsets"]
        assert begin == covered, f"a hole before {name}"
        covered, n = end, 1
        for side in t["shape"]:
            n *= side
        kind = f"<{n}{KINDS[t['dtype']]}"
        assert struct.calcsize(kind) == end - begin, name
        tensors[name] = (t["shape"],
                         struct.unpack_from(kind, data, 8 + size + begin))
    assert 8 + size + covered == len(data), "bytes that belong to nothing"
    return tensors, notes


class SnapshotFile(HttpTest):
    def take(self):
        """A daemon with some ratings, a snapshot of it, and what it says."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = os.path.join(folder.name, "data")
        d = self.serve(f"--data.dir={self.folder}", "--model.rating_dim=8",
                       "--snapshot.on_exit=no")
        with d.connect() as c:
            for u in range(12):
                for i in range(9):
                    c.rate(f"Grüße/{u}", i, 1 + (u * i) % 5,
                           timestamp=NOW + 100 * u + i)
            r = self.assert_ok(c.post("/v1/admin/snapshot", None))
            pair = {"user_id": "Grüße/3", "item_id": "7", "timestamp": NOW - 1}
            rating = self.assert_ok(c.post("/v1/predict", pair))["rating"]
            self.assertIn(f'freshet_model_hash_seq{{model_hash="'
                          f'{r["model_hash"]}"}} 108',
                          c.get("/metrics").body.decode())
            return r, rating, c.stats()

    def test_an_independent_reader(self):
        said, rating, stats = self.take()
        t, notes = open_safetensors(
            os.path.join(self.folder, "snapshot", said["file"]))
        self.assertEqual(notes["format"], "freshet-snapshot")
        self.assertEqual(notes["model_hash"], stats["model_hash"])
        self.assertEqual(said["model_hash"], stats["model_hash"])
        self.assertEqual((int(notes["seq"]), said["seq"]), (108, 108))
        self.assertIn("model.rating_dim=8\n", notes["settings"])
        users, items = self.ids(t, "users"), self.ids(t, "items")
        self.assertEqual(users, [f"Grüße/{u}" for u in range(12)])
        self.assertEqual(items, [str(i) for i in range(9)])
        self.assertEqual(t["users.vec"][0], [12, 8])
        self.assertEqual(t["users.count"][1], (9,) * 12)
        self.assertEqual(len(t["history.seq"][1]), 108)
        self.assertEqual(t["users.seen"][0], [108, 2])
        self.assertEqual(t["users.seen"][1][0::2], 12 * tuple(range(9)))
        self.assertEqual(set(t["users.seen"][1][1::2]),
                         {NOW // 86400 << 16 | 1})  # that day, a rating
        # and what the daemon predicts follows from what the file says
        u, i = users.index("Grüße/3"), items.index("7")
        p, q = (t[f"{side}.vec"][1][8 * row:8 * row + 8]
                for side, row in (("users", u), ("items", i)))
        ratings = [1 + (a * b) % 5 for a in range(12) for b in range(9)]
        mean = (sum(ratings) + 10 * 3) / (len(ratings) + 10)
        inner = (mean + t["users.bias"][1][u] + t["items.bias"][1][i] +
                 sum(a * b for a, b in zip(p, q, strict=True)))
        self.assertAlmostEqual(min(max(inner, 1), 5), rating, places=4)

    @staticmethod
    def ids(t, side):
        text, begin, names = bytes(t[f"{side}.id_bytes"][1]), 0, []
        for end in t[f"{side}.id_end"][1]:
            names.append(text[begin:end].decode())
            begin = end
        return names

    def test_no_data_dir_no_snapshot(self):
        with self.daemon.connect() as c:
            self.assert_error(c.post("/v1/admin/snapshot", None), 503,
                              "snapshot_failed", mentions="data.dir")
            self.assert_error(c.get("/v1/admin/snapshot"), 405,
                              "method_not_allowed")


if __name__ == "__main__":
    main()
