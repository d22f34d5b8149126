"""The big list of naughty strings as ids: refused, or the same bytes back."""
import json
import unicodedata
from urllib.parse import quote

from client import build
from harness import HttpTest, main, shared_data

EXTRA = ["\u200b", "\ufeff", "\u202e", "e\u0301", "\u00e9", "\U0010ffff",
         "\ufffe", "a" * 256, "\U0001f469\u200d\U0001f4bb", "\u2028", "%00",
         "%2e%2e", "..", ".", "/", "//", "\\", "?", "#", "&", "+", " ", "  "]


def valid(text):
    data = text.encode("utf-8", "surrogatepass")
    return (1 <= len(data) <= 256 and
            not any(unicodedata.category(ch) in ("Cc", "Cs") for ch in text))


class Naughty(HttpTest):
    @classmethod
    def setUpClass(cls):
        with open(shared_data("naughty-strings", "blns.json"),
                  encoding="utf-8") as f:
            everything = json.load(f) + EXTRA
        cls.good = sorted({s for s in everything if valid(s)})
        cls.bad = sorted({s for s in everything if not valid(s)})
        assert len(cls.good) > 400 and len(cls.bad) > 5
        super().setUpClass()
        with cls.daemon.connect() as c:
            cls.receipt = c.post("/v1/ratings?wait=applied", [
                {"user_id": s, "item_id": s, "rating": 3, "timestamp": 1}
                for s in cls.good])

    def listed(self, r):
        return sorted(i["item_id"] for i in self.assert_ok(r)["items"])

    def test_bodies_give_the_same_bytes_back(self):
        answer = self.assert_ok(self.receipt)
        self.assertEqual(answer["accepted"], len(self.good))
        with self.daemon.connect() as c:
            stats = c.stats()
            self.assertEqual(stats["users"], len(self.good))
            self.assertEqual(stats["items"], len(self.good))
            r = c.post("/v1/recommend", {"user_id": "a stranger to all",
                                         "n": 1000})
            self.assertEqual(self.listed(r), self.good)

    def test_paths_name_the_same_users(self):
        """Each user has seen the item of the same name and nothing else."""
        with self.daemon.connect() as c:
            for at in range(0, len(self.good), 50):
                some = self.good[at:at + 50]
                c.send(b"".join(build(
                    "GET", f"/v1/users/{quote(s, safe='')}/recommendations"
                    "?n=1000") for s in some))
                for s in some:
                    r = c.read()
                    with self.subTest(s=s):
                        self.assertNotIn("cold", r.json())
                        self.assertEqual(
                            self.listed(r), [g for g in self.good if g != s])

    def test_the_others_are_refused(self):
        with self.daemon.connect() as c:
            for s in self.bad:
                text = json.dumps(s)
                for pair in (f'{{"user_id":{text},"item_id":"i"}}',
                             f'{{"user_id":"u","item_id":{text}}}'):
                    with self.subTest(pair=pair):
                        r = c.post("/v1/predict", pair.encode())
                        self.assertEqual(r.status, 400, r)
                        self.assertIn(r.code, ("invalid_id", "invalid_json"))
                path = quote(s.encode("utf-8", "surrogatepass"), safe="")
                r = c.get(f"/v1/users/{path}/recommendations")
                with self.subTest(path=path):
                    self.assert_error(r, 400, "invalid_id")

    def test_log_stays_one_line_per_event(self):
        for row in self.daemon.log().splitlines():
            self.assertNotIn("\x1b", row)
            self.assertTrue(row.isprintable(), row)


if __name__ == "__main__":
    main()
