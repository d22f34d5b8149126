"""nst/JSONTestSuite, every file to every route that takes JSON.

n_ files must be refused (4xx); y_ and i_ files are at our mercy but must not
break anything: none of them is a rating, so they are refused as well, with a
4xx.  The daemon lives on.
"""
import os

from client import JSON, NDJSON
from harness import HttpTest, main, shared_data

ROUTES = (("/v1/predict", JSON), ("/v1/ratings", JSON),
          ("/v1/recommend", JSON), ("/v1/ratings", NDJSON))


class JsonSuite(HttpTest):
    def setUp(self):
        super().setUp()
        self.folder = shared_data("json-test-suite", "test_parsing")
        self.c = self.connect()

    def post(self, target, kind, body):
        r = self.c.post(target, body, kind=kind)
        if r.header("Connection") == "close":
            self.c = self.connect()
        return r

    def files(self, prefix, least):
        names = sorted(n for n in os.listdir(self.folder)
                       if n.startswith(prefix))
        self.assertGreaterEqual(len(names), least)
        for name in names:
            with open(os.path.join(self.folder, name), "rb") as f:
                yield name, f.read()

    def test_none_is_taken_and_none_does_harm(self):
        before = self.c.stats()["seq"]
        for prefix, least in (("n_", 188), ("y_", 95), ("i_", 35)):
            for name, body in self.files(prefix, least):
                for target, kind in ROUTES:
                    r = self.post(target, kind, body)
                    with self.subTest(name=name, target=target, kind=kind):
                        self.assertTrue(400 <= r.status < 500, r)
        self.assertEqual(self.c.stats()["seq"], before)

    def test_the_code_tells_json_from_fields(self):
        """Documents (not lines) that are no JSON are called so.  Two limits may
        come first: depth, and the number of elements."""
        for name, body in self.files("n_", 188):
            r = self.post("/v1/predict", JSON, body)
            with self.subTest(name=name):
                self.assertIn(r.code, ("invalid_json", "too_deep"), r)

    def test_values_inside_a_rating(self):
        """Each y_ value where a rating stands: only a number in range gets
        through."""
        for name, body in self.files("y_", 95):
            if b"\n" in body:
                continue
            r = self.post("/v1/ratings", JSON, b'{"user_id":"u","item_id":"i",'
                          b'"rating":' + body + b"}")
            with self.subTest(name=name):
                self.assertEqual(r.status, 400, r)


if __name__ == "__main__":
    main()
