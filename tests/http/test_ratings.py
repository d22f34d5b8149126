"""POST /v1/ratings with a JSON document: one rating, or an array of them."""
import gzip
import json

from client import JSON, build
from harness import HttpTest, main

T0 = 1700000000
RECEIPT = {"accepted", "duplicates", "rejected", "errors", "seq"}


class Ratings(HttpTest):
    def rating(self, **more):
        return {"user_id": self.name("user"), "item_id": self.name("item"),
                "rating": 4, **more}

    def assert_receipt(self, r, status, accepted):
        body = self.assert_ok(r, status)
        self.assertEqual(set(body) - {"model_seq"}, RECEIPT)
        self.assertEqual((body["accepted"], body["duplicates"],
                          body["rejected"], body["errors"]),
                         (accepted, 0, 0, []))
        return body

    def test_one(self):
        with self.daemon.connect() as c:
            before = c.stats()["seq"]
            body = self.assert_receipt(c.post("/v1/ratings", self.rating()),
                                       202, 1)
            self.assertEqual(body["seq"], before + 1)
            self.assertNotIn("model_seq", body)

    def test_array(self):
        with self.daemon.connect() as c:
            before = c.stats()["seq"]
            for n in (1, 3, 10000):
                r = c.post("/v1/ratings", [self.rating()] * n)
                before += n
                self.assertEqual(self.assert_receipt(r, 202, n)["seq"], before)

    def test_wait_applied(self):
        with self.daemon.connect() as c:
            for document in (self.rating(), [self.rating()] * 300):
                r = c.post("/v1/ratings?wait=applied", document)
                n = len(document) if isinstance(document, list) else 1
                body = self.assert_receipt(r, 200, n)
                self.assertGreaterEqual(body["model_seq"], body["seq"])

    def test_wait_is_applied_or_nothing(self):
        with self.daemon.connect() as c:
            for value in ("", "durable", "true", "applied,durable"):
                r = c.post("/v1/ratings?wait=" + value, self.rating())
                self.assert_error(r, 400, "bad_query", mentions="applied")

    def test_read_your_writes(self):
        """From another connection, which may be another worker's."""
        with self.daemon.connect() as writer:
            readers = [self.connect() for _ in range(4)]
            for k in range(100):
                rating = self.rating()
                seq = writer.post("/v1/ratings", rating).json()["seq"]
                answer = readers[k % 4].predict(
                    rating["user_id"], rating["item_id"], f"?min_seq={seq}")
                self.assertNotIn("cold", answer)
                self.assertGreaterEqual(answer["model_seq"], seq)

    def test_seqs_are_in_order_and_unique(self):
        connections = [self.connect() for _ in range(4)]
        seqs = []
        for _ in range(25):
            for c in connections:
                seqs.append(c.post("/v1/ratings", self.rating()).json()["seq"])
        self.assertEqual(seqs, list(range(seqs[0], seqs[0] + 100)))

    def test_bad_element_leaves_nothing(self):
        with self.daemon.connect() as c:
            before = c.settled()
            good = [self.rating() for _ in range(1000)]
            for at in (0, 499, 999):
                batch = list(good)
                batch[at] = {**batch[at], "rating": 9}
                r = c.post("/v1/ratings?wait=applied", batch)
                self.assert_error(r, 400, "invalid_rating", at)
            after = c.stats()
            for key in ("seq", "model_seq", "users", "items", "events"):
                self.assertEqual(before[key], after[key], key)
            answer = c.predict(good[0]["user_id"], good[0]["item_id"])
            self.assertEqual(answer["cold"], ["user", "item"])

    def test_timestamps(self):
        with self.daemon.connect() as c:
            for t in (0, 1, T0, T0 + 0.5, 1e9, 1700000000.123, -0.0):
                with self.subTest(t=t):
                    r = c.post("/v1/ratings", self.rating(timestamp=t))
                    self.assert_receipt(r, 202, 1)

    def test_skipped_is_nothing(self):
        with self.daemon.connect() as c:
            c.rate(self.name("user"), self.name("item"), 4)
            self.assertEqual(c.stats()["skipped"], 0)

    def test_content_types(self):
        with self.daemon.connect() as c:
            for kind in (JSON, "application/json; charset=utf-8",
                         "application/json;charset=UTF-8", "Application/JSON",
                         "application/json ; a=b"):
                with self.subTest(kind=kind):
                    r = c.post("/v1/ratings", self.rating(), kind=kind)
                    self.assert_receipt(r, 202, 1)


