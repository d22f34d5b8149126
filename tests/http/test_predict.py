"""POST /v1/predict: single and batch, cold ids, ?min_seq=."""
import time

import harness
from harness import HttpTest, main


class Predict(HttpTest):
    def test_known_pair(self):
        with self.daemon.connect() as c:
            user, item = self.name("user"), self.name("item")
            seq = c.rate(user, item, 4)["seq"]
            answer = c.predict(user, item)
            self.assertEqual(set(answer), {"rating", "model_seq"})
            self.assertGreaterEqual(answer["model_seq"], seq)
            self.assertTrue(1 <= answer["rating"] <= 5, answer)

    def test_cold_sides_are_named(self):
        with self.daemon.connect() as c:
            user, item = self.name("user"), self.name("item")
            c.rate(user, item, 3)
            for pair, cold in (((user, "nothing"), ["item"]),
                               (("nobody", item), ["user"]),
                               (("nobody", "nothing"), ["user", "item"])):
                with self.subTest(pair=pair):
                    answer = c.predict(*pair)
                    self.assertEqual(answer["cold"], cold)
                    self.assertTrue(1 <= answer["rating"] <= 5, answer)
            self.assertNotIn("cold", c.predict(user, item))

    def test_asking_creates_nothing(self):
        with self.daemon.connect() as c:
            before = c.stats()
            c.predict(self.name("user"), self.name("item"))
            after = c.stats()
            for key in ("seq", "users", "items"):
                self.assertEqual(before[key], after[key], key)

    def test_empty_model(self):
        d = self.serve()
        with d.connect() as c:
            answer = c.predict("nobody", "nothing")
            self.assertEqual(answer["model_seq"], 0)
            self.assertEqual(answer["cold"], ["user", "item"])
            self.assertTrue(1 <= answer["rating"] <= 5, answer)

    def test_learns_at_once(self):
        with self.daemon.connect() as c:
            high, low = self.name("user"), self.name("user")
            for k in range(20):
                c.rate(high, f"{self.name()}-{k}", 5)
                c.rate(low, f"{self.name()}-{k}", 1)
            item = self.name("item")
            self.assertGreater(c.predict(high, item)["rating"],
                               c.predict(low, item)["rating"] + 1)

    def test_predictions_stay_in_range(self):
        d = self.serve("--model.rating_min=0", "--model.rating_max=10")
        with d.connect() as c:
            for _ in range(30):
                c.rate("u", "i", 10)
                c.rate("v", "j", 0)
            for pair in (("u", "i"), ("v", "j"), ("u", "j"), ("v", "i")):
                self.assertTrue(0 <= c.predict(*pair)["rating"] <= 10)
            self.assertGreater(c.predict("u", "i")["rating"], 7)
            self.assertLess(c.predict("v", "j")["rating"], 3)

    def test_an_integer_is_its_decimal_string(self):
        with self.daemon.connect() as c:
            for number in (7, 0, -7, 2 ** 63 - 1, -2 ** 63):
                with self.subTest(number=number):
                    item = self.name("item")
                    c.rate(number, item, 5, timestamp=10**9)
                    a = c.predict(number, item)
                    b = c.predict(str(number), item)
                    self.assertNotIn("cold", a)
                    self.assertEqual(a["rating"], b["rating"])


class Session(HttpTest):
    NOW = 1_700_000_000

    def test_a_mood_fades(self):
        with self.daemon.connect() as c:
            user, item = self.name("user"), self.name("item")
            for n in range(10):  # they dislike everything today
                c.rate(user, self.name(f"i{n}"), 1, timestamp=self.NOW + n)
            seq = c.rate(self.name("other"), item, 4)["seq"]

            def at(when):
                return c.post(f"/v1/predict?min_seq={seq}", {
                    "user_id": user, "item_id": item,
                    "timestamp": when}).json()["rating"]

            soon, later, much_later, before = (
                at(self.NOW + t) for t in (10, 120, 86400, -1))
            self.assertLess(soon, later)
            self.assertLess(later, much_later)
            self.assertEqual(before, much_later)
            # without a timestamp it is now, years later
            self.assertEqual(c.predict(user, item)["rating"], much_later)
            batch = c.post("/v1/predict", {"instances": [
                {"user_id": user, "item_id": item, "timestamp": self.NOW + 10},
                {"user_id": user, "item_id": item}]}).json()["ratings"]
            self.assertEqual(batch, [soon, much_later])

    def test_now_is_now(self):
        """Also for the first request of a daemon: it has looked at the clock."""
        d = self.serve("--limits.future_seconds=60")
        with d.connect() as c:
            pair = {"user_id": "u", "item_id": "i"}
            for late, status in ((0, 200), (50, 200), (100, 400)):
                r = c.post("/v1/predict",
                           {**pair, "timestamp": time.time() + late})
                self.assertEqual(r.status, status, r)

    def test_bad_timestamps(self):
        pair = {"user_id": "u", "item_id": "i"}
        with self.daemon.connect() as c:
            for value in ("now", -1, 1e300, None, True, [1], self.NOW * 1000):
                r = c.post("/v1/predict", {**pair, "timestamp": value})
                self.assert_error(r, 400, "invalid_timestamp")
            r = c.post("/v1/predict", {"instances": [pair],
                                       "timestamp": self.NOW})
            self.assert_error(r, 400, "unknown_field", mentions="timestamp")


