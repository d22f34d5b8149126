"""POST /v1/explain, and "explain" in /v1/predict and /v1/recommend."""
import math

from harness import HttpTest, main

T0 = 1_700_000_000
AT = T0 + 500  # within the sitting of the last ratings


class Explain(HttpTest):
    """Ten users, twelve items of three kinds; users like one kind each."""

    OPTIONS = ("--learn.user_features=yes",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        kinds = ("Comedy", "Drama", "Horror")
        items = [{"item_id": f"item{k}", "categories": [kinds[k % 3]],
                  "numbers": {"year": 1980 + k}} for k in range(12)]
        people = [{"user_id": f"user{u}", "tags": [f"group{u % 3}"]}
                  for u in range(10)]
        ratings = [{"user_id": f"user{u}", "item_id": f"item{k}",
                    "rating": 5 if u % 3 == k % 3 else 2,
                    "timestamp": T0 + u + k}
                   for u in range(10) for k in range(12) if (u + k) % 5]
        with cls.daemon.connect() as c:
            for path, body in (("items", items), ("users", people),
                               ("ratings", ratings)):
                r = c.post(f"/v1/{path}?wait=applied", body)
                assert r.status == 200, r

    def explain(self, c, **body):
        body.setdefault("timestamp", AT)
        return self.assert_ok(c.post("/v1/explain", body))

    def predict(self, c, **body):
        body.setdefault("timestamp", AT)
        return self.assert_ok(c.post("/v1/predict", body))

    def assert_sum(self, answer, value):
        total = sum(p["value"] for p in answer["parts"])
        self.assertAlmostEqual(total, value, delta=1e-4)
        for p in answer["parts"]:
            self.assertEqual("name" in p, p["part"].endswith("feature"), p)

    @staticmethod
    def part(answer, part, name=None):
        found = [p["value"] for p in answer["parts"]
                 if p["part"] == part and p.get("name") == name]
        return found[0] if found else None

    def test_parts_add_up_to_the_prediction(self):
        with self.daemon.connect() as c:
            for u in range(11):  # the last one is nobody
                for k in range(13):
                    pair = {"user_id": f"user{u}", "item_id": f"item{k}"}
                    answer = self.explain(c, **pair)
                    said = self.predict(c, **pair)
                    self.assertEqual(answer["rating"], said["rating"])
                    self.assert_sum(answer, said["rating"])
                    self.assertEqual(answer.get("cold"), said.get("cold"))

    def test_parts_are_named(self):
        with self.daemon.connect() as c:
            answer = self.explain(c, user_id="user1", item_id="item1")
            self.assertEqual(list(answer), ["rating", "parts", "because",
                                            "model_seq"])
            names = {p.get("name") for p in answer["parts"]}
            self.assertLessEqual({"category=Drama", "year=1980",
                                  "user:tag=group1"}, names)
            for part in ("mean", "user", "item", "taste"):
                self.assertIsNotNone(self.part(answer, part), part)
            self.assertGreater(
                self.part(answer, "feature", "category=Drama"), 0)
            # a mood fades, and is not that of a time before
            self.assertIsNone(self.part(self.explain(
                c, user_id="user1", item_id="item1", timestamp=T0 - 9),
                "session"))
            self.assertIsNotNone(self.part(answer, "session"))

    def test_clipping_is_a_part(self):
        with self.daemon.connect() as c:
            user, item = self.name("user"), self.name("item")
            for n in range(30):
                c.rate(user, f"{item}-{n % 3}", 5, timestamp=T0 + n)
                c.rate(f"{user}-{n}", f"{item}-0", 5, timestamp=T0 + n)
            answer = self.explain(c, user_id=user, item_id=f"{item}-0",
                                  timestamp=T0 + 30)
            self.assertEqual(answer["rating"], 5)
            self.assertLess(self.part(answer, "clip"), 0)
            self.assert_sum(answer, 5)

    def test_cold_sides(self):
        with self.daemon.connect() as c:
            for user, item, cold, parts in (
                    ("nobody", "item2", ["user"],
                     {"mean", "item", "feature"}),
                    ("user2", "nothing", ["item"],
                     {"mean", "user", "session", "user_feature"}),
                    ("nobody", "nothing", ["user", "item"], {"mean"})):
                answer = self.explain(c, user_id=user, item_id=item)
                self.assertEqual(answer["cold"], cold)
                self.assertEqual({p["part"] for p in answer["parts"]}, parts)
                self.assertEqual(answer["because"], [])

    def test_because_of_what_was_rated(self):
        with self.daemon.connect() as c:
            for head in ("rating", "ranking"):
                answer = self.explain(c, user_id="user1", item_id="item4",
                                      head=head)
                because = answer["because"]
                self.assertEqual(len(because), 5)
                pulls = [abs(b["pull"]) for b in because]
                self.assertEqual(pulls, sorted(pulls, reverse=True))
                for b in because:
                    self.assertNotEqual(b["item_id"], "item4")
                    self.assertTrue(-1.001 < b["similarity"] < 1.001)
                    # user1 has not rated item4, item9: (u + k) % 5 == 0
                    self.assertNotIn(b["item_id"], ("item4", "item9"))

    def test_scores(self):
        with self.daemon.connect() as c:
            for user, item in (("user1", "item4"), ("nobody", "item4"),
                               ("user1", "nothing")):
                answer = self.explain(c, user_id=user, item_id=item,
                                      head="ranking")
                self.assert_sum(answer, answer["score"])
                self.assertLessEqual(
                    {p["part"] for p in answer["parts"]},
                    {"item", "taste", "user_feature", "feature"})
            self.assertEqual((answer["score"], answer["parts"]), (0, []))

    def test_scores_of_what_was_liked(self):
        with self.daemon.connect() as c:
            before = c.settled()
            for more in ({}, {"user_id": "user1"}, {"user_id": "nobody"}):
                got = {}
                for kind in (0, 2):
                    liked = [f"item{k}" for k in range(12)
                             if k % 3 == kind and k != 6]
                    answer = self.explain(c, head="ranking", item_id="item6",
                                          history=liked, **more)
                    self.assert_sum(answer, answer["score"])
                    self.assertNotIn("cold", answer)
                    because = {b["item_id"] for b in answer["because"]}
                    self.assertTrue(because)
                    if "user_id" not in more:
                        self.assertLessEqual(because, set(liked))
                    got[kind] = answer["score"]
                self.assertNotEqual(got[0], got[2], more)
            self.assertEqual(before["model_hash"], c.settled()["model_hash"])
            empty = self.explain(c, head="ranking", item_id="item6",
                                 history=[])
            self.assertEqual(empty["cold"], ["user"])
            r = c.post("/v1/explain", {"head": "ranking", "item_id": "item6",
                                       "history": ["item0", 1.5]})
            self.assert_error(r, 400, "invalid_type", 1)

    def recommend(self, c, **body):
        body.setdefault("exclude_seen", False)
        return self.assert_ok(c.post("/v1/recommend", {**body,
                                                       "explain": True}))

    def test_in_lists(self):
        with self.daemon.connect() as c:
            answer = self.recommend(c, user_id="user1", n=12)
            self.assertEqual(answer["by"], "ranking")
            self.assertEqual(len(answer["items"]), 12)
            for item in answer["items"]:
                alone = self.explain(c, user_id="user1", head="ranking",
                                     item_id=item["item_id"])
                self.assertEqual(item["score"], alone["score"])
                for key in ("parts", "because"):
                    self.assertEqual(item["explanation"][key], alone[key])
            lists = self.recommend(c, users=["user1", "nobody"], n=12)["lists"]
            self.assertEqual(lists[0]["items"], answer["items"])
            self.assertEqual(lists[1]["by"], "popular")
            for item in lists[1]["items"]:
                self.assertNotIn("explanation", item)

    def test_in_lists_for_a_history(self):
        with self.daemon.connect() as c:
            liked = ["item0", "item3", "unheard of", "item9"]
            for more in ({}, {"user_id": "user4"}):
                answer = self.recommend(c, history=liked, **more)
                self.assertEqual(answer["by"], "ranking")
                for item in answer["items"]:
                    alone = self.explain(c, history=liked, head="ranking",
                                         item_id=item["item_id"], **more)
                    self.assertEqual(item["score"], alone["score"])
                    self.assertEqual(item["explanation"]["parts"],
                                     alone["parts"])
                    self.assertEqual(item["explanation"]["because"],
                                     alone["because"])

    def test_boosts_are_a_part(self):
        with self.daemon.connect() as c:
            answer = self.recommend(c, user_id="user1", n=12, boosts=[
                {"items": ["item3"], "by": 100}])
            for item in answer["items"]:
                self.assert_sum(item["explanation"], item["score"])
                boost = self.part(item["explanation"], "boost")
                if item["item_id"] == "item3":
                    self.assertAlmostEqual(boost, math.log(100), places=4)
                else:
                    self.assertIsNone(boost)

    def test_in_predictions(self):
        with self.daemon.connect() as c:
            pairs = [{"user_id": f"user{u}", "item_id": f"item{u + 1}",
                      "timestamp": AT} for u in range(11)]
            batch = self.assert_ok(c.post("/v1/predict", {
                "instances": pairs, "explain": True}))
            self.assertEqual(list(batch), ["ratings", "explanations",
                                           "model_seq", "cold"])
            for k, pair in enumerate(pairs):
                answer = self.explain(c, **pair)
                self.assertEqual(answer["rating"], batch["ratings"][k])
                for key in ("parts", "because"):
                    self.assertEqual(answer[key],
                                     batch["explanations"][k][key])
                alone = self.predict(c, **pair, explain=True)
                self.assertEqual(alone["explanation"],
                                 batch["explanations"][k])
                self.assertNotIn("explanation",
                                 self.predict(c, **pair, explain=False))

    def test_min_seq(self):
        with self.daemon.connect() as c:
            user = self.name("user")
            seq = c.rate(user, "item1", 4)["seq"]
            r = c.post(f"/v1/explain?min_seq={seq}",
                       {"user_id": user, "item_id": "item1"})
            self.assertGreaterEqual(self.assert_ok(r)["model_seq"], seq)
            self.assertNotIn("cold", r.json())


class Refusals(HttpTest):
    OPTIONS = ("--limits.explain=3", "--model.ranking_dim=0")

    def test_how_many(self):
        with self.daemon.connect() as c:
            pair = {"user_id": "u", "item_id": "i"}
            for n, status in ((3, 200), (4, 400)):
                r = c.post("/v1/predict", {"instances": [pair] * n,
                                           "explain": True})
                self.assertEqual(r.status, status, r)
            self.assert_error(r, 400, "too_many_elements",
                              mentions="limits.explain")
            for n, status in ((3, 200), (4, 400)):
                r = c.post("/v1/recommend", {"user_id": "u", "n": n,
                                             "explain": True})
                self.assertEqual(r.status, status, r)
            self.assert_error(r, 400, "too_many_elements",
                              mentions="limits.explain")
            self.assert_ok(c.post("/v1/predict", {
                "instances": [pair] * 4, "explain": False}))

    def test_there_is_no_such_head(self):
        with self.daemon.connect() as c:
            pair = {"user_id": "u", "item_id": "i"}
            self.assert_error(c.post("/v1/explain", {**pair,
                                                     "head": "ranking"}),
                              400, "invalid_head",
                              mentions="model.ranking_dim")
            self.assert_error(c.post("/v1/explain", {**pair, "head": "x"}),
                              400, "invalid_head")

    def test_bad_documents(self):
        pair = {"user_id": "u", "item_id": "i"}
        with self.daemon.connect() as c:
            for body, code in (
                    ({}, "missing_field"), ([], "invalid_type"),
                    ({"user_id": "u"}, "missing_field"),
                    ({"item_id": "i"}, "missing_field"),
                    ({**pair, "explain": True}, "unknown_field"),
                    ({**pair, "instances": [pair]}, "unknown_field"),
                    ({**pair, "timestamp": "now"}, "invalid_timestamp"),
                    ({**pair, "history": {}}, "invalid_type"),
                    ({**pair, "history": [7]}, "invalid_type"),
                    ({**pair, "history": [{"item_id": "i"}]},
                     "missing_field"),
                    ({**pair, "history": [{"item_id": "i", "rating": 9}]},
                     "invalid_rating")):
                with self.subTest(body=body):
                    index = 0 if isinstance(body, dict) and isinstance(
                        body.get("history"), list) else None
                    self.assert_error(c.post("/v1/explain", body), 400, code,
                                      index)
            for value in (1, "true", None, []):
                self.assert_error(
                    c.post("/v1/predict", {**pair, "explain": value}), 400,
                    "invalid_type", mentions="explain")
            self.assertEqual(c.get("/v1/explain").status, 405)


if __name__ == "__main__":
    main()
