"""What no client should send: each with its status and its code."""
import json

from client import JSON, NDJSON
from harness import HttpTest, main

GOOD = {"user_id": "ann", "item_id": "dune", "rating": 4}
PAIR = {"user_id": "ann", "item_id": "dune"}


def without(document, key):
    return {k: v for k, v in document.items() if k != key}


class BadInput(HttpTest):
    def setUp(self):
        super().setUp()
        self.c = self.connect()
        self.before = self.c.stats()

    def tearDown(self):
        """Whatever was refused has left nothing, and the daemon goes on."""
        after = self.connect().stats()
        for key in ("seq", "users", "items", "events"):
            self.assertEqual(self.before[key], after[key], key)

    def refuse(self, target, body, code, status=400, mentions="", **more):
        """The connection goes on after it, too."""
        with self.subTest(target=target, body=str(body)[:80], **more):
            r = self.c.post(target, body, **more)
            self.assert_error(r, status, code, r.json()["error"].get("index"),
                              mentions)
            if r.header("Connection") == "close":
                self.assertTrue(self.c.is_closed())
                self.c = self.connect()

    def everywhere(self, body, code, mentions=""):
        """The same bytes to all that take JSON, also as a line."""
        for target in ("/v1/predict", "/v1/ratings", "/v1/recommend"):
            self.refuse(target, body, code, mentions=mentions)
        if b"\n" not in body and body:
            self.refuse("/v1/ratings", body, code, mentions=mentions,
                        kind=NDJSON)

    # ---- JSON ----------------------------------------------------------

    def test_invalid_json(self):
        for text in (b"{", b"}", b"{]", b"nul", b'{"user_id":}', b"{'a':1}",
                     b'{"user_id":"ann",}', b'{"a":1}x', b'{"a":1}{"a":1}',
                     b"[1,]", b'"just text"', b"7", b"true", b"null",
                     b'{"user_id":"\xff"}', b'{"user_id":"\\ud800"}',
                     b"\xef\xbb\xbf{}", b'{"a":01}', b'{"a":+1}', b'{"a":.5}',
                     b'{"a":0x10}', b'{"a":"\x01"}', b"{}\x00", b"\x00"):
            self.everywhere(text, "invalid_json")
        self.refuse("/v1/predict", b"", "invalid_json")
        self.refuse("/v1/ratings", b"", "invalid_json")

    def test_not_a_number(self):
        for number in (b"NaN", b"Infinity", b"-Infinity", b"1e309", b"-1e400",
                       b"inf"):
            body = b'{"user_id":"a","item_id":"b","rating":%b}' % number
            self.refuse("/v1/ratings", body, "invalid_json")
            self.refuse("/v1/ratings", body, "invalid_json", kind=NDJSON)

    def test_duplicate_keys(self):
        self.everywhere(b'{"user_id":"a","user_id":"b","item_id":"c"}',
                        "invalid_json")

    def test_wrong_shapes(self):
        for body in ([], [[]], [1], ["a"], [None], [[GOOD]]):
            code = "invalid_type" if body else "empty_batch"
            self.refuse("/v1/ratings", body, code)
        for target in ("/v1/predict", "/v1/recommend"):
            self.refuse(target, [], "invalid_type")
            self.refuse(target, [PAIR], "invalid_type")
        for instances in ({}, "a", 1, None, [1], [[PAIR]], [None]):
            self.refuse("/v1/predict", {"instances": instances},
                        "invalid_type")
        self.refuse("/v1/predict", {}, "missing_field", mentions="user_id")

    def test_depth(self):
        deep = b"[" * 33 + b"]" * 33
        self.everywhere(deep, "too_deep", mentions="limits.json_depth")
        self.everywhere(b'{"a":' * 32 + b"[]" + b"}" * 32, "too_deep")
        self.refuse("/v1/ratings", b"[" * 32 + b"]" * 32, "invalid_type")
        self.refuse("/v1/ratings", b"[" * 100000, "too_deep")

    def test_too_many_elements(self):
        self.refuse("/v1/ratings", [GOOD] * 10001, "too_many_elements",
                    mentions="limits.array_elements")
        self.refuse("/v1/predict", {"instances": [PAIR] * 10001},
                    "too_many_elements", mentions="limits.array_elements")
        self.refuse("/v1/predict", {"instances": [1] * 10001},
                    "too_many_elements")

    def test_too_many_values(self):
        keys = {f"k{k}": [0] * 9000 for k in range(25)}
        self.refuse("/v1/predict", keys, "too_many_values",
                    mentions="limits.json_values")

    # ---- fields --------------------------------------------------------

    def test_ids(self):
        for field in ("user_id", "item_id"):
            for bad, code in (
                    ("", "invalid_id"), ("x" * 257, "invalid_id"),
                    ("é" * 128 + "x", "invalid_id"), ("a\nb", "invalid_id"),
                    ("\x00", "invalid_id"), ("\x7f", "invalid_id"),
                    ("\x85", "invalid_id"), ("a\tb", "invalid_id"),
                    (None, "invalid_type"), (True, "invalid_type"),
                    (1.0, "invalid_type"), ({}, "invalid_type"),
                    (["ann"], "invalid_type"), (2 ** 63, "invalid_json")):
                for target, base in (("/v1/ratings", GOOD),
                                     ("/v1/predict", PAIR)):
                    if bad == "\x00":  # jansson refuses the escape
                        code = "invalid_json"
                    self.refuse(target, {**base, field: bad}, code)
            for target, base in (("/v1/ratings", GOOD), ("/v1/predict", PAIR)):
                self.refuse(target, without(base, field), "missing_field",
                            mentions=field)
        for bad, code in (("", "invalid_id"), ("x" * 257, "invalid_id"),
                          ("a\nb", "invalid_id"), (None, "invalid_type"),
                          (1.0, "invalid_type"), (["e"], "invalid_type")):
            self.refuse("/v1/ratings", {**GOOD, "event_id": bad}, code,
                        mentions="event_id")
        self.refuse("/v1/recommend", {"user_id": ""}, "invalid_id")
        self.refuse("/v1/recommend", {}, "missing_field", mentions="user_id")

    def test_ratings(self):
        for bad in (0, 0.99, 5.0001, -1, 1e308, -1e308, 1e39, 2 ** 62, "4",
                    None, True, [4], {"value": 4}, ""):
            self.refuse("/v1/ratings", {**GOOD, "rating": bad},
                        "invalid_rating", mentions="1..5")
        self.refuse("/v1/ratings", without(GOOD, "rating"), "missing_field",
                    mentions="rating")

    def test_timestamps(self):
        for bad in (-1, -0.001, 253402300800, 1e308, 4e9, "1700000000", None,
                    True, [], "2024-01-01"):
            self.refuse("/v1/ratings", {**GOOD, "timestamp": bad},
                        "invalid_timestamp")
        self.refuse("/v1/ratings", {**GOOD, "timestamp": 1700000000000},
                    "invalid_timestamp", mentions="milliseconds")

    def test_unknown_fields(self):
        self.refuse("/v1/ratings", {**GOOD, "ratings": 1}, "unknown_field",
                    mentions="rating")
        self.refuse("/v1/ratings", [GOOD, {**GOOD, "x": 1}], "unknown_field",
                    mentions='"x"')
        self.refuse("/v1/predict", {**PAIR, "rating": 1}, "unknown_field",
                    mentions="rating")
        self.refuse("/v1/predict", {**PAIR, "instances": [PAIR]},
                    "unknown_field")
        self.refuse("/v1/predict", {"instances": [{**PAIR, "k": 1}]},
                    "unknown_field", mentions='"k"')
        self.refuse("/v1/predict", {**PAIR, "a\nb\u2028" + "x" * 900: 1},
                    "unknown_field")
        self.refuse("/v1/recommend", {"user_id": "u", "count": 1},
                    "unknown_field", mentions="count")

    # ---- HTTP ----------------------------------------------------------

    def test_content_types(self):
        for kind in (None, "", "text/plain", "application/jsonp",
                     "application/x-www-form-urlencoded", "text/json", "multipart/form-data",
                     "application", "*/*", "application/xml, application/json",
                     "application/json, application/json"):
            for target in ("/v1/ratings", "/v1/predict", "/v1/recommend"):
                self.refuse(target, GOOD, "unsupported_type", 415,
                            mentions=JSON, kind=kind)
        for target in ("/v1/predict", "/v1/recommend"):
            self.refuse(target, PAIR, "unsupported_type", 415, kind=NDJSON)

    def test_unknown_routes(self):
        for path in ("/", "/v1", "/v1/", "/v1/predict/", "/v1//predict",
                     "/v2/predict", "/V1/predict", "/v1/predict%20",
                     "/v1/%70redict", "/v1/ratings/1", "/../v1/predict",
                     "/metrics/", "/health", "/favicon.ico", "//v1/predict",
                     "/v1/user", "/v1/users/u/ratings", "/v1/items/u/x",
                     "/v1/users/u/recommendations/"):
            self.refuse(path, PAIR, "unknown_route", 404)
            r = self.c.get(path)
            self.assert_error(r, 404, "unknown_route", mentions=path)

    def test_unknown_parameters(self):
        for target, body in (("/v1/predict", PAIR), ("/v1/ratings", GOOD),
                             ("/v1/recommend", {"user_id": "u"})):
            for query in ("?pretty=1", "?nonsense", "?=", "?Wait=applied",
                          "?min_seqs=1", "?a=%zz", "?a=%00", "?%ff=1",
                          "?" + "x" * 200, "?a=" + "x" * 500):
                self.refuse(target + query, body, "bad_query")
        self.refuse("/v1/predict?wait=applied", PAIR, "bad_query",
                    mentions="wait")
        self.refuse("/v1/ratings?min_seq=1", GOOD, "bad_query",
                    mentions="min_seq")
        for path in ("/v1/stats", "/metrics", "/health/live", "/health/ready"):
            r = self.c.get(path + "?x=1")
            self.assert_error(r, 400, "bad_query", mentions='"x"')

    def test_empty_parameters_do_no_harm(self):
        self.assertIn("rating", self.assert_ok(
            self.c.post("/v1/predict?", PAIR)))
        self.assertIn("rating", self.assert_ok(
            self.c.post("/v1/predict?&&min_seq=0&", PAIR)))

    def test_body_where_none_belongs(self):
        for path in ("/v1/stats", "/metrics", "/health/live",
                     "/v1/users/u/recommendations"):
            r = self.c.ask("GET", path, {"a": 1})
            self.assert_error(r, 400, "bad_request")

    def test_messages_quote_hostile_text_safely(self):
        nasty = '\u202e</script>"\\\ud83d\ude00\u0085' + "é" * 400
        r = self.c.post("/v1/predict", json.dumps({nasty: 1}).encode())
        self.assert_error(r, 400, "unknown_field")
        r = self.c.get("/" + "%E2%80%AE%0A" * 30)
        self.assertIn(r.status, (400, 404), r)


if __name__ == "__main__":
    main()
