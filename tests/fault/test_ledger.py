"""The oracle itself: it sees each way in which a log can be wrong."""
from ledger import GONE, KEPT, OPEN, Loss
from rig import FaultTest, main


class Oracle(FaultTest):
    def setUp(self):
        super().setUp()
        # 1..3 acknowledged, 4 and 5 not, 6 refused
        self.events = self.make.many(6)
        self.ledger.send(self.events[:3])
        self.ledger.accept(self.events[:3], {"duplicates": 0, "seq": 3})
        self.ledger.send(self.events[3:], after=3)
        self.ledger.refuse(self.events[5:], "storage_full")
        self.log = [{"timestamp": 0, **e, "seq": k, "type": "rating"}
                    for k, e in enumerate(self.events, 1)]

    def counts(self, log, **more):
        found = self.ledger.check(log, **more)
        return found.kept, found.extra, found.absent

    def test_sound(self):
        self.assertEqual(self.counts(self.log[:3]), (3, 0, 2))
        self.assertEqual(self.counts(self.log[:4]), (3, 1, 1))
        self.assertEqual(self.counts(self.log[:5]), (3, 2, 0))

    def test_up_to_a_moment(self):
        self.assertEqual(self.counts(self.log[:2], upto=2), (2, 0, 3))
        self.assertEqual(self.counts([], since=0), (0, 0, 5))
        with self.assertRaises(Loss):
            self.counts(self.log[:2], upto=3)

    def test_each_violation(self):
        one, two, three, four = self.log[:4]
        strange = {**four, "event_id": "strange"}
        cases = {
            "was acknowledged": [one, two],
            "seq 3 after 1": [one, three],
            "twice": [one, two, three, {**two, "seq": 4}],
            "its receipt": [one, {**three, "seq": 2}, {**two, "seq": 3}],
            "was sent as": [one, {**two, "rating": 4.75}, three],
            "but was refused": [one, two, three, {**self.log[5], "seq": 4}],
            "never sent": [one, two, three, strange],
            "before it was sent": [{**four, "seq": 1}, {**one, "seq": 2}]}
        for text, log in cases.items():
            with self.subTest(text=text):
                with self.assertRaisesRegex(Loss, text):
                    self.ledger.check(log)

    def test_what_a_restart_decides(self):
        self.ledger.settle(self.log[:4])
        self.assertEqual([len(self.ledger.events(s))
                          for s in (KEPT, OPEN, GONE)], [4, 0, 1])
        with self.assertRaisesRegex(Loss, "was acknowledged"):
            self.ledger.check(self.log[:3])
        with self.assertRaisesRegex(Loss, "but was gone"):
            self.ledger.check(self.log[:5])
        self.ledger.reopen(self.events[4:5])
        self.ledger.check(self.log[:5])

    def test_uncertain_answers_promise_nothing(self):
        events = self.make.many(1)
        self.ledger.send(events)
        self.ledger.refuse(events, "unconfirmed")
        self.assertEqual(self.counts(self.log[:3]), (3, 0, 3))


if __name__ == "__main__":
    main()
