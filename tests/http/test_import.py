"""Pretrained models: vectors over HTTP, and files of other programs."""
import json
import os
import signal

import tensors
from client import NDJSON
from harness import HttpTest, main
from pretrained import DATA, SMALL, Files, K, Model, clip


class Imports(Files):
    def test_every_kind_of_float(self):
        for dtype in ("F32", "F64", "F16", "BF16"):
            with self.subTest(dtype):
                m, d = Model(self.random), self.serve()
                self.bring(d, tensors.build(m.tensors(dtype)), m.map())
                self.assert_predicts(
                    d, m, rating=lambda u, i, m=m, t=dtype: m.rating(u, i, t))

    def test_transposed_and_range(self):
        """Keras has its kernels the other way, and ratings of 0..1."""
        m, d = Model(self.random, size=0.2), self.serve()
        t = m.tensors()
        t["q"] = ("F32", [m.k, m.items],
                  [m.q[i * m.k + k] for k in range(m.k)
                   for i in range(m.items)])
        how = m.map()
        m.mean = how["rating"]["mean"] = 0.5
        how["rating"].update(items={"tensor": "q", "transpose": True},
                             range=[0, 1])
        self.bring(d, tensors.build(t), how)
        self.assert_predicts(d, m, rating=lambda u, i: 1 + 4 * m.rating(u, i))

    def test_another_range_of_ratings(self):
        m = Model(self.random)
        d = self.serve("--model.rating_min=0", "--model.rating_max=10")
        self.bring(d, tensors.build(m.tensors()), m.map())
        with d.connect() as c:
            for u, i in ((0, 0), (3, 5), (6, 8)):
                self.assertAlmostEqual(c.predict(str(u), str(100 + i))["rating"],
                                       clip(m.rating(u, i), 0, 10), delta=1e-4)

    def test_every_kind_of_ids(self):
        m = Model(self.random)
        users = [f"u \"{u}\u00e9/" for u in range(m.users)]
        blob = "".join(users).encode()
        ends = [len("".join(users[:u]).encode()) for u in range(m.users + 1)]
        items = [str(7 * i + 1) for i in range(m.items)]
        t = {"uo": ("I64", [len(ends)], ends), "ue": ("I32", [m.users],
                                                      ends[1:]),
             "it": ("I64", [m.items, 1], [int(i) for i in items]),
             "it8": ("U8", [m.items], [int(i) for i in items]),
             **m.tensors(), "ub": ("U8", [len(blob)], list(blob))}
        self.write("users.txt", "\r\n".join(users) + "\r\n")
        self.write("items.txt", "\n".join(items))
        for of_users, of_items in (
                ("users.txt", "items.txt"),
                ({"file": os.path.join(self.folder, "users.txt")},
                 {"tensor": "it"}),
                ({"offsets": "uo", "bytes": "ub"}, {"tensor": "it8"}),
                ({"ends": "ue", "bytes": "ub"}, {"tensor": "it"})):
            with self.subTest(str(of_users)):
                d = self.serve()
                self.bring(d, tensors.build(t),
                           m.map(user_ids=of_users, item_ids=of_items))
                self.assert_predicts(d, m, users.__getitem__,
                                     items.__getitem__)

    def test_few_factors_and_many(self):
        for k in (3, 8, 24):
            with self.subTest(k):
                m, d = Model(self.random, users=8, items=8, k=k), self.serve(
                    *SMALL)
                done = self.bring(d, tensors.build(m.tensors()), m.map())
                self.assertEqual("zeros" in done.stdout, k == 3)
                self.assertEqual("projected" in done.stdout, k == 24)
                # 8 x 8 products have rank 8: nothing is lost
                self.assert_predicts(d, m)

    def test_ranking(self):
        """Both heads at once; the ranking head's as its snapshot shows it."""
        d, m = self.begin(*SMALL), Model(self.random, k=8)
        ranking = [float(v) for v in range(m.items * 8)]
        biases = [0.5 * v for v in range(m.items)]
        self.bring(d, tensors.build({
            **m.tensors(), "rq": ("F32", [m.items, 8], ranking),
            "rb": ("F16", [m.items], biases)}),
            m.map(ranking={"items": "rq", "item_bias": "rb"}))
        self.assert_predicts(d, m)
        with d.connect() as c:
            name = self.assert_ok(c.post("/v1/admin/snapshot", None))["file"]
        got = tensors.read(os.path.join(self.data, "snapshot", name))
        self.assertEqual(list(got["items.rvec"]), ranking)
        self.assertEqual(list(got["items.rbias"]), biases)

    def test_a_snapshot_with_features(self):
        """Its rows are not all that it knows."""
        d = self.begin()
        with d.connect() as c:
            c.ask("PUT", "/v1/items/i", {"categories": ["novel"]})
            self.post(c, self.ratings(20))
            c.settled()
            name = self.assert_ok(c.post("/v1/admin/snapshot", None))["file"]
        done = self.run_command(DATA, "import", d, os.path.join(
            self.data, "snapshot", name))
        self.assertIn("metadata", done.stderr)

    def test_learning_goes_on(self):
        """A count makes a row as steady as one that learned so much here."""
        m, moved = Model(self.random), []
        for count in (0, 500):
            d = self.serve()
            self.bring(d, tensors.build(m.tensors()), m.map(count=count))
            with d.connect() as c:
                before = c.predict("0", "100")["rating"]
                c.rate("0", "100", 5)
                moved.append(c.predict("0", "100")["rating"] - before)
        self.assertGreater(moved[0], 2 * moved[1])
        self.assertGreater(moved[1], 0)

    def test_restart_and_erasure(self):
        m, d = Model(self.random), self.begin()
        users = [f"person-{u}-of-old" for u in range(m.users)]
        self.write("users.txt", "\n".join(users))
        self.bring(d, tensors.build(m.tensors()),
                   m.map(user_ids="users.txt"))
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGTERM):
            self.ended(d, number)
            d = self.begin()
            self.assert_predicts(d, m, users.__getitem__)
        with d.connect() as c:
            export = c.get(f"/v1/users/{users[3]}/export").json()
            self.assertEqual([e["type"] for e in export["events"]], ["vector"])
            self.assertEqual(len(export["events"][0]["vector"]), K)
            gone = self.assert_ok(c.ask("DELETE", f"/v1/users/{users[3]}"))
            self.assertEqual(gone["events"], 1)
            c.settled()
            self.assertEqual(c.predict(users[3], "100")["cold"], ["user"])
        self.ended(d, signal.SIGTERM)
        self.assertEqual(self.files_with(users[3]), [])
        self.assertNotEqual(self.files_with(users[2]), [])
        d = self.begin()
        with d.connect() as c:
            self.assertEqual(c.predict(users[3], "100")["cold"], ["user"])
            self.assertAlmostEqual(c.predict(users[2], "100")["rating"],
                                   clip(m.rating(2, 0)), delta=1e-5)

    def test_own_snapshot(self):
        d = self.begin()
        with d.connect() as c:
            self.post(c, self.ratings(300))
            c.settled()
            name = self.assert_ok(c.post("/v1/admin/snapshot", None))["file"]
            other = self.serve()
            self.run_command(0, "import", other, os.path.join(
                self.data, "snapshot", name))
            with other.connect() as o:
                for k in range(20):  # long after the session
                    pair = {"user_id": f"u{k}", "item_id": f"i{k}",
                            "timestamp": 1}
                    a, b = (x.post("/v1/predict", pair).json()["rating"]
                            for x in (c, o))
                    self.assertAlmostEqual(a, b, delta=1e-5)


