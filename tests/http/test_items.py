"""Metadata of items and users: PUT, GET, DELETE, arrays and streams."""
import json
import signal
from urllib.parse import quote

from client import NDJSON, build
from durable import DurableTest
from harness import HttpTest, main

FULL = {"categories": ["SF", "Novel"], "tags": ["désert", "a=b"],
        "numbers": {"year": 1965, "price": 9.5, "x.y-z_0": -1e-300},
        "texts": {"plot": "Line\nline \"two\""}, "title": "Dune",
        "text": "A planet of sand", "embedding": [1, -0.5, 0.1],
        "available_from": 1700000000.25, "available_until": 99999999999,
        "hidden": True}


class Metadata(HttpTest):
    def setUp(self):
        super().setUp()
        self.c = self.connect()

    def put(self, path, document, status=200):
        r = self.c.ask("PUT", path + "?wait=applied",
                       json.dumps(document).encode())
        return self.assert_ok(r, status)

    def known(self, path):
        return self.assert_ok(self.c.get(path))

    # ---- one -----------------------------------------------------------

    def test_round_trip(self):
        path = f"/v1/items/{self.name()}"
        seq = self.put(path, FULL)["seq"]
        got = self.known(path)
        self.assertEqual(got["metadata"], FULL)
        self.assertGreaterEqual(got["model_seq"], seq)
        self.assertEqual((got["item_id"], got["ratings"]),
                         (path.rsplit("/", 1)[1], 0))
        for name in ("category=SF", "tag=désert", "year=1965", "price=8",
                     "embedding#0"):
            self.assertIn(name, got["features"])
        self.put(path, got["metadata"])
        self.assertEqual(self.known(path)["metadata"], FULL)

    def test_put_replaces(self):
        path = f"/v1/items/{self.name()}"
        self.put(path, FULL)
        self.put(path, {"tags": ["x"], "year": 1997, "hidden": False})
        got = self.known(path)
        self.assertEqual(got["metadata"],
                         {"tags": ["x"], "numbers": {"year": 1997}})
        self.assertEqual(got["features"], {"year=1995": 1, "tag=x": 1})
        self.put(path, {})
        got = self.known(path)
        self.assertEqual((got["metadata"], got["features"]), ({}, {}))

    def test_any_id(self):
        for k, item in enumerate(("a/b", "\U0001f98a fox & co", "%41", "7",
                                  "x" * 256, "..", "?q=1")):
            path = f"/v1/items/{quote(item, safe='')}"
            self.put(path, {"year": k})
            self.assertEqual(self.known(path)["item_id"], item)
        r = self.c.ask("PUT", "/v1/items/" + "x" * 257, b"{}")
        self.assert_error(r, 400, "invalid_id")

    def test_id_of_the_path(self):
        self.put("/v1/items/7", {"item_id": 7})
        r = self.c.ask("PUT", "/v1/items/7", b'{"item_id":"8"}')
        self.assert_error(r, 400, "invalid_id", mentions="path")

    def test_delete(self):
        path = f"/v1/items/{self.name()}"
        self.put(path, FULL)
        gone = self.assert_ok(self.c.ask("DELETE", path + "?wait=applied"))
        self.assertEqual(gone["accepted"], 1)
        self.assert_error(self.c.get(path), 404, "unknown_item")
        self.assert_ok(self.c.ask("DELETE", path), 202)  # nothing to do
        self.put(path, {"tags": ["again"]})
        self.assertEqual(self.known(path)["metadata"], {"tags": ["again"]})
        never = f"/v1/items/{self.name()}"
        self.assert_ok(self.c.ask("DELETE", never + "?wait=applied"))
        self.assert_error(self.c.get(never), 404, "unknown_item")

    def test_rated_but_not_described(self):
        user, item = self.name("u"), self.name("i")
        self.c.rate(user, item, 4)
        got = self.known(f"/v1/items/{item}")
        self.assertEqual((got["metadata"], got["features"], got["ratings"]),
                         ({}, {}, 1))
        self.assertEqual(self.known(f"/v1/users/{user}")["ratings"], 1)

    def test_user(self):
        path = f"/v1/users/{self.name()}"
        self.assert_error(self.c.get(path), 404, "unknown_user")
        self.put(path, {"categories": ["pilot"], "numbers": {"age": 23}})
        got = self.known(path)
        self.assertEqual(got["metadata"], {"categories": ["pilot"],
                                           "numbers": {"age": 23}})
        for member in ("hidden", "available_from", "item_id"):
            r = self.c.ask("PUT", path, json.dumps({member: None}).encode())
            self.assert_error(r, 400, "unknown_field", mentions=member)

    def test_read_your_writes(self):
        for k in range(30):
            path = f"/v1/items/{self.name()}"
            r = self.c.ask("PUT", path, json.dumps({"year": k}).encode())
            seq = self.assert_ok(r, 202)["seq"]
            other = self.connect()
            got = self.assert_ok(other.get(f"{path}?min_seq={seq}"))
            self.assertEqual(got["metadata"]["numbers"]["year"], k)

    # ---- many ----------------------------------------------------------

    def test_array_is_all_or_nothing(self):
        before = self.c.settled()["seq"]
        items = [{"item_id": self.name(), "year": k} for k in range(100)]
        r = self.c.post("/v1/items?wait=applied", items)
        self.assertEqual(self.assert_ok(r)["seq"], before + 100)
        for at in (0, 57, 99):
            bad = [dict(i) for i in items]
            bad[at]["yaer"] = 1
            r = self.c.post("/v1/items", bad)
            self.assert_error(r, 400, "unknown_field", at, '"year"')
        self.assertEqual(self.c.settled()["seq"], before + 100)
        self.assert_error(self.c.post("/v1/items", []), 400, "empty_batch")
        self.assert_error(self.c.post("/v1/items", {"year": 1}), 400,
                          "missing_field", mentions="item_id")

    def test_streams(self):
        names = [self.name() for _ in range(500)]
        for kind, known in (("item", "/v1/items"), ("user", "/v1/users")):
            lines = [json.dumps({f"{kind}_id": n, "tags": [n]}) for n in names]
            lines.insert(250, '{"tags":["nobody"]}')
            r = self.c.post(known + "?wait=applied",
                            "\n".join(lines).encode(), kind=NDJSON)
            receipt = self.assert_ok(r)
            self.assertEqual((receipt["accepted"], receipt["rejected"]),
                             (500, 1))
            self.assertEqual((receipt["errors"][0]["code"],
                              receipt["errors"][0]["index"]),
                             ("missing_field", 250))
            for n in (names[0], names[249], names[250], names[499]):
                self.assertEqual(self.known(f"{known}/{n}")["metadata"],
                                 {"tags": [n]})

    def test_large(self):
        """As much as fits; a byte more does not."""
        path = f"/v1/items/{self.name()}"
        whole = {"embedding": [k / 7 for k in range(4096)],
                 "tags": [f"tag {k}" for k in range(900)]}
        self.put(path, whole)
        got = self.known(path)
        self.assertEqual(len(got["metadata"]["embedding"]), 4096)
        self.assertEqual(got["metadata"]["tags"], whole["tags"])
        self.assertEqual(len(got["features"]), 64)
        for bad, code in (({"embedding": [0] * 4097}, "invalid_metadata"),
                          ({"tags": [str(k) for k in range(1001)]},
                           "invalid_metadata"),
                          ({"text": "x" * 43169}, "invalid_metadata"),
                          ({"tags": ["x" * 201]}, "invalid_metadata")):
            r = self.c.ask("PUT", path, json.dumps(bad).encode())
            self.assert_error(r, 400, code)
        self.put(path, {"text": "x" * (43168 - 8)})

    # ---- what is refused -----------------------------------------------

    def test_bad_documents(self):
        before = self.c.settled()["seq"]
        path = f"/v1/items/{self.name()}"
        for text, code in ((b"", "invalid_json"), (b"[]", "invalid_type"),
                           (b"7", "invalid_json"), (b"{", "invalid_json"),
                           (b'{"tags":["\xff"]}', "invalid_json"),
                           (b'{"tags":null}', "invalid_type"),
                           (b'{"numbers":{"a":NaN}}', "invalid_json"),
                           (b'{"numbers":{"tag":1}}', "invalid_metadata"),
                           (b'{"embedding":[1e300]}', "invalid_metadata"),
                           (b'{"available_from":1e12}', "invalid_timestamp"),
                           (b'{"hidden":0}', "invalid_type"),
                           (b'{"title":1}', "invalid_type"),
                           (b'{"a":1}', "unknown_field"),
                           (b'{"tags":' + b"[" * 40 + b"]" * 40 + b"}",
                            "too_deep")):
            with self.subTest(text=text):
                self.assert_error(self.c.ask("PUT", path, text), 400, code)
        self.assertEqual(self.c.settled()["seq"], before)
        self.assert_error(self.c.get(path), 404, "unknown_item")

    def test_methods_and_types(self):
        for method, path in (("POST", "/v1/items/x"), ("GET", "/v1/items"),
                             ("DELETE", "/v1/items"), ("PUT", "/v1/users"),
                             ("PATCH", "/v1/items/x")):
            r = self.c.ask(method, path, None)
            self.assertEqual(r.status, 405, (method, path, r))
        r = self.c.ask("PUT", "/v1/items/x", b"{}", kind=NDJSON)
        self.assert_error(r, 415, "unsupported_type")
        r = self.c.ask("PUT", "/v1/items/x?wait=soon", b"{}")
        self.assert_error(r, 400, "bad_query")
        c = self.connect()
        c.send(build("DELETE", "/v1/items/x", b"{}"))
        self.assert_error(c.read("DELETE"), 400, "bad_request")


class Kept(DurableTest):
    def test_after_a_restart(self):
        """From the log, and from a snapshot."""
        d = self.begin()
        with d.connect() as c:
            self.assert_ok(c.ask("PUT", "/v1/items/dune",
                                 json.dumps(FULL).encode()), 202)
            self.assert_ok(c.ask("PUT", "/v1/users/ann", b'{"tags":["x"]}'),
                           202)
            self.assert_ok(c.ask("PUT", "/v1/items/gone", b"{}"), 202)
            self.assert_ok(c.ask("DELETE", "/v1/items/gone"), 202)
            want = c.settled()["model_hash"]
        for end in (signal.SIGKILL, signal.SIGTERM, signal.SIGTERM):
            self.ended(d, end)
            d = self.begin()
            with d.connect() as c:
                self.assertEqual(c.settled()["model_hash"], want)
                got = self.assert_ok(c.get("/v1/items/dune"))
                self.assertEqual(got["metadata"], FULL)
                got = self.assert_ok(c.get("/v1/users/ann"))
                self.assertEqual(got["metadata"], {"tags": ["x"]})
                self.assert_error(c.get("/v1/items/gone"), 404,
                                  "unknown_item")


if __name__ == "__main__":
    main()
