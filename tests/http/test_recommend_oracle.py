"""Recommendations against brute force: scores from a snapshot's own vectors, lists by
sorting and filtering everything, over random catalogues and random requests."""
import math
import os
import random
import tempfile

from harness import SEED, OwnDaemonTest, main
from test_snapshot_file import open_safetensors

T0 = 1_700_000_000
ITEMS, USERS = 240, 15
CATEGORIES = ["comedy", "drama", "sf", "noir", "Ünï", "x" * 200]
TAGS = [f"t{k}" for k in range(8)]


def names(tensors, entity):
    text, ends = tensors[f"{entity}.id_bytes"][1], tensors[f"{entity}.id_end"][1]
    return [bytes(text[a:b]).decode()
            for a, b in zip((0,) + ends[:-1], ends)]


def rows(tensors, name, dim):
    flat = tensors[name][1]
    return [flat[k:k + dim] for k in range(0, len(flat), dim)]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def cosine(a, b):
    return dot(a, b) / (dot(a, a) * dot(b, b)) ** .5


def labels_pass(have, want):
    if isinstance(want, list):
        want = {"any": want}
    return ((not want.get("any") or any(x in have for x in want["any"])) and
            all(x in have for x in want.get("all", [])) and
            not any(x in have for x in want.get("none", [])))


