"""Epochs over what is remembered, and teachers."""
import signal

import daemon
import tensors
from harness import main
from pretrained import Files, Model, clip


class Training(Files):
    def rows(self, n=3000):
        """Tastes in two groups, which factors find."""
        out = []
        for k in range(n):
            u, i = self.random.randrange(60), self.random.randrange(40)
            out.append((u, i, 5 if u % 2 == i % 2 else 2, 1600000000 + 60 * k))
        return out

    def test_ratings_with_epochs(self):
        rows = self.rows()
        path = self.write("r.data", "".join(
            f"u{u}\ti{i}\t{r}\t{t}\n" for u, i, r, t in rows))
        d, hashes = self.begin(), set()
        done = self.run_command(0, "import", d, path, "--epochs=15")
        self.assertIn("3000 accepted", done.stdout)
        self.assertIn("15 epochs", done.stdout)
        for again in range(2):  # the next start trains once more
            with d.connect() as c:
                hashes.add(c.settled()["model_hash"])
                self.assertEqual(c.stats()["events"], 3000)
                for u, i, want in ((0, 0, 5), (1, 0, 2), (2, 3, 2), (5, 7, 5)):
                    got = c.post("/v1/predict", {
                        "user_id": f"u{u}", "item_id": f"i{i}",
                        "timestamp": 1}).json()["rating"]
                    self.assertLess(abs(got - want), 0.5)
            if not again:
                self.ended(d, signal.SIGKILL)
                d = self.begin()
        done = daemon.command("evaluate", path, "--epochs=15", "--hash",
                              "--rank-every=0")
        hashes.add(done.stdout.strip())
        self.assertEqual(len(hashes), 1, hashes)

    def test_nothing_to_train_on(self):
        with self.serve("--learn.replay=0").connect() as c:
            self.assert_error(c.post("/v1/admin/train", {"epochs": 2}), 400,
                              "invalid_training", mentions="learn.replay")
        with self.serve().connect() as c:  # no ratings yet: no harm
            r = c.post("/v1/admin/train?wait=applied", {})
            self.assertEqual(self.assert_ok(r)["model_seq"], 1)
            self.assertEqual(c.stats()["skipped"], 0)


class Teaching(Files):
    def test_distill(self):
        """The student comes to say what the teacher says, and nothing of it
        counts as a rating."""
        m = Model(self.random, users=12, items=10, k=40, size=0.3)
        d = self.begin()
        path = self.write("t.safetensors", tensors.build(m.tensors()))
        how = self.write("map.json", m.map())
        done = self.run_command(0, "distill", d, path, f"--map={how}",
                                "--pairs=20000")
        self.assertIn("20000 accepted", done.stdout)
        with d.connect() as c:
            stats = c.stats()
            self.assertEqual((stats["events"], stats["rmse"]), (0, None))
            worst = max(abs(c.predict(str(u), str(100 + i))["rating"] -
                            clip(m.rating(u, i)))
                        for u in range(12) for i in range(10))
            self.assertLess(worst, 0.3)
            person = self.assert_ok(c.get("/v1/users/0/export"))
            self.assertEqual((person["seen"], person["replay"],
                              person["model"]["ratings"]), ([], [], 0))
            self.assertEqual({e["type"] for e in person["events"]},
                             {"teacher"})
            gone = self.assert_ok(c.ask("DELETE", "/v1/users/0"))
            self.assertGreater(gone["events"], 1000)


if __name__ == "__main__":
    main()
