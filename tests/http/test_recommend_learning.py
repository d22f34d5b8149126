"""Lists while the model learns, and while it goes: every answer is whole."""
import threading
import time

from client import build
from harness import OwnDaemonTest, main

ITEMS, USERS = 300, 20


class WhileLearning(OwnDaemonTest):
    options = ("--recommend.scan_threads=2",)

    def setUp(self):
        super().setUp()
        self.d = self.serve(*self.options)
        with self.d.connect() as c:
            self.assert_ok(c.post("/v1/items?wait=applied", [
                {"item_id": f"i{k}", "categories": [f"c{k % 3}"],
                 "hidden": k % 10 == 9} for k in range(ITEMS)]))
            self.rate(c, 200)

    def rate(self, c, n, base=0):
        self.assert_ok(c.post("/v1/ratings?wait=applied", [
            {"user_id": f"u{k * 7 % USERS}", "item_id": f"i{k * 31 % ITEMS}",
             "rating": 1 + k % 5} for k in range(base, base + n)]))

    def look(self, c, seqs, k):
        """One list: sorted, of those that may be there, n long, and no older
        than the one before on this connection."""
        body = {"user_id": f"u{k % USERS}", "n": 30, "exclude_seen": False,
                "filter": {"categories": ["c0", "c1"]}}
        r = self.assert_ok(c.post("/v1/recommend", body))
        self.assertEqual(len(r["items"]), 30)
        keys = [(-i["score"], i["item_id"].encode()) for i in r["items"]]
        self.assertEqual(keys, sorted(keys))
        self.assertEqual(len(set(keys)), 30)
        for i in r["items"]:
            number = int(i["item_id"][1:])
            self.assertTrue(number % 3 < 2 and number % 10 != 9, number)
        self.assertGreaterEqual(r["model_seq"], seqs[-1])
        seqs.append(r["model_seq"])

    def test_every_list_is_whole(self):
        stop, wrong = time.monotonic() + 3, []
        moved = []

        def reader(number):
            seqs = [0]
            try:
                with self.d.connect() as c:
                    while time.monotonic() < stop:
                        self.look(c, seqs, number + len(seqs))
            except (AssertionError, OSError) as e:
                wrong.append(e)
            moved.append(len(set(seqs)))

        threads = [threading.Thread(target=reader, args=(k,))
                   for k in range(4)]
        for t in threads:
            t.start()
        with self.d.connect() as c:
            n = 200
            while time.monotonic() < stop:
                self.rate(c, 50, n)
                n += 50
        for t in threads:
            t.join()
        self.assertEqual(wrong, [])
        self.assertGreater(min(moved), 3)   # they saw the model move

    def test_a_click_counts_on_the_next_request(self):
        """Somebody new is personal after one click, by min_seq."""
        with self.d.connect() as c:
            r = self.assert_ok(c.post("/v1/recommend", {"user_id": "new"}))
            self.assertEqual(r["by"], "popular")
            seq = c.post("/v1/events", {"user_id": "new", "item_id": "i3",
                                        "type": "click"}).json()["seq"]
            r = self.assert_ok(c.post(f"/v1/recommend?min_seq={seq}",
                                      {"user_id": "new", "n": 300}))
            self.assertEqual(r["by"], "ranking")
            self.assertNotIn("i3", [i["item_id"] for i in r["items"]])

    def test_at_seq(self):
        with self.d.connect() as c:
            seq = c.stats()["model_seq"]
            page = {"user_id": "u1", "at_seq": seq, "offset": 5, "n": 5}
            self.assert_ok(c.post("/v1/recommend", page))
            self.rate(c, 1)
            self.assert_error(c.post("/v1/recommend", page), 410, "seq_gone",
                              mentions=str(seq + 1))
            page["at_seq"] = seq + 10
            self.assert_error(c.post("/v1/recommend", page), 503, "stale")

    def test_a_kept_list_stays(self):
        """Pages of it are those of the list as it was, less what has been hidden
        since, whatever is learned and however the question is written."""
        question = {"user_id": "u1", "boosts": [{"items": ["i7"], "by": 9}],
                    "pinned": ["i1"], "filter": {"categories": ["c0", "c1"]}}
        with self.d.connect() as c:
            whole = self.assert_ok(c.post("/v1/recommend",
                                          {**question, "n": 60}))
            first = self.assert_ok(c.post(
                "/v1/recommend", {**question, "n": 10, "keep": True}))
            self.assertEqual(first["items"], whole["items"][:10])
            self.rate(c, 300, 1000)
            gone = whole["items"][25]["item_id"]
            self.assert_ok(c.ask("PUT", f"/v1/items/{gone}?wait=applied",
                                 {"hidden": True, "categories": ["c0"]}))
            now = self.assert_ok(c.post("/v1/recommend",
                                        {**question, "n": 60}))
            self.assertNotEqual(now["items"], whole["items"])
            turned = dict(reversed(question.items()))
            for offset in (0, 10, 20, 30, 55):
                page = self.assert_ok(c.post("/v1/recommend", {
                    "at_seq": first["model_seq"], "offset": offset, "n": 10,
                    **turned}))
                self.assertEqual(page["model_seq"], first["model_seq"])
                self.assertEqual(page["by"], "ranking")
                self.assertEqual(
                    page["items"][:5],
                    [i for i in whole["items"][offset:offset + 10]
                     if i["item_id"] != gone][:5])
            # another question has no list of that seq
            for other in ({"user_id": "u2"}, {"exclude": ["i5"]}):
                self.assert_error(
                    c.post("/v1/recommend", {**question, **other, "n": 10,
                                             "at_seq": first["model_seq"]}),
                    410, "seq_gone", mentions="keep")

    def test_kept_short_forms(self):
        with self.d.connect() as c:
            for path in ("/v1/users/u3/recommendations", "/v1/popular",
                         "/v1/latest", "/v1/items/i4/similar"):
                with self.subTest(path):
                    q = f"{path}?category=c1&exclude_seen=true"
                    whole = self.assert_ok(c.get(f"{q}&n=40"))
                    seq = self.assert_ok(
                        c.get(f"{q}&n=5&keep=true"))["model_seq"]
                    self.assert_ok(c.post("/v1/items?wait=applied", [
                        {"item_id": f"new {path}", "categories": ["c1"]}]))
                    self.rate(c, 100, 2000)
                    page = self.assert_ok(
                        c.get(f"{q}&n=9&offset=17&at_seq={seq}"))
                    self.assertEqual(page["items"], whole["items"][17:26])
                    self.assert_error(
                        c.get(f"{path}?category=c2&exclude_seen=true"
                              f"&at_seq={seq}"), 410, "seq_gone")

    def test_what_cannot_be_kept(self):
        with self.d.connect() as c:
            self.assert_error(c.post("/v1/recommend", {
                "users": ["u1"], "keep": True}), 400, "unknown_field")
            self.assert_error(c.post("/v1/recommend", {
                "user_id": "u1", "keep": True, "offset": 995, "n": 6}),
                400, "invalid_n", mentions="1000")
            self.assert_error(c.get("/v1/popular?keep=perhaps"), 400,
                              "bad_query")
            self.assert_error(c.get("/v1/popular?keep=true&offset=1000"), 400,
                              "invalid_n")
            self.assert_error(c.get("/v1/users/u1/similar?keep=true"), 400,
                              "bad_query")

    def test_the_oldest_goes(self):
        d = self.serve("--recommend.kept_lists=8", *self.options)
        with d.connect() as c:
            c.rate("ann", "dune", 5)
            seqs = []
            for k in range(9):
                r = self.assert_ok(c.get("/v1/popular?keep=true"))
                seqs.append(r["model_seq"])
                c.rate(f"u{k}", "dune", 4)
            self.assert_error(c.get(f"/v1/popular?at_seq={seqs[0]}"), 410,
                              "seq_gone")
            for seq in seqs[1:]:
                self.assert_ok(c.get(f"/v1/popular?at_seq={seq}"))

    def test_none_is_kept(self):
        d = self.serve("--recommend.kept_lists=0", *self.options)
        with d.connect() as c:
            c.rate("ann", "dune", 5)
            seq = self.assert_ok(c.get("/v1/popular?keep=true"))["model_seq"]
            c.rate("ann", "emma", 5)
            self.assert_error(c.get(f"/v1/popular?at_seq={seq}"), 410,
                              "seq_gone")

    def test_stopped_meanwhile(self):
        """Requests in flight are answered, or their connection ends; the daemon
        does end."""
        clients = [self.d.connect() for _ in range(8)]
        for c in clients:
            for _ in range(5):
                c.send(b"GET /v1/users/u1/recommendations?n=100 HTTP/1.1\r\n"
                       b"Host: x\r\n\r\n")
        self.d.stop()
        for c in clients:
            c.close()


