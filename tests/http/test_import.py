"""Pretrained models: vectors over HTTP, files of other programs, training, and
teachers."""
import json
import math
import os
import signal

import daemon
import tensors
from client import NDJSON
from durable import DurableTest
from harness import HttpTest, main

USAGE, DATA, UNAVAILABLE = 64, 65, 69
K = 16
SMALL = ("--model.rating_dim=8", "--model.ranking_dim=8")


class Model:
    """A model of ratings, as another program would have it."""

    def __init__(self, random, users=7, items=9, k=K, size=0.5):
        def some(n):
            return [random.uniform(-size, size) for _ in range(n)]
        self.users, self.items, self.k = users, items, k
        self.p, self.q = some(users * k), some(items * k)
        self.bu, self.bi, self.mean = some(users), some(items), 3.25

    def rating(self, u, i, dtype="F32"):
        def r(v):
            return tensors.rounded(dtype, v)
        return self.mean + r(self.bu[u]) + r(self.bi[i]) + sum(
            r(self.p[u * self.k + d]) * r(self.q[i * self.k + d])
            for d in range(self.k))

    def tensors(self, dtype="F32"):
        return {"p": (dtype, [self.users, self.k], self.p),
                "q": (dtype, [self.items, self.k], self.q),
                "bu": (dtype, [self.users, 1], self.bu),
                "bi": (dtype, [self.items], self.bi)}

    def map(self, **more):
        return {"rating": {"users": "p", "items": "q", "user_bias": "bu",
                           "item_bias": "bi", "mean": self.mean},
                "user_ids": {"first": 0}, "item_ids": {"first": 100}, **more}


def clip(v, low=1.0, high=5.0):
    return min(max(v, low), high)


class Files(DurableTest):
    """Tests that run commands on files of their own."""

    LIMIT = 40

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        if not isinstance(content, (bytes, str)):
            content = json.dumps(content)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes)
                    else content.encode())
        return path

    def run_command(self, status, name, d, *args):
        done = daemon.command(
            name, *args, f"--to=http://{d.address[0]}:{d.address[1]}")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def bring(self, d, content, how, *more, status=0):
        return self.run_command(
            status, "import", d, self.write("m.safetensors", content),
            "--map=" + self.write("map.json", how), *more)

    def assert_predicts(self, d, model, user_id=str, item_id=None,
                        rating=None):
        item_id = item_id or (lambda i: str(100 + i))
        rating = rating or model.rating
        with d.connect() as c:
            for u in range(model.users):
                for i in range(model.items):
                    got = c.predict(user_id(u), item_id(i))["rating"]
                    self.assertAlmostEqual(got, clip(rating(u, i)), delta=1e-5,
                                           msg=f"{u} {i}")


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


