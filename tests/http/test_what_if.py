""""history" in /v1/predict and /v1/explain: answered, and not kept."""
from harness import HttpTest, main

T0 = 1_700_000_000


class WhatIf(HttpTest):
    OPTIONS = ("--limits.history=20",)

    def history(self, liked):
        """What somebody with one taste would have rated."""
        return [{"item_id": f"item{k}", "rating": 5 if k % 2 == liked else 1}
                for k in range(4, 16)]

    def filled(self, c):
        ratings = [{"user_id": f"user{u}", "item_id": f"item{k}",
                    "rating": 5 if k % 2 == u % 2 else 1,
                    "timestamp": T0 + 3600 * (20 * u + k)}
                   for u in range(40) for k in range(20)]
        self.assert_ok(c.post("/v1/ratings?wait=applied", ratings))

    def test_a_history_is_answered_and_forgotten(self):
        with self.daemon.connect() as c:
            self.filled(c)
            before = c.settled()
            far = T0 + 10 ** 7
            for more in ({}, {"user_id": "user7"}, {"user_id": "nobody"}):
                for item in ("item0", "item1"):
                    got = {}
                    for liked in (0, 1):
                        ask = {"history": self.history(liked),
                               "item_id": item, "timestamp": far, **more}
                        r = self.assert_ok(c.post("/v1/predict", ask))
                        e = self.assert_ok(c.post("/v1/explain", ask))
                        self.assertNotIn("cold", r)
                        self.assertEqual(e["rating"], r["rating"])
                        self.assertAlmostEqual(
                            sum(p["value"] for p in e["parts"]), r["rating"],
                            delta=1e-4)
                        self.assertEqual(
                            r, self.assert_ok(c.post("/v1/predict", ask)))
                        past = {b["item_id"] for b in e["because"]}
                        self.assertTrue(past)
                        got[liked] = r["rating"]
                    same, other = int(item[-1]) % 2, 1 - int(item[-1]) % 2
                    self.assertGreater(got[same], got[other] + 0.5,
                                       (more, item))
            after = c.settled()
            for key in ("seq", "users", "items", "events", "model_hash"):
                self.assertEqual(before[key], after[key], key)
            # nobody had that history
            self.assertEqual(self.assert_ok(c.post("/v1/predict", {
                "user_id": "nobody", "item_id": "item1"}))["cold"], ["user"])

    def test_an_empty_history_says_nothing(self):
        with self.daemon.connect() as c:
            c.rate("known", "thing", 4, timestamp=T0)
            for more, cold in (({}, ["user"]), ({"user_id": "known"}, None)):
                ask = {"item_id": "thing", "timestamp": T0 + 9, **more}
                for path in ("predict", "explain"):
                    a = self.assert_ok(c.post(f"/v1/{path}",
                                              {**ask, "history": []}))
                    self.assertEqual(a.get("cold"), cold)
                    if more:
                        b = self.assert_ok(c.post(f"/v1/{path}", ask))
                        self.assertEqual(a, b)

    def test_unknown_items_tell_how_somebody_rates(self):
        with self.daemon.connect() as c:
            c.rate("known", "thing", 3, timestamp=T0)
            low, high = (self.assert_ok(c.post("/v1/predict", {
                "item_id": "thing", "history": [
                    {"item_id": self.name("new"), "rating": rating}
                    for _ in range(5)]}))["rating"] for rating in (1, 5))
            self.assertGreater(high, low + 1)

    def test_how_long(self):
        with self.daemon.connect() as c:
            one = {"item_id": "x", "rating": 3}
            ask = {"item_id": "y", "history": [one] * 20}
            for path in ("/v1/predict", "/v1/explain"):
                self.assert_ok(c.post(path, ask))
                r = c.post(path, {**ask, "history": [one] * 21})
                self.assert_error(r, 400, "too_many_elements",
                                  mentions="limits.history")

    def test_not_with_instances(self):
        with self.daemon.connect() as c:
            pair = {"user_id": "u", "item_id": "i"}
            r = c.post("/v1/predict", {"instances": [pair], "history": []})
            self.assert_error(r, 400, "unknown_field", mentions="history")
            r = c.post("/v1/predict", {"instances": [
                {**pair, "history": []}]})
            self.assert_error(r, 400, "unknown_field", 0, mentions="history")


if __name__ == "__main__":
    main()