class OnScanThreads(WhileLearning):
    options = ("--recommend.scan_threads=2", "--recommend.scan_from=0")


class SharedScans(OwnDaemonTest):
    """Questions that wait together are answered in one scan, each as if it had
    been alone: with one thread for many connections they do wait."""

    def questions(self):
        yield "GET", "/v1/popular?n=7&tag=t1", None
        yield "GET", "/v1/latest?n=3", None
        yield "GET", "/v1/users/u3/recommendations?n=0", None
        yield "GET", "/v1/users/u4/similar?n=5", None
        yield "GET", "/v1/items/i9/similar?n=4&category=c1", None
        yield "GET", "/v1/items/nobody/similar", None
        yield "POST", "/v1/recommend", b'{"user_id":'
        for k in range(12):
            body = {"user_id": f"u{k}", "n": 1 + 3 * k, "offset": k % 4,
                    "exclude_seen": k % 2 == 0}
            if k % 3 == 0:
                body["filter"] = {"categories": {"any": [f"c{k % 5}"]}}
            if k % 4 == 1:
                body["boosts"] = [{"filter": {"tags": {"any": ["t0"]}},
                                   "by": 3}]
            if k % 4 == 2:
                body["diversity"] = 0.5
            if k % 4 == 3:
                body["include"] = [f"i{j}" for j in range(k, 90, 7)]
            yield "POST", "/v1/recommend", body
        yield "POST", "/v1/recommend", {"users": [f"u{k}" for k in range(40)]}
        yield "POST", "/v1/recommend", {"history": ["i1", "i2"], "n": 9}

    def test_as_if_alone(self):
        d = self.serve("--recommend.scan_threads=1", "--recommend.scan_from=0")
        asked = list(self.questions())
        with d.connect() as c:
            self.assert_ok(c.post("/v1/items?wait=applied", [
                {"item_id": f"i{k}", "categories": [f"c{k % 5}"],
                 "tags": [f"t{k % 2}"]} for k in range(ITEMS)]))
            self.assert_ok(c.post("/v1/ratings?wait=applied", [
                {"user_id": f"u{k * 7 % 43}", "item_id": f"i{k * 31 % ITEMS}",
                 "rating": 1 + k % 5} for k in range(800)]))
            alone = [c.ask(*a) for a in asked]
        self.assertEqual({r.status for r in alone}, {200, 400, 404})
        clients = [d.connect() for _ in range(8)]
        for number, c in enumerate(clients):
            c.send(b"".join(build(*asked[(k + number) % len(asked)])
                            for k in range(len(asked))))
        for number, c in enumerate(clients):
            for k in range(len(asked)):
                want = alone[(k + number) % len(asked)]
                got = c.read()
                self.assertEqual((got.status, got.body),
                                 (want.status, want.body))
            c.close()


