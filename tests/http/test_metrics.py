"""GET /metrics: text that a strict Prometheus reader takes; moving counters."""
import re

from client import NDJSON
from harness import HttpTest, main

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf'({NAME})(?:\{{((?:{NAME}="(?:[^"\\\n]|\\[\\"n])*",?)*)'
                    r'\})? (\S+)')
LABEL = re.compile(rf'({NAME})="((?:[^"\\]|\\.)*)"')
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",),
            "gauge": ("",)}


class Page:
    """The parsed page: {(name, labels): value}, and each family's type."""

    def __init__(self, text):
        assert text.endswith("\n") and "\r" not in text
        self.samples, self.types, self.done = {}, {}, set()
        self.helped, self.current = set(), None
        for row in text.splitlines():
            self.row(row)
        for name in self.types:
            assert any(k[0].startswith(name) for k in self.samples), (
                f"{name} has no samples")

    def row(self, row):
        if row.startswith("# HELP "):
            name, text = row[7:].split(" ", 1)
            assert text and name not in self.helped, row
            self.helped.add(name)
            self.current = name
        elif row.startswith("# TYPE "):
            name, kind = row[7:].split(" ")
            assert name == self.current and name not in self.types, row
            assert kind in SUFFIXES, row
            self.types[name] = kind
        else:
            self.sample(row)

    def sample(self, row):
        m = SAMPLE.fullmatch(row)
        assert m, row
        kind = self.types.get(self.current)
        assert kind and m[1] in [self.current + s for s in SUFFIXES[kind]], row
        key = (m[1], tuple(sorted(LABEL.findall(m[2] or ""))))
        assert key not in self.samples, f"twice: {row}"
        self.samples[key] = float(m[3])
        assert self.samples[key] == self.samples[key], f"NaN: {row}"

    def get(self, name, **labels):
        return self.samples.get(("freshet_" + name,
                                 tuple(sorted(labels.items()))), 0)


class Metrics(HttpTest):
    def page(self):
        with self.daemon.connect() as c:
            r = c.get("/metrics")
            self.assertEqual(r.status, 200)
            return Page(r.body.decode())

    def traffic(self, c):
        """3 ratings, 1 bad line, 4 predictions (3 of them cold), 1 list, 2
        refusals."""
        c.rate("u", "i", 4)
        c.post("/v1/ratings", b'{"user_id":"u","item_id":"i","rating":3}\n{\n'
               b'{"user_id":"u","item_id":"j","rating":3}', kind=NDJSON)
        c.predict("u", "i")
        c.post("/v1/predict", {"instances": [
            {"user_id": "nobody", "item_id": "nothing"}] * 3})
        c.get("/v1/users/u/recommendations")
        c.get("/nowhere")
        c.post("/v1/predict", {})

    def test_form(self):
        with self.daemon.connect() as c:
            self.traffic(c)
        page = self.page()
        self.assertGreater(len(page.types), 15)
        for name, kind in page.types.items():
            self.assertTrue(name.startswith("freshet_"), name)
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
        for (name, labels), value in page.samples.items():
            self.assertGreaterEqual(value, 0, (name, labels))

    def test_histograms(self):
        with self.daemon.connect() as c:
            self.traffic(c)
        page = self.page()
        series = {}
        for (name, labels), value in page.samples.items():
            if name.endswith("_bucket"):
                rest = tuple(p for p in labels if p[0] != "le")
                le = float(dict(labels)["le"])
                series.setdefault((name[:-7], rest), []).append((le, value))
        self.assertGreaterEqual(len(series), 3)
        for (name, rest), buckets in series.items():
            bounds = [b for b, _ in buckets]
            counts = [n for _, n in buckets]
            self.assertEqual(bounds, sorted(bounds), name)
            self.assertEqual(counts, sorted(counts), name)
            self.assertEqual(bounds[-1], float("inf"), name)
            self.assertEqual(counts[-1], page.samples[(name + "_count", rest)])
            self.assertIn((name + "_sum", rest), page.samples)

    def test_counters_move(self):
        before = self.page()
        with self.daemon.connect() as c:
            self.traffic(c)
            stats = c.settled()
        after = self.page()

        def moved(name, **labels):
            return after.get(name, **labels) - before.get(name, **labels)
        for name, by in (("ratings_accepted_total", 3),
                         ("ratings_rejected_total", 1),
                         ("predictions_total", 4),
                         ("predictions_cold_total", 3),
                         ("recommendations_total", 1)):
            self.assertEqual(moved(name), by, name)
        for route, status, by in (("predict", 200, 2), ("predict", 400, 1),
                                  ("ratings", 200, 1), ("ratings", 202, 1),
                                  ("recommendations", 200, 1),
                                  ("none", 404, 1)):
            self.assertEqual(moved("http_requests_total", route=route,
                                   status=str(status)), by, (route, status))
        self.assertEqual(moved("visible_seconds_count"), 3)
        self.assertGreaterEqual(moved("publishes_total"), 1)
        self.assertGreaterEqual(moved("connections_accepted_total"), 1)
        self.assertEqual(after.get("seq"), stats["seq"])
        self.assertEqual(after.get("model_seq"), stats["model_seq"])
        self.assertEqual(after.get("lag_events"), 0)

    def test_version(self):
        with self.daemon.connect() as c:
            version = c.stats()["version"]
        self.assertEqual(self.page().get("build_info", version=version), 1)

    def test_stats_have_their_fields(self):
        with self.daemon.connect() as c:
            c.rate("u", "i", 4)
            s = c.stats()
        for key in ("seq", "model_seq", "lag", "users", "items", "events",
                    "skipped", "queue_depth"):
            self.assertTrue(isinstance(s[key], int) and s[key] >= 0, key)
        for key in ("rmse", "mae", "rmse_recent", "mae_recent",
                    "uptime_seconds"):
            self.assertTrue(isinstance(s[key], float) and s[key] >= 0, key)
        self.assertRegex(s["model_hash"], r"^[0-9a-f]{16}$")
        self.assertEqual(s["model_hash_seq"], s["model_seq"])
        self.assertEqual((s["rating_min"], s["rating_max"]), (1, 5))
        self.assertTrue(s["version"])

    def test_stats_of_an_empty_model(self):
        d = self.serve()
        with d.connect() as c:
            s = c.stats()
        for key in ("seq", "model_seq", "lag", "users", "items", "events"):
            self.assertEqual(s[key], 0, key)
        for key in ("rmse", "mae", "rmse_recent", "mae_recent"):
            self.assertIsNone(s[key], key)
        self.assertRegex(s["model_hash"], r"^[0-9a-f]{16}$")


if __name__ == "__main__":
    main()
