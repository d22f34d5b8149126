"""POST /v1/recommend and GET /v1/users/{id}/recommendations."""
from urllib.parse import quote

from harness import HttpTest, main

T0 = 1700000000


class Recommend(HttpTest):
    """Thirty items; item k has been rated by k % 10 + 1 users at one time, so
    that there are ten scores with three items each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        ratings = [{"user_id": f"rater{r}", "item_id": f"item{k:02}",
                    "rating": 3, "timestamp": T0}
                   for k in range(30) for r in range(k % 10 + 1)]
        with cls.daemon.connect() as c:
            r = c.post("/v1/ratings?wait=applied", ratings)
            assert r.status == 200, r
        counts = {f"item{k:02}": k % 10 + 1 for k in range(30)}
        cls.order = sorted(counts, key=lambda i: (-counts[i], i))
        cls.seq = len(ratings)

    def items(self, r):
        return [i["item_id"] for i in self.assert_ok(r)["items"]]

    def recommend(self, c, user="stranger", **more):
        return c.post("/v1/recommend", {"user_id": user, **more})

    def test_popular_first_for_a_stranger(self):
        with self.daemon.connect() as c:
            answer = self.assert_ok(self.recommend(c))
            self.assertEqual(set(answer), {"items", "by", "model_seq",
                                           "cold"})
            self.assertEqual(answer["cold"], ["user"])
            self.assertEqual(answer["by"], "popular")
            self.assertGreaterEqual(answer["model_seq"], self.seq)
            self.assertEqual([i["item_id"] for i in answer["items"]],
                             self.order[:10])
            scores = [i["score"] for i in answer["items"]]
            self.assertEqual(scores, sorted(scores, reverse=True))
            for item in answer["items"]:
                self.assertEqual(set(item), {"item_id", "score"})

    def test_equal_scores_are_ordered_by_id(self):
        with self.daemon.connect() as c:
            self.assertEqual(self.items(self.recommend(c, n=30)), self.order)

    def test_pages_do_not_overlap(self):
        with self.daemon.connect() as c:
            for size in (1, 4, 7, 29, 30):
                got = []
                for offset in range(0, 30, size):
                    got += self.items(self.recommend(c, n=size, offset=offset))
                self.assertEqual(got, self.order, size)
            self.assertEqual(self.items(self.recommend(c, offset=30)), [])
            self.assertEqual(self.items(self.recommend(c, offset=10 ** 6)), [])

    def test_seen_items_are_left_out(self):
        user = self.name("user")
        seen = self.order[:3] + self.order[10:12]
        with self.daemon.connect() as c:
            # an old time: the popularity of the others is not to move
            for item in seen:
                c.rate(user, item, 1, timestamp=0)
            answer = self.assert_ok(self.recommend(c, user, n=30))
            self.assertNotIn("cold", answer)
            self.assertEqual(answer["by"], "ranking")
            self.assertEqual(sorted(i["item_id"] for i in answer["items"]),
                             sorted(i for i in self.order if i not in seen))
            everything = self.recommend(c, user, n=30, exclude_seen=False)
            self.assertEqual(sorted(self.items(everything)),
                             sorted(self.order))

    def test_short_form_is_the_same(self):
        with self.daemon.connect() as c:
            for user in ("stranger", "rater0", "rater7"):
                base = f"/v1/users/{user}/recommendations"
                for query, body in (
                        ("", {}), ("?n=3", {"n": 3}),
                        ("?n=5&offset=4", {"n": 5, "offset": 4}),
                        ("?exclude_seen=false", {"exclude_seen": False}),
                        ("?exclude_seen=true&n=30", {"n": 30}),
                        ("?min_seq=1", {})):
                    with self.subTest(user=user, query=query):
                        self.assertEqual(
                            self.assert_ok(c.get(base + query)),
                            self.assert_ok(self.recommend(c, user, **body)))

    def test_limits_of_n(self):
        with self.daemon.connect() as c:
            self.assertEqual(len(self.items(self.recommend(c, n=1000))), 30)
            for n in (0, -1, 1001, 2 ** 40):
                with self.subTest(n=n):
                    self.assert_error(self.recommend(c, n=n), 400,
                                      "invalid_n")
                    self.assert_error(
                        c.get(f"/v1/users/u/recommendations?n={n}"), 400,
                        "invalid_n")
            self.assert_error(self.recommend(c, offset=-1), 400, "invalid_n",
                              mentions="offset")

    def test_types(self):
        with self.daemon.connect() as c:
            for more, code in (({"n": "10"}, "invalid_n"),
                               ({"n": 1.5}, "invalid_n"),
                               ({"n": None}, "invalid_n"),
                               ({"offset": "0"}, "invalid_n"),
                               ({"exclude_seen": 1}, "invalid_type"),
                               ({"exclude_seen": "true"}, "invalid_type")):
                with self.subTest(more=more):
                    self.assert_error(self.recommend(c, **more), 400, code,
                                      mentions=next(iter(more)))
            for query in ("n=", "n=ten", "n=1.5", "n=%2B1", "offset=-",
                          "exclude_seen=yes", "exclude_seen=1"):
                with self.subTest(query=query):
                    r = c.get("/v1/users/u/recommendations?" + query)
                    self.assertEqual(r.status, 400, r)
                    self.assertIn(r.code, ("bad_query", "invalid_n"), r)

    def test_unknown_names(self):
        with self.daemon.connect() as c:
            self.assert_error(self.recommend(c, colour="x"), 400,
                              "unknown_field", mentions="colour")
            self.assert_error(c.get("/v1/users/u/recommendations?limit=3"),
                              400, "bad_query", mentions="limit")

    def test_history(self):
        """Somebody without a name, by what they just clicked."""
        with self.daemon.connect() as c:
            past = ["item03", {"item_id": "item07", "weight": 2}, "no such"]
            answer = self.assert_ok(c.post("/v1/recommend",
                                           {"history": past, "n": 30}))
            self.assertEqual(set(answer), {"items", "by", "model_seq"})
            self.assertEqual(answer["by"], "ranking")
            self.assertEqual(sorted(i["item_id"] for i in answer["items"]),
                             sorted(set(self.order) - {"item03", "item07"}))
            for past in ([], ["no such"]):
                answer = self.assert_ok(c.post("/v1/recommend",
                                               {"history": past, "n": 30}))
                self.assertEqual(answer["by"], "popular")
                self.assertEqual([i["item_id"] for i in answer["items"]],
                                 self.order)

    def test_without_a_ranking_head(self):
        d = self.serve("--model.ranking_dim=0")
        with d.connect() as c:
            c.rate("u", "a", 5)
            c.rate("v", "b", 5)
            answer = self.assert_ok(self.recommend(c, "u"))
            self.assertEqual(answer["by"], "popular")
            self.assertEqual([i["item_id"] for i in answer["items"]], ["b"])

    def test_items_without_events(self):
        """Only metadata: the newest first, behind what has events."""
        d = self.serve()
        with d.connect() as c:
            for item in ("a", "b", "c"):
                self.assert_ok(c.ask("PUT",
                                         f"/v1/items/{item}?wait=applied",
                                         {"categories": ["x"]}))
            self.assert_ok(c.ask("PUT", "/v1/items/d?wait=applied",
                                     {"hidden": True}))
            answer = self.assert_ok(self.recommend(c))
            self.assertEqual(answer["by"], "latest")
            self.assertEqual([i["item_id"] for i in answer["items"]],
                             ["c", "b", "a"])
            c.rate("u", "b", 5)
            answer = self.assert_ok(self.recommend(c))
            self.assertEqual(answer["by"], "popular")
            self.assertEqual([i["item_id"] for i in answer["items"]],
                             ["b", "c", "a"])
            answer = self.assert_ok(self.recommend(c, "u"))
            self.assertEqual(answer["by"], "ranking")
            self.assertEqual(sorted(i["item_id"] for i in answer["items"]),
                             ["a", "c"])
            self.assert_ok(c.ask("DELETE", "/v1/items/c?wait=applied"))
            answer = self.assert_ok(self.recommend(c, "u"))
            self.assertEqual([i["item_id"] for i in answer["items"]], ["a"])

    def test_empty_model(self):
        d = self.serve()
        with d.connect() as c:
            self.assertEqual(
                self.assert_ok(self.recommend(c)),
                {"items": [], "by": "latest", "model_seq": 0,
                 "cold": ["user"]})


class PathIds(HttpTest):
    """Ids in paths: any bytes, percent-encoded."""

    def test_encoded_ids(self):
        with self.daemon.connect() as c:
            c.rate("somebody", "other", 4)
            for user in ("a/b", "/", "a b", "..", ".", "../..", "%41", "a%2Fb",
                         "a?b#c", "a&b=c", "a+b", "\u2764\ufe0f", "日本", "'\"\\",
                         "x" * 256, "é" * 128, "recommendations", "~-_."):
                with self.subTest(user=user):
                    c.rate(user, "mine", 3)
                    path = f"/v1/users/{quote(user, safe='')}/recommendations"
                    answer = self.assert_ok(c.get(path))
                    self.assertNotIn("cold", answer)
                    self.assertEqual([i["item_id"] for i in answer["items"]],
                                     ["other"])

    def test_plus_is_a_plus(self):
        with self.daemon.connect() as c:
            c.rate("1+1", "mine", 3)
            for path, known in (("1+1", True), ("1%2B1", True),
                                ("1%201", False)):
                answer = self.assert_ok(
                    c.get(f"/v1/users/{path}/recommendations"))
                self.assertEqual("cold" not in answer, known, path)

    def test_bad_paths(self):
        with self.daemon.connect() as c:
            for segment, code in (
                    ("%", "bad_path"), ("%4", "bad_path"), ("%zz", "bad_path"),
                    ("a%", "bad_path"), ("%00", "invalid_id"),
                    ("%0A", "invalid_id"), ("%7F", "invalid_id"),
                    ("%C2%80", "invalid_id"), ("%FF", "invalid_id"),
                    ("%C0%AF", "invalid_id"), ("%ED%A0%80", "invalid_id"),
                    ("%E2%82", "invalid_id"), ("x" * 257, "invalid_id"),
                    ("%61" * 257, "invalid_id"), ("x" * 4000, "invalid_id"),
                    ("", "invalid_id")):
                with self.subTest(segment=segment[:20]):
                    r = c.get(f"/v1/users/{segment}/recommendations")
                    self.assert_error(r, 400, code)

    def test_a_slash_separates(self):
        with self.daemon.connect() as c:
            r = c.get("/v1/users/a/b/recommendations")
            self.assert_error(r, 404, "unknown_route")


if __name__ == "__main__":
    main()