class Caches(OwnDaemonTest):
    """What caches are told: nothing by default, and never of a POST or an error."""
    LISTS = (("/v1/popular?n=1", "public"), ("/v1/latest", "public"),
             ("/v1/items/dune/similar", "public"),
             ("/v1/popular?user_id=ann", "private"),
             ("/v1/users/ann/recommendations", "private"),
             ("/v1/users/ann/similar", "private"))

    def check(self, *options, age=None, token=None):
        d = self.serve(*options, token=token,
                       env=token and {"FRESHET_AUTH_TOKEN": token})
        with d.connect() as c:
            c.rate("ann", "dune", 5)
            for path, who in self.LISTS:
                r = c.get(path)
                self.assert_ok(r)
                if token:
                    who = "private"
                self.assertEqual(r.header("Cache-Control"),
                                 age and f"{who}, max-age={age}", path)
            self.assertIsNone(c.get("/v1/items/x/similar")
                              .header("Cache-Control"))
            self.assertIsNone(c.post("/v1/recommend", {"user_id": "ann"})
                              .header("Cache-Control"))
        return d

    def test_not_said(self):
        self.check()

    def test_in_workers(self):
        self.check("--recommend.max_age=60", age=60)

    def test_on_scan_threads(self):
        self.check("--recommend.max_age=60", "--recommend.scan_from=0", age=60)

    def test_behind_a_token(self):
        self.check("--recommend.max_age=7", age=7, token="secret" * 6)


class Refused(OwnDaemonTest):
    def test_many_ids(self):
        d = self.serve()
        with d.connect() as c:
            c.rate("u", "a", 5)
            c.rate("v", "b", 4)
            ids = [f"x{k}" for k in range(10_000)]
            for name in ("exclude", "include"):
                ok = c.post("/v1/recommend", {"user_id": "u", name: ids})
                self.assert_ok(ok)
                self.assert_error(
                    c.post("/v1/recommend", {"user_id": "u",
                                             name: ids + ["y"]}),
                    400, "too_many_elements")
            got = self.assert_ok(c.post("/v1/recommend", {
                "user_id": "u", "exclude": ids[:9999] + ["b"]}))
            self.assertEqual(got["items"], [])
            for name, n in (("users", 101), ("pinned", 101)):
                self.assert_error(
                    c.post("/v1/recommend",
                           {**({} if name == "users" else {"user_id": "u"}),
                            name: ids[:n]}), 400, "too_many_elements")

    def test_unknown_things(self):
        d = self.serve()
        with d.connect() as c:
            c.rate("u", "a", 5)
            self.assert_error(c.get("/v1/items/no/similar"), 404,
                              "unknown_item")
            self.assert_error(c.get("/v1/users/no/similar"), 404,
                              "unknown_user")
            self.assert_error(c.get("/v1/users/u/similar?category=x"), 400,
                              "bad_query")
            self.assert_error(c.get("/v1/users/u/recommendations?user_id=x"),
                              400, "bad_query")
            r = self.assert_ok(c.get("/v1/popular?category=none"))
            self.assertEqual(r["items"], [])
            r = self.assert_ok(c.post("/v1/recommend", {
                "user_id": "u", "include": ["no", "nor"]}))
            self.assertEqual(r["items"], [])


if __name__ == "__main__":
    main()