class Hostile(Files):
    def setUp(self):
        super().setUp()
        self.d = self.serve()
        self.model = Model(self.random, users=3, items=3)

    def refuses(self, content, says, how=None):
        how = self.model.map() if how is None else how
        done = self.bring(self.d, content, how, status=DATA)
        self.assertIn(says, done.stderr)
        self.assertLess(done.stderr.count("\n"), 3, done.stderr)
        with self.d.connect() as c:
            self.assertEqual(c.stats()["seq"], 0)

    def test_files(self):
        head, data = tensors.header(self.model.tensors())
        text = json.dumps(head).encode()
        whole = tensors.assemble(text, data)

        def changed(**more):
            h = json.loads(text)
            h["p"].update(more)
            return tensors.assemble(json.dumps(h).encode(), data)

        n = len(self.model.p) * 4
        for content, says in (
                (b"", "no safetensors file"),
                (b"1234567", "no safetensors file"),
                (whole[:8], "header would have"),
                (whole[:-1], "the data at"),
                (whole + b"x", "the data at"),
                (tensors.assemble(text, data, 2 ** 63), "header would have"),
                (tensors.assemble(text, data, 2 ** 64 - 1), "would have"),
                (tensors.assemble(text, data, len(text) - 1), "near end of file"),
                (tensors.assemble(b"[]", b""), "object"),
                (tensors.assemble(b"\xff" + text[1:], data), ""),
                (changed(shape=[2 ** 63 - 1, 2]), "2^64"),
                (changed(shape=[2 ** 63 - 1, 2 ** 63 - 1]), "2^64"),
                (changed(shape=[3, 17]), "its shape needs"),
                (changed(shape=[3, -16]), "whole numbers"),
                (changed(data_offsets=[4, n + 4]), "begins at"),
                (changed(data_offsets=[0, n - 4]), "offsets enclose"),
                (changed(data_offsets=[0, 2 ** 63 - 1]), "offsets enclose"),
                (changed(data_offsets=[0, 2 ** 63]), "too big integer"),
                (changed(data_offsets=[n, 0]), "ends before"),
                (changed(data_offsets=["0", n]), "whole numbers"),
                (changed(dtype="BOOL"), "not known here"),
                (tensors.assemble(text[:-1] + b"," + text[1:], data),
                 "duplicate"),
                (tensors.assemble(b"[" * 100000, b""), ""),
                (tensors.assemble(b'{"p":' * 1000, b""), "")):
            with self.subTest(says, n=len(content)):
                self.refuses(content, says)

    def test_numbers(self):
        for bad in (math.nan, math.inf, -math.inf):
            t = self.model.tensors()
            t["q"][2][5] = bad
            self.refuses(tensors.build(t), "not finite")
        t = Model(self.random, users=3, items=3).tensors("F64")
        t["q"][2][5] = 1e300
        self.refuses(tensors.build(t), "not finite as a binary32")

    def test_maps(self):
        m, t = self.model, self.model.tensors()
        t["odd"] = ("F32", [3, 5], [0.0] * 15)
        t["flat"] = ("F32", [48], [0.0] * 48)
        t["none"] = ("F32", [0, 16], [])
        t["ints"] = ("I64", [3, 16], [0] * 48)
        t["back"] = ("I64", [4], [0, 2, 1, 3])
        t["far"] = ("I64", [4], [0, 1, 2, 2 ** 62])
        t["late"] = ("I64", [4], [1, 1, 2, 3])
        t["short"] = ("I64", [4], [0, 1, 1, 2])
        t["gap"] = ("I64", [4], [0, 1, 1, 3])
        t["all"] = ("I64", [4], [0, 1, 2, 3])
        t["same"] = ("I64", [3], [4, 5, 4])
        t["abc"] = ("U8", [3], list(b"abc"))
        t["bad"] = ("U8", [3], list(b"a\0c"))
        t["abcd"] = ("U8", [4], list(b"abcd"))
        content = tensors.build(t)
        self.write("two.txt", "a\nb\n")
        self.write("four.txt", "a\nb\nc\nd\n")
        self.write("gap.txt", "a\n\nc\n")
        self.write("twice.txt", "a\nb\na\n")

        def head(**more):
            return {**m.map(), "rating": {**m.map()["rating"], **more}}

        def ids(how):
            return m.map(user_ids=how)

        for how, says in (
                ("", ""), ("{", "near end of file"), ([], "object"),
                (head(users="x"), 'no tensor "x"'),
                (head(users="odd"), "cannot be multiplied"),
                (head(users="flat"), "two dimensions"),
                (head(users="none"), "neither of them 0"),
                (head(users="ints"), "not F64, F32"),
                (head(user_bias="odd"), "15 numbers for 3 rows"),
                (head(mean="bu"), "one number"),
                (head(items={"tensor": "q", "transpose": True}),
                 "3 numbers for 16 rows"),
                (ids("nowhere.txt"), "user_ids"),
                (ids("two.txt"), "2 lines for 3 rows"),
                (ids("four.txt"), "4 lines for 3 rows"),
                (ids("gap.txt"), "row 1 is not"),
                (ids("twice.txt"), "rows 0 and 2 have the same id"),
                (ids({"tensor": "same"}), "the same id"),
                (ids({"tensor": "bi2"}), "no tensor"),
                (ids({"tensor": "bi"}), "not I64"),
                (ids({"offsets": "back", "bytes": "abc"}), "would lie at 2"),
                (ids({"offsets": "far", "bytes": "abc"}), "would lie at"),
                (ids({"offsets": "late", "bytes": "abc"}), "first offset"),
                (ids({"offsets": "short", "bytes": "abc"}), "the ids end at 2"),
                (ids({"offsets": "gap", "bytes": "abc"}), "row 1 is not"),
                (ids({"offsets": "all", "bytes": "bad"}), "row 1 is not"),
                (ids({"ends": "same", "bytes": "abc"}), "would lie at"),
                (ids({"offsets": "abcd", "bytes": "bad"}), "first offset"),
                (ids({"ends": "abc", "bytes": "bi"}), "not U8")):
            with self.subTest(says):
                self.refuses(content, says, how)

    def test_words(self):
        d, here = self.d, self.write("m.safetensors", b"")
        for args, says in ((("import",), "which FILE?"),
                           (("import", here, "--epochs=1001"), "epochs"),
                           (("import", here, "--epochs=1.5"), "whole"),
                           (("import", here, "--train={"), "--train"),
                           (("import", "r.csv", "--map=x"), "--map goes"),
                           (("distill",), "which FILE.safetensors?")):
            with self.subTest(args):
                done = self.run_command(USAGE, args[0], d, *args[1:])
                self.assertIn(says, done.stderr)
        plain = self.write("plain.safetensors",
                           tensors.build(self.model.tensors()))
        done = self.run_command(DATA, "import", d, plain)
        self.assertIn("--map", done.stderr)


