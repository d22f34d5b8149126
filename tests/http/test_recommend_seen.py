"""Items left out by what the user did with them, and when."""
import signal
import time
from urllib.parse import urlencode

from durable import DurableTest
from harness import main

DAY = 86400
ITEMS = [f"item{k}" for k in range(8)]


class LeftOut(DurableTest):
    def setUp(self):
        super().setUp()
        self.now = int(time.time())
        while self.now % DAY > DAY - 20:  # no new day shall begin meanwhile
            time.sleep(1)
            self.now = int(time.time())
        self.d = self.begin()
        self.c = self.connect(self.d)
        for item in ITEMS:
            self.c.rate("another", item, 3, timestamp=self.now - DAY)

    def did(self, kind, item, days_ago, user="ann"):
        e = {"user_id": user, "item_id": ITEMS[item],
             "timestamp": self.now - days_ago * DAY}
        path = "/v1/events?wait=applied"
        if kind == "rating":
            e["rating"] = 4
            path = "/v1/ratings?wait=applied"
        else:
            e["type"] = kind
        self.assert_ok(self.c.post(path, e))

    def shop(self):
        self.did("view", 0, 0)
        self.did("view", 1, 40)
        self.did("purchase", 2, 40)
        self.did("view", 2, 0)       # bought long ago, and looked at again
        self.did("purchase", 3, 3)
        self.did("dislike", 4, 10)
        self.did("rating", 5, 100)
        self.did("impression", 6, 0)

    def left_out(self, user="ann", **more):
        """The numbers of the items that are not in the list, which the short
        form has too."""
        long = self.assert_ok(self.c.post("/v1/recommend",
                                          {"user_id": user, "n": 100, **more}))
        if "filter" not in more:
            flat = {k: ",".join(v) if isinstance(v, list)
                    else str(v).lower() for k, v in more.items()}
            short = self.assert_ok(self.c.get(
                f"/v1/users/{user}/recommendations?"
                + urlencode({"n": 100, **flat})))
            self.assertEqual(short, long)
        got = {i["item_id"] for i in long["items"]}
        return [k for k, item in enumerate(ITEMS) if item not in got]

    def check_shop(self):
        for more, want in (
                ({}, [0, 1, 2, 3, 4, 5]),
                ({"exclude_seen": True}, [0, 1, 2, 3, 4, 5]),
                ({"exclude_seen": False}, []),
                ({"exclude_kinds": ["view"]}, [0, 1, 2]),
                ({"exclude_kinds": ["purchase"]}, [2, 3]),
                ({"exclude_kinds": ["rating"]}, [5]),
                ({"exclude_kinds": ["dislike", "purchase"]}, [2, 3, 4]),
                ({"exclude_kinds": ["click"]}, []),   # nobody ever did
                ({"exclude_days": 1}, [0, 2]),
                ({"exclude_days": 3}, [0, 2, 3]),
                ({"exclude_days": 39}, [0, 2, 3, 4]),
                ({"exclude_days": 40}, [0, 1, 2, 3, 4]),
                ({"exclude_days": 65535}, [0, 1, 2, 3, 4, 5]),
                # both of one event: 2 was bought, but not lately
                ({"exclude_kinds": ["purchase"], "exclude_days": 30}, [3]),
                ({"exclude_kinds": ["purchase", "view"],
                  "exclude_days": 30}, [0, 2, 3]),
                ({"exclude_kinds": ["rating"], "exclude_days": 99}, []),
                ({"exclude_kinds": ["rating"], "exclude_days": 100}, [5]),
                # by the time that is asked about
                ({"exclude_days": 5,
                  "filter": {"available_at": self.now + 7 * DAY}}, []),
                ({"exclude_days": 2,
                  "filter": {"available_at": self.now - 40 * DAY}},
                 [0, 1, 2, 3, 4])):
            with self.subTest(more=more):
                self.assertEqual(self.left_out(**more), want)

    def test_by_kind_and_day(self):
        self.shop()
        self.check_shop()

    def test_after_a_restart(self):
        """From the log alone, and from a snapshot and the log behind it."""
        self.shop()
        want = self.c.settled()["model_hash"]
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            self.ended(self.d, number)
            self.d = self.begin()
            self.c = self.connect(self.d)
            self.assertEqual(self.c.settled()["model_hash"], want)
            self.check_shop()
        self.did("view", 3, 0)
        self.assertEqual(self.left_out(exclude_kinds=["view"]), [0, 1, 2, 3])
        want = self.c.settled()["model_hash"]
        self.ended(self.d, signal.SIGKILL)
        self.d = self.begin()
        self.c = self.connect(self.d)
        self.assertEqual(self.c.settled()["model_hash"], want)
        self.assertEqual(self.left_out(exclude_kinds=["view"]), [0, 1, 2, 3])

    def test_taken_back(self):
        """All that was done with the item goes, here and after a restart."""
        self.shop()
        for again in (False, True):
            r = self.c.ask("DELETE", f"/v1/users/ann/ratings/{ITEMS[2]}")
            if again:
                self.assert_error(r, 404, "unknown_rating")
            else:
                self.assertEqual(self.assert_ok(r)["events"], 2)
            self.assertEqual(self.left_out(), [0, 1, 3, 4, 5])
            self.assertEqual(self.left_out(exclude_kinds=["view"]), [0, 1])
            self.assertEqual(self.left_out(exclude_kinds=["purchase"]), [3])
            self.ended(self.d, signal.SIGTERM)
            self.d = self.begin()
            self.c = self.connect(self.d)
        self.did("view", 2, 20)
        self.assertEqual(self.left_out(exclude_kinds=["view"]), [0, 1, 2])
        self.assertEqual(self.left_out(exclude_days=19), [0, 3, 4])
        self.assertEqual(self.left_out(exclude_days=20), [0, 2, 3, 4])

    def test_erased(self):
        self.shop()
        self.assert_ok(self.c.ask("DELETE", "/v1/users/ann"))
        self.did("view", 7, 0)
        self.assertEqual(self.left_out(), [7])
        self.assertEqual(self.left_out(exclude_kinds=["purchase"]), [])

    def test_users_of_one_request(self):
        self.did("view", 0, 0, "ann")
        self.did("purchase", 1, 0, "ben")
        self.did("purchase", 2, 9, "ben")
        lists = self.assert_ok(self.c.post("/v1/recommend", {
            "users": ["ann", "ben", "cleo"], "n": 100, "exclude_days": 7,
            "exclude_kinds": ["purchase"]}))["lists"]
        for answer, out in zip(lists, ([], [1], [])):
            got = {i["item_id"] for i in answer["items"]}
            self.assertEqual([k for k, i in enumerate(ITEMS) if i not in got],
                             out, answer["user_id"])

    def test_history_stays_out(self):
        self.did("view", 0, 9)
        for more, want in (({"exclude_days": 3}, [1]),
                           ({"exclude_kinds": ["purchase"]}, [1]),
                           ({"exclude_days": 30}, [0, 1]),
                           ({"exclude_seen": False}, [])):
            items = self.assert_ok(self.c.post("/v1/recommend", {
                "user_id": "ann", "history": [ITEMS[1]], "n": 100,
                **more}))["items"]
            got = {i["item_id"] for i in items}
            self.assertEqual([k for k, i in enumerate(ITEMS) if i not in got],
                             want, more)

    def test_mistakes(self):
        for more, code, why in (
                ({"exclude_kinds": ["view", "vew"]}, "unknown_event_type",
                 'exclude_kinds "vew" is not "rating" or one of events.types: '
                 "view, click, cart, purchase"),
                ({"exclude_kinds": ["impression"]}, "invalid_value",
                 "weight 0"),
                ({"exclude_kinds": "view"}, "invalid_type", "an array"),
                ({"exclude_days": 0}, "invalid_value", "1..65535"),
                ({"exclude_days": 3, "exclude_seen": False}, "invalid_value",
                 "does not go with exclude_seen false")):
            with self.subTest(more=more):
                r = self.c.post("/v1/recommend", {"user_id": "ann", **more})
                kinds = more.get("exclude_kinds")
                index = len(kinds) - 1 if isinstance(kinds, list) else None
                self.assert_error(r, 400, code, index, why)
        base = "/v1/users/ann/recommendations?"
        for query, code in (("exclude_kinds=vew", "unknown_event_type"),
                            ("exclude_kinds=view,", "unknown_event_type"),
                            ("exclude_days=x", "invalid_value"),
                            ("exclude_seen=false&exclude_days=1",
                             "invalid_value")):
            with self.subTest(query=query):
                self.assert_error(self.c.get(base + query), 400, code)
        r = self.c.get("/v1/users/ann/similar?exclude_days=1")
        self.assert_error(r, 400, "bad_query")

    def test_every_short_form(self):
        self.shop()
        for path in ("/v1/popular", "/v1/latest", f"/v1/items/{ITEMS[7]}/similar"):
            items = self.assert_ok(self.c.get(
                f"{path}?n=100&user_id=ann&exclude_kinds=purchase"
                "&exclude_kinds=rating&exclude_days=50"))["items"]
            got = {i["item_id"] for i in items}
            left = [k for k, i in enumerate(ITEMS) if i not in got]
            self.assertEqual([k for k in left if k != 7], [2, 3], path)


if __name__ == "__main__":
    main()