class Vectors(HttpTest):
    OPTIONS = SMALL

    def row(self, **more):
        return {"item_id": self.name("i"), "head": "rating",
                "vector": [0.1] * 8, **more}

    def test_refusals(self):
        with self.daemon.connect() as c:
            for body, code, mentions in (
                    (self.row(vector=[1] * 7), "invalid_vector",
                     "rating head 8"),
                    (self.row(vector=[1] * 9, head="ranking"),
                     "invalid_vector", "model.ranking_dim"),
                    (self.row(vector=[]), "invalid_vector", "0 numbers"),
                    (self.row(user_id="u"), "unknown_field", "one of them"),
                    (self.row(bias=1e39), "invalid_vector", "bias"),
                    (self.row(head="x"), "invalid_vector", "head"),
                    ({"mean": "3"}, "invalid_type", "mean")):
                r = c.post("/v1/admin/vectors", body)
                self.assert_error(r, 400, code, mentions=mentions)
            r = c.post("/v1/admin/vectors", [self.row(), self.row(vector=[1])])
            self.assert_error(r, 400, "invalid_vector", index=1)
            self.assertEqual(c.stats()["items"], 0)

    def test_stream(self):
        rows = [self.row(), {"mean": 3}, self.row(vector=[2]), self.row()]
        body = b"".join(json.dumps(r).encode() + b"\n" for r in rows)
        with self.daemon.connect() as c:
            r = c.post("/v1/admin/vectors?wait=applied", body, kind=NDJSON)
            got = self.assert_ok(r)
            self.assertEqual((got["accepted"], got["rejected"]), (3, 1))
            self.assertEqual(got["errors"][0]["index"], 2)

    def test_training_refusals(self):
        with self.daemon.connect() as c:
            for body, code in (({"epochs": 0}, "invalid_training"),
                               ({"decay": 2}, "invalid_training"),
                               ({"fresh": 0}, "invalid_type"),
                               ({"epoch": 2}, "unknown_field")):
                self.assert_error(c.post("/v1/admin/train", body), 400, code)


if __name__ == "__main__":
    main()