class Oracle(OwnDaemonTest):
    options = ()

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        data = os.path.join(folder.name, "data")
        d = self.serve(f"--data.dir={data}", "--snapshot.on_exit=no",
                       "--recommend.recent=0", *self.options)
        self.c = d.connect()
        self.addCleanup(self.c.close)
        self.make()
        r = self.assert_ok(self.c.post("/v1/admin/snapshot", None))
        self.read(os.path.join(data, "snapshot", r["file"]))

    # ---- the catalogue --------------------------------------------------

    def document(self, k):
        rnd = self.random
        doc = {"item_id": f"i{k}",
               "categories": rnd.sample(CATEGORIES, rnd.randrange(0, 4)),
               "tags": rnd.sample(TAGS, rnd.randrange(0, 3))}
        if rnd.random() < .8:
            doc["numbers"] = {"price": rnd.randrange(0, 100) / 4,
                              "year": rnd.randrange(1950, 2020)}
        if rnd.random() < .1:
            doc["available_from"] = T0 + 1000 * rnd.randrange(0, 3)
            doc["available_until"] = doc["available_from"] + 5 * 10 ** 8
        if rnd.random() < .05:
            doc["hidden"] = True
        if rnd.random() < .3:   # features that do not weigh 1
            doc["text"] = " ".join(rnd.sample(CATEGORIES[:4] + TAGS, 3) +
                                   ["once", "upon"])
        return doc

    def make(self):
        """Some items have no metadata, some no events, some neither's user."""
        rnd = self.random
        self.docs = {f"i{k}": self.document(k) for k in range(ITEMS)}
        self.deleted = {f"i{k}" for k in range(ITEMS) if rnd.random() < .03}
        put = [d for d in self.docs.values() if rnd.random() < .9]
        for d in set(self.docs) - {d["item_id"] for d in put}:
            self.docs[d] = {"item_id": d}
        self.assert_ok(self.c.post("/v1/items?wait=applied", put))
        self.seen = {}
        ratings = []
        for k in range(1500):
            user = f"u{rnd.randrange(USERS)}"
            item = f"i{int(ITEMS * .9 * rnd.random() ** 2)}"
            self.seen.setdefault(user, set()).add(item)
            ratings.append({"user_id": user, "item_id": item,
                            "rating": rnd.randrange(1, 6),
                            "timestamp": T0 + 86400 * (k // 300)})
        self.assert_ok(self.c.post("/v1/ratings?wait=applied", ratings))
        for item in self.deleted:
            self.assert_ok(self.c.ask("DELETE",
                                      f"/v1/items/{item}?wait=applied"))

    def read(self, path):
        t, _ = open_safetensors(path)
        dim = t["items.rvec"][0][1]
        self.users = dict(zip(names(t, "users"), rows(t, "users.rvec", dim)))
        self.items = names(t, "items")
        self.bias = dict(zip(self.items, t["items.rbias"][1]))
        own = dict(zip(self.items, rows(t, "items.rvec", dim)))
        feature = dict(zip(names(t, "features"), rows(t, "features.rvec", dim)))
        met = dict(zip(names(t, "features"), t["features.count"][1]))
        positives = dict(zip(self.items, t["items.positives"][1]))
        self.vec, self.learned = {}, set()
        for item in self.items:
            v = list(own[item])
            if positives[item]:
                self.learned.add(item)
            r = self.c.get(f"/v1/items/{item}")
            if r.status == 200:
                for f, w in r.json()["features"].items():
                    v = [x + w * y for x, y in zip(v, feature[f])]
                    if met[f]:
                        self.learned.add(item)
            self.vec[item] = v

    # ---- what is right --------------------------------------------------

    def shown(self, item, body):
        """May the list of that request have the item?"""
        doc, f = self.docs[item], body.get("filter", {})
        at = f.get("available_at", T0 + 2 * 10 ** 8)
        if item in self.deleted:
            doc = {}
        if item in self.deleted or doc.get("hidden") or \
                not doc.get("available_from", 0) <= at < \
                doc.get("available_until", 10 ** 12):
            return False
        if item in body.get("exclude", ()) or \
                "include" in body and item not in body["include"]:
            return False
        seen = self.seen.get(body.get("user_id"), ())
        if body.get("exclude_seen", "include" not in body) and item in seen:
            return False
        numbers = doc.get("numbers", {})
        return labels_pass(doc.get("categories", []),
                           f.get("categories", {})) and \
            labels_pass(doc.get("tags", []), f.get("tags", {})) and \
            all(name in numbers and
                r.get("min", -1e99) <= numbers[name] <= r.get("max", 1e99)
                for name, r in f.get("numbers", {}).items())

    def recommend(self, body):
        """With a time, so that the oracle and the daemon mean the same."""
        body = dict(body)
        body["filter"] = {"available_at": T0 + 2 * 10 ** 8,
                          **body.get("filter", {})}
        return self.assert_ok(self.c.post("/v1/recommend", body))

    def scores(self, **who):
        """What the daemon says of every item that can be shown at some time."""
        said = {}
        for at in (T0, T0 + 2000, T0 + 2 * 10 ** 8, T0 + 10 ** 9):
            r = self.recommend({**who, "n": 1000, "exclude_seen": False,
                                "filter": {"available_at": at}})
            said.update((i["item_id"], i["score"]) for i in r["items"])
        return said

    def order(self, said, body):
        left = [i for i in said if self.shown(i, body)]
        return sorted(left, key=lambda i: (-said[i], i.encode()))

    def random_filter(self):
        rnd, f = self.random, {}

        def some(of):
            return rnd.sample(of, rnd.randrange(0, 3))
        if rnd.random() < .5:
            f["categories"] = rnd.choice([
                some(CATEGORIES), {"any": some(CATEGORIES)},
                {"all": some(CATEGORIES), "none": ["nope"]},
                {"any": CATEGORIES[:2], "none": some(CATEGORIES[2:])}])
        if rnd.random() < .3:
            f["tags"] = {"any": some(TAGS), "none": some(TAGS)}
        if rnd.random() < .3:
            f["numbers"] = {"price": {"min": rnd.randrange(10),
                                      "max": rnd.randrange(10, 25)}}
        if rnd.random() < .2:
            f.setdefault("numbers", {})["year"] = {"min": 1980}
        if rnd.random() < .2:
            f["available_at"] = T0 + rnd.randrange(3000)
        return f

    def random_body(self, user):
        rnd = self.random
        body = {"user_id": user, "filter": self.random_filter(),
                "n": rnd.choice([1, 2, 10, 100, 1000])}
        if rnd.random() < .3:
            body["offset"] = rnd.choice([0, 1, 10, 200, 10 ** 9])
        if rnd.random() < .3:
            body["exclude_seen"] = rnd.random() < .5
        if rnd.random() < .3:
            body["exclude"] = rnd.choices(self.items, k=60) + ["no such"]
        if rnd.random() < .3:
            body["include"] = rnd.choices(self.items, k=80) + ["nor this"]
        return body

    # ---- tests ----------------------------------------------------------

    def test_scores_are_what_the_vectors_say(self):
        for user, p in self.users.items():
            said = self.scores(user_id=user)
            self.assertGreater(len(said), ITEMS * .8)
            for item, score in said.items():
                want = self.bias[item] + dot(p, self.vec[item])
                self.assertAlmostEqual(score, want, delta=1e-4, msg=item)

    def test_lists_are_what_sorting_gives(self):
        lengths = set()
        for user in [*self.users, "nobody"]:
            said = self.scores(user_id=user)
            for _ in range(40):
                body = self.random_body(user)
                at, n = body.get("offset", 0), body["n"]
                want = self.order(said, body)[at:at + n]
                got = self.recommend(body)
                self.assertEqual(got["by"], "popular" if user == "nobody"
                                 else "ranking")
                if user == "nobody":   # the rest are in the order of arrival
                    want = [i for i in want if said[i] > 0]
                    got["items"] = [i for i in got["items"] if i["score"] > 0]
                self.assertEqual([i["item_id"] for i in got["items"]], want,
                                 body)
                self.assertEqual([i["score"] for i in got["items"]],
                                 [said[i] for i in want])
                lengths.add(len(want))
        self.assertIn(0, lengths)      # filters that leave nothing
        self.assertGreater(len(lengths), 10)

    def test_a_batch_is_each_alone(self):
        users = [*self.users, "nobody", "u3"]
        for _ in range(10):
            body = self.random_body(None)
            body["offset"] = min(body.get("offset", 0), 10)
            del body["user_id"]
            r = self.recommend({**body, "users": users})
            self.assertEqual([x["user_id"] for x in r["lists"]], users)
            for one in r["lists"]:
                alone = self.recommend({**body, "user_id": one["user_id"]})
                del alone["model_seq"]
                self.assertEqual({"user_id": one["user_id"], **alone}, one)

    def test_pages_fit(self):
        for user in ("u1", "nobody"):
            for more in ({}, {"pinned": ["i7", "i3", "i7", "no such"]},
                         {"filter": {"categories": ["sf"]}}):
                body = {"user_id": user, "n": 1000, **more}
                everything = self.recommend(body)["items"]
                pages, seq = [], self.c.stats()["model_seq"]
                while len(pages) < len(everything):
                    pages += self.recommend({**body, "n": 7, "at_seq": seq,
                                             "offset": len(pages)})["items"]
                self.assertEqual(pages, everything)

    def test_similar_items(self):
        for item in self.random.sample(self.items, 12):
            r = self.c.get(f"/v1/items/{item}/similar?n=1000").json()
            self.assertEqual(r["by"], "similar" if item in self.learned
                             else "popular")
            if r["by"] == "popular":
                continue
            a = self.vec[item]
            self.assertNotIn(item, [i["item_id"] for i in r["items"]])
            for i in r["items"]:
                want = cosine(a, self.vec[i["item_id"]])
                if i["item_id"] not in self.learned:
                    want = 0
                self.assertAlmostEqual(i["score"], want, delta=1e-4)
            keys = [(-i["score"], i["item_id"].encode()) for i in r["items"]]
            self.assertEqual(keys, sorted(keys))

    def test_similar_users(self):
        r = self.assert_ok(self.c.get("/v1/users/u2/similar?n=100"))
        a = self.users["u2"]
        self.assertEqual(len(r["users"]), len(self.users) - 1)
        for u in r["users"]:
            self.assertAlmostEqual(
                u["score"], cosine(a, self.users[u["user_id"]]), delta=1e-4)
        keys = [(-u["score"], u["user_id"]) for u in r["users"]]
        self.assertEqual(keys, sorted(keys))

    def test_boosts(self):
        """The odds of what passes are multiplied."""
        said = self.scores(user_id="u1")
        items = self.random.sample(self.items, 30)
        for by in (.01, .5, 1, 20):
            body = {"user_id": "u1", "n": 1000,
                    "boosts": [{"filter": {"categories": ["sf"]}, "by": by},
                               {"items": items, "by": 2}]}
            got = self.recommend(body)["items"]
            want = {i: s + (math.log(by) if "sf" in
                            self.docs[i].get("categories", []) and
                            i not in self.deleted else 0) +
                    (math.log(2) if i in items else 0)
                    for i, s in said.items()}
            self.assertEqual(len(got), len(self.order(said, body)))
            for i in got:
                self.assertAlmostEqual(i["score"], want[i["item_id"]],
                                       delta=1e-5)
            self.assertEqual(got, sorted(got, key=lambda i: -i["score"]))
            best = max(want[i] for i in self.order(said, body))
            self.assertAlmostEqual(
                self.recommend({**body, "n": 1})["items"][0]["score"], best,
                delta=1e-5)

    def test_diversity(self):
        """Maximal marginal relevance by the book, in doubles."""
        said = self.scores(user_id="u1")
        pool = self.order(said, {"user_id": "u1"})[:500]
        low, high = said[pool[-1]], said[pool[0]]
        for part in (0, .3, 1):
            got = self.recommend({"user_id": "u1", "n": 20,
                                  "diversity": part})["items"]
            chosen = []
            for i in (i["item_id"] for i in got):
                def value(x):
                    near = max((self.near(x, y) for y in chosen), default=0)
                    return (1 - part) * (said[x] - low) / (high - low) - \
                        part * near
                best = max(value(x) for x in pool if x not in chosen)
                self.assertAlmostEqual(value(i), best, delta=1e-4)
                chosen.append(i)

    def near(self, x, y):
        both = {x, y} <= self.learned
        return cosine(self.vec[x], self.vec[y]) if both else 0


class OnScanThreads(Oracle):
    """The same lists, made by threads of their own."""
    options = ("--recommend.scan_from=0", "--recommend.scan_threads=2")

    def tearDown(self):
        page = self.c.get("/metrics").body.decode()
        self.assertRegex(page, r"freshet_scans_total [1-9]")
        super().tearDown()


if __name__ == "__main__":
    main()