class Batch(HttpTest):
    def batch(self, c, pairs, query=""):
        return c.post("/v1/predict" + query, {"instances": [
            {"user_id": u, "item_id": i} for u, i in pairs]})

    def test_same_as_single(self):
        with self.daemon.connect() as c:
            users = [self.name("user") for _ in range(5)]
            items = [self.name("item") for _ in range(5)]
            for u in users:
                for i in items:
                    # long ago: no session that fades between two requests
                    c.rate(u, i, self.random.randint(1, 5),
                           timestamp=1_000_000_000)
            pairs = [(self.random.choice(users), self.random.choice(items))
                     for _ in range(100)]
            answer = self.assert_ok(self.batch(c, pairs))
            self.assertEqual(set(answer), {"ratings", "model_seq"})
            for pair, rating in zip(pairs, answer["ratings"], strict=True):
                self.assertEqual(c.predict(*pair)["rating"], rating)

    def test_one_instance_still_answers_a_list(self):
        with self.daemon.connect() as c:
            answer = self.assert_ok(self.batch(c, [("nobody", "nothing")]))
            self.assertEqual(len(answer["ratings"]), 1)
            self.assertEqual(answer["cold"], {"0": ["user", "item"]})

    def test_cold_is_keyed_by_index(self):
        with self.daemon.connect() as c:
            user, item = self.name("user"), self.name("item")
            c.rate(user, item, 4)
            answer = self.assert_ok(self.batch(c, [
                (user, item), ("nobody", item), (user, item),
                (user, "nothing"), ("nobody", "nothing")]))
            self.assertEqual(answer["cold"], {
                "1": ["user"], "3": ["item"], "4": ["user", "item"]})

    def test_as_many_as_the_limit(self):
        with self.daemon.connect() as c:
            answer = self.assert_ok(self.batch(c, [("u", "i")] * 10000))
            self.assertEqual(len(answer["ratings"]), 10000)
            self.assertEqual(len(set(answer["ratings"])), 1)
            self.assert_error(self.batch(c, [("u", "i")] * 10001), 400,
                              "too_many_elements", mentions="10000")

    def test_bad_element_is_pointed_at(self):
        with self.daemon.connect() as c:
            pairs = [("u", "i")] * 10
            pairs[7] = ("", "i")
            self.assert_error(self.batch(c, pairs), 400, "invalid_id", 7,
                              mentions="user_id")
            r = c.post("/v1/predict", {"instances": [
                {"user_id": "u", "item_id": "i"}, {"user_id": "u"}]})
            self.assert_error(r, 400, "missing_field", 1, mentions="item_id")

    def test_empty(self):
        with self.daemon.connect() as c:
            self.assert_error(self.batch(c, []), 400, "empty_batch")


class MinSeq(HttpTest):
    OPTIONS = ("--limits.wait_timeout=0.3",)

    def test_reached(self):
        with self.daemon.connect() as c:
            seq = c.rate("u", "i", 4)["seq"]
            for n in (0, 1, seq):
                answer = c.predict("u", "i", f"?min_seq={n}")
                self.assertGreaterEqual(answer["model_seq"], n)

    def test_not_reached_is_stale(self):
        with self.daemon.connect() as c:
            ahead = c.stats()["seq"] + 1000
            for method, target, body in (
                    ("POST", "/v1/predict", {"user_id": "u", "item_id": "i"}),
                    ("POST", "/v1/recommend", {"user_id": "u"}),
                    ("GET", "/v1/users/u/recommendations", None),
                    ("GET", "/v1/stats", None)):
                with self.subTest(target=target):
                    r = c.ask(method, f"{target}?min_seq={ahead}", body)
                    self.assert_error(r, 503, "stale", mentions=str(ahead))

    def test_wakes_when_the_event_comes(self):
        with self.daemon.connect() as reader, self.daemon.connect() as writer:
            for _ in range(20):
                seq = writer.stats()["seq"] + 1
                reader.send(harness.client.build(
                    "POST", f"/v1/predict?min_seq={seq}",
                    {"user_id": "u", "item_id": "i"}))
                writer.rate("u", "i", 4)
                answer = self.assert_ok(reader.read())
                self.assertGreaterEqual(answer["model_seq"], seq)

    def test_bad_numbers(self):
        with self.daemon.connect() as c:
            for value in ("", "-1", "+1", "1.0", "1e3", "0x10", "abc", " 1",
                          "9223372036854775808", "1" * 60):
                with self.subTest(value=value):
                    r = c.post("/v1/predict?min_seq=" +
                               value.replace(" ", "%20").replace("+", "%2B"),
                               {"user_id": "u", "item_id": "i"})
                    self.assert_error(r, 400, "bad_query", mentions="min_seq")


if __name__ == "__main__":
    main()