class Gzip(HttpTest):
    BODY = {"user_id": "ann", "item_id": "dune", "rating": 5}

    def send(self, body, coding="gzip"):
        with self.daemon.connect() as c:
            return c.post("/v1/ratings", body,
                          [f"Content-Encoding: {coding}"])

    def test_document(self):
        packed = gzip.compress(json.dumps(self.BODY).encode())
        for body in (packed, [packed], [bytes([b]) for b in packed]):
            with self.subTest(kind=type(body[0])):
                self.assertEqual(self.assert_ok(self.send(body), 202)
                                 ["accepted"], 1)
        self.assert_ok(self.send(packed, "GZIP"), 202)

    def test_members(self):
        text = json.dumps(self.BODY).encode()
        body = gzip.compress(text[:9]) + gzip.compress(text[9:])
        self.assertEqual(self.assert_ok(self.send(body), 202)["accepted"], 1)

    def test_large(self):
        body = gzip.compress(json.dumps([self.BODY] * 10000).encode())
        self.assertEqual(self.assert_ok(self.send(body), 202)["accepted"],
                         10000)

    def test_predict_too(self):
        with self.daemon.connect() as c:
            body = gzip.compress(b'{"user_id":"ann","item_id":"dune"}')
            r = c.post("/v1/predict", body, ["Content-Encoding: gzip"])
            self.assertIn("rating", self.assert_ok(r))

    def test_broken(self):
        packed = gzip.compress(json.dumps(self.BODY).encode())
        crc = bytearray(packed)
        crc[-5] ^= 1
        for what, body in (("not gzip", b'{"user_id":"a"}'),
                           ("cut", packed[:-1]), ("half", packed[:20]),
                           ("crc", bytes(crc)), ("magic", b"\x1f\x8b"),
                           ("tail", packed + b"tail")):
            with self.subTest(what=what):
                self.assert_error(self.send(body), 400, "invalid_gzip")
                self.assert_error(self.send([body]), 400, "invalid_gzip")

    def test_other_codings(self):
        body = json.dumps(self.BODY).encode()
        self.assert_ok(self.send(body, "identity"), 202)
        for coding in ("br", "deflate", "zstd", "gzip, gzip", "x"):
            with self.subTest(coding=coding):
                self.assert_error(self.send(body, coding), 415,
                                  "unsupported_encoding", mentions="gzip")


class SlowTrainer(HttpTest):
    """The trainer needs a while for each event, so that waits can be seen."""

    OPTIONS = ("--learn.replay=256", "--model.rating_dim=512",
               "--limits.wait_timeout=0.05")
    BATCH = [{"user_id": f"u{k}", "item_id": f"i{k}", "rating": k % 5 + 1}
             for k in range(80)]

    def test_not_applied_tells_the_seq(self):
        with self.daemon.connect() as c:
            before = c.settled()["seq"]
            n = 3000
            r = c.post("/v1/ratings?wait=applied",
                       (self.BATCH * (n // 80 + 1))[:n])
            self.assert_error(r, 503, "not_applied", mentions=str(before + n))
            # it was accepted all the same, and comes
            self.assertEqual(c.stats()["seq"], before + n)


class FullQueue(HttpTest):
    OPTIONS = ("--learn.replay=256", "--model.rating_dim=512",
               "--ingest.queue_events=100")
    BATCH = SlowTrainer.BATCH

    def test_a_crowd(self):
        """A client that waits for each answer is slowed by it; a crowd that
        does not is told to come again."""
        with self.daemon.connect() as c:
            before = c.settled()["seq"]
            crowd = [self.connect() for _ in range(20)]
            for one in crowd:
                one.send(build("POST", "/v1/ratings", self.BATCH))
            self.assertIn("rating", c.predict("u1", "i1"))
            accepted = 0
            for one in crowd:
                r = one.read()
                if r.status == 202:
                    accepted += r.json()["accepted"]
                else:
                    self.assert_error(r, 503, "queue_full")
            self.assertLess(0, accepted)
            self.assertLess(accepted, len(crowd) * len(self.BATCH))
            self.assertEqual(c.settled()["seq"], before + accepted)


if __name__ == "__main__":
    main()
