"""`evaluate FILE` and a daemon that was fed FILE end with one model_hash, and
with the same test-then-train error."""
import gzip
import json
import os
import tempfile

import daemon
from client import NDJSON
from harness import SLOW, OwnDaemonTest, main, shared_data


class EvaluateEqualsDaemon(OwnDaemonTest):
    LIMIT = 60

    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def ratings(self, n=5000):
        """(user, item, rating, seconds); seconds repeat and go back."""
        r = self.random
        return [(r.randrange(200), r.randrange(300), r.randint(1, 5),
                 1600000000 + r.randrange(n // 3)) for _ in range(n)]

    def evaluate(self, path, *options):
        done = daemon.command("evaluate", path, "--json", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def replay(self, d, path, *options):
        host, port = d.address
        done = daemon.command("replay", path, f"--to=http://{host}:{port}",
                              *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def compare(self, path, *options, evaluate=(), replay=(), items=None):
        """items: NDJSON of metadata, which comes first."""
        d = self.serve(*options)
        if items:
            evaluate = [*evaluate, "--items=" + self.write("i.ndjson", items)]
            with d.connect() as c:
                self.assert_ok(c.post("/v1/items?wait=applied", items,
                                      kind=NDJSON))
        expected = self.evaluate(path, *options, *evaluate)
        self.replay(d, path, *replay)
        with d.connect() as c:
            stats = c.settled()
        self.assertEqual(stats["events"], expected["events"])
        self.assertEqual(stats["model_hash"], expected["model_hash"])
        for key in ("rmse", "mae"):
            self.assertAlmostEqual(stats[key], expected[key], 5, key)
        return stats

    def test_forms_of_files(self):
        rows = self.ratings()
        tabs = b"".join(b"%d\t%d\t%d\t%d\n" % r for r in rows)
        files = [
            self.write("u.data", tabs),
            self.write("u.data.gz", gzip.compress(tabs)),
            self.write("ratings.csv", b"userId,movieId,rating,timestamp\n" +
                       b"".join(b"%d,%d,%d,%d\n" % r for r in rows)),
            self.write("ratings.dat",
                       b"".join(b"%d::%d::%d::%d\n" % r for r in rows)),
            self.write("ratings.ndjson", b"".join(
                json.dumps(dict(zip(("user_id", "item_id", "rating",
                                     "timestamp"), r))).encode() + b"\n"
                for r in rows))]
        hashes = {self.compare(f)["model_hash"] for f in files}
        self.assertEqual(len(hashes), 1, "one file in several forms")

    def test_with_metadata(self):
        """Cards, and the features derived from them, in both."""
        r = self.random
        rows = self.ratings(3000)
        path = self.write("u.data", b"".join(b"%d\t%d\t%d\t%d\n" % row
                                             for row in rows))
        cards = [{"item_id": str(i), "title": f"The {i % 7} of {i % 11}",
                  "categories": r.sample(["drama", "comedy", "western"], 2),
                  "tags": [f"t{r.randrange(40)}"],
                  "numbers": {"year": 1950 + r.randrange(60), "price": i / 7},
                  "hidden": i % 50 == 0} for i in range(250)]
        for card in cards:
            card["texts"] = {"title": card.pop("title")}
        items = b"".join(json.dumps(c).encode() + b"\n" for c in cards)
        without = self.compare(path)
        plain = self.compare(path, items=items)
        words = self.compare(path, "--items.text_buckets=64",
                             "--model.ranking_dim=16", items=items)
        self.assertEqual(len({s["model_hash"] for s in (without, plain,
                                                        words)}), 3)

    def test_order_of_the_file(self):
        rows = self.ratings(2000)
        path = self.write("u.data", b"".join(b"%d\t%d\t%d\t%d\n" % r
                                             for r in rows))
        by_time = self.compare(path)
        by_file = self.compare(path, evaluate=["--order=file"],
                               replay=["--order=file"])
        self.assertNotEqual(by_time["model_hash"], by_file["model_hash"])

    def test_options_count(self):
        path = self.write("u.data", b"".join(b"%d\t%d\t%d\t%d\n" % r
                                             for r in self.ratings(1000)))
        seen = {self.compare(path, *options)["model_hash"] for options in (
            (), ("--model.seed=7",), ("--model.rating_dim=32",),
            ("--learn.replay=0",), ("--learn.history=100",),
            ("--model.rating_min=0", "--model.rating_max=10"))}
        self.assertEqual(len(seen), 6)

    def test_how_it_is_sent_does_not_count(self):
        """One by one, in arrays, in a stream, in small batches: the same."""
        rows = [{"user_id": str(u), "item_id": str(i), "rating": r,
                 "timestamp": t} for u, i, r, t in self.ratings(1000)]
        text = b"\n".join(json.dumps(r).encode() for r in rows)
        ways = (
            lambda c: [c.post("/v1/ratings", r) for r in rows],
            lambda c: [c.post("/v1/ratings?wait=applied", rows[k:k + 7])
                       for k in range(0, len(rows), 7)],
            lambda c: [c.post("/v1/ratings", rows)],
            lambda c: [c.post("/v1/ratings", text, kind=NDJSON)],
            lambda c: [c.post("/v1/ratings", [text[k:k + 100] for k in range(
                0, len(text), 100)], kind=NDJSON)])
        hashes = set()
        for way in ways:
            for options in ((), ("--publish.max_events=1",)):
                d = self.serve(*options)
                with d.connect() as c:
                    for r in way(c):
                        self.assertIn(r.status, (200, 202), r)
                    hashes.add(c.settled()["model_hash"])
                d.stop()
        path = self.write("r.ndjson", text)
        hashes.add(self.evaluate(path, "--order=file")["model_hash"])
        self.assertEqual(len(hashes), 1)

    def test_ml_100k(self):
        path = shared_data("ml-100k", "u.data")
        if SLOW > 1:
            self.skipTest("sanitizers take too long over 100,000 ratings")
        stats = self.compare(path)
        self.assertEqual(stats["events"], 100000)
        self.assertLess(stats["rmse"], 0.944)


if __name__ == "__main__":
    main()