class Training(Files):
    def rows(self, n=3000):
        """Tastes in two groups, which factors find."""
        out = []
        for k in range(n):
            u, i = self.random.randrange(60), self.random.randrange(40)
            out.append((u, i, 5 if u % 2 == i % 2 else 2, 1600000000 + 60 * k))
        return out

    def test_ratings_with_epochs(self):
        rows = self.rows()
        path = self.write("r.data", "".join(
            f"u{u}\ti{i}\t{r}\t{t}\n" for u, i, r, t in rows))
        hashes = set()
        for _ in range(2):
            d = self.begin()
            done = self.run_command(0, "import", d, path, "--epochs=15")
            self.assertIn("3000 accepted", done.stdout)
            self.assertIn("15 epochs", done.stdout)
            with d.connect() as c:
                self.assertEqual(c.stats()["events"], 3000)
                for u, i, want in ((0, 0, 5), (1, 0, 2), (2, 3, 2), (5, 7, 5)):
                    got = c.post("/v1/predict", {
                        "user_id": f"u{u}", "item_id": f"i{i}",
                        "timestamp": 1}).json()["rating"]
                    self.assertLess(abs(got - want), 0.5)
                hashes.add(c.settled()["model_hash"])
            self.ended(d, signal.SIGKILL)  # the next start trains again
            if len(hashes) == 1 and not hasattr(self, "again"):
                self.again = self.begin()
                with self.again.connect() as c:
                    hashes.add(c.settled()["model_hash"])
                break
        done = daemon.command("evaluate", path, "--epochs=15", "--hash")
        hashes.add(done.stdout.strip())
        self.assertEqual(len(hashes), 1, hashes)

    def test_nothing_to_train_on(self):
        with self.serve("--learn.replay=0").connect() as c:
            self.assert_error(c.post("/v1/admin/train", {"epochs": 2}), 400,
                              "invalid_training", mentions="learn.replay")
        with self.serve().connect() as c:  # no ratings yet: no harm
            r = c.post("/v1/admin/train?wait=applied", {})
            self.assertEqual(self.assert_ok(r)["model_seq"], 1)
            self.assertEqual(c.stats()["skipped"], 0)


class Teaching(Files):
    def test_distill(self):
        """The student comes to say what the teacher says, and nothing of it
        counts as a rating."""
        m = Model(self.random, users=12, items=10, k=40, size=0.3)
        d = self.serve()
        path = self.write("t.safetensors", tensors.build(m.tensors()))
        how = self.write("map.json", m.map())
        done = self.run_command(0, "distill", d, path, f"--map={how}",
                                "--pairs=20000")
        self.assertIn("20000 accepted", done.stdout)
        with d.connect() as c:
            stats = c.stats()
            self.assertEqual((stats["events"], stats["rmse"]), (0, None))
            worst = max(abs(c.predict(str(u), str(100 + i))["rating"] -
                            clip(m.rating(u, i)))
                        for u in range(12) for i in range(10))
            self.assertLess(worst, 0.3)
            person = self.assert_ok(c.get("/v1/users/0/export"))
            self.assertEqual((person["seen"], person["replay"],
                              person["model"]["ratings"]), ([], [], 0))


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
