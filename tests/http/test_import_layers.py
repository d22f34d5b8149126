"""Dense layers of another program, as PyTorch and as Keras keep them, become
the neural head: the daemon then predicts what that program does."""
import os

import tensors
from harness import main
from pretrained import DATA, Files, K, Model, clip

HEAD = ("--model.hidden=16,8", "--learn.session_tau=0")


class Layered(Model):
    """Three layers on [p, q, p * q], of `units`, beside the products."""

    def __init__(self, random, units=(16, 8), **more):
        super().__init__(random, **more)
        sizes = [3 * self.k, *units, 1]
        self.layers = [([[random.uniform(-0.4, 0.4) for _ in range(n)]
                         for _ in range(m)],
                        [random.uniform(-0.3, 0.3) for _ in range(m)])
                       for n, m in zip(sizes, sizes[1:])]

    def forward(self, u, i):
        p, q = (v[row * self.k:(row + 1) * self.k]
                for v, row in ((self.p, u), (self.q, i)))
        x = [*p, *q, *(a * b for a, b in zip(p, q, strict=True))]
        for n, (weight, bias) in enumerate(self.layers, 1):
            x = [b + sum(a * v for a, v in zip(row, x, strict=True))
                 for row, b in zip(weight, bias, strict=True)]
            if n < len(self.layers):
                x = [max(v, 0) for v in x]
        return x[0]

    def rating(self, u, i, dtype="F32"):
        return super().rating(u, i, dtype) + self.forward(u, i)

    def file(self, keras=False):
        t = self.tensors()
        for n, (weight, bias) in enumerate(self.layers):
            rows = list(zip(*weight)) if keras else weight
            t[f"net.{n}.weight"] = ("F32", [len(rows), len(rows[0])],
                                    [v for row in rows for v in row])
            t[f"net.{n}.bias"] = ("F32", [len(bias)], bias)
        return tensors.build(t)

    def map(self, keras=False, **more):
        how = super().map(**more)
        how["rating"]["layers"] = [
            {"weight": {"tensor": f"net.{n}.weight", "transpose": True}
             if keras else f"net.{n}.weight", "bias": f"net.{n}.bias"}
            for n in range(len(self.layers))]
        return how


class Layers(Files):
    def test_pytorch(self):
        m, d = Layered(self.random), self.serve(*HEAD)
        self.bring(d, m.file(), m.map())
        self.assert_predicts(d, m)

    def test_keras(self):
        m, d = Layered(self.random), self.serve(*HEAD)
        self.bring(d, m.file(keras=True), m.map(keras=True))
        self.assert_predicts(d, m)

    def test_other_scales(self):
        """A daemon of ratings of 0..10; a model of 0..1."""
        m = Layered(self.random, size=0.3)
        d = self.serve(*HEAD, "--model.rating_min=0", "--model.rating_max=10")
        self.bring(d, m.file(), m.map())
        with d.connect() as c:
            for u, i in ((0, 0), (3, 5), (6, 8)):
                self.assertAlmostEqual(
                    c.predict(str(u), str(100 + i))["rating"],
                    clip(m.rating(u, i), 0, 10), delta=1e-4)
        m.mean, d = 0.4, self.serve(*HEAD)
        how = m.map()
        how["rating"]["range"] = [0, 1]
        self.bring(d, m.file(), how)
        self.assert_predicts(d, m, rating=lambda u, i: 1 + 4 * m.rating(u, i))

    def test_fewer_units_than_there_are(self):
        """20 and 5 units in a head of 24 and 8: the others say nothing."""
        m, d = Layered(self.random, units=(20, 5)), self.serve(
            "--model.hidden=24,8", "--learn.session_tau=0")
        self.bring(d, m.file(), m.map())
        self.assert_predicts(d, m)

    def test_own_snapshot_and_restart(self):
        m, d = Layered(self.random), self.begin(*HEAD)
        self.bring(d, m.file(), m.map())
        with d.connect() as c:
            said = self.assert_ok(c.post("/v1/admin/snapshot", None))
            before = c.settled()["model_hash"]
        other = self.serve(*HEAD)
        self.run_command(0, "import", other, os.path.join(
            self.data, "snapshot", said["file"]))
        self.assert_predicts(other, m)
        d.stop()
        d = self.begin(*HEAD)
        with d.connect() as c:
            self.assertEqual(c.settled()["model_hash"], before)
        self.assert_predicts(d, m)

    def test_refusals(self):
        m = Layered(self.random)
        for options, how, mentions in (
                ((), m.map(), "no layer 0"),
                (("--model.hidden=8,8",), m.map(), "no unit 8"),
                (("--model.hidden=16",), m.map(), "a model of 3 layers"),
                (("--model.hidden=16,8,8",), m.map(), "a model of 3 layers"),
                (("--model.hidden=16,8", "--model.rating_dim=8"), m.map(),
                 f"model.rating_dim={K}"),
                (HEAD, m.map(keras=True), "transpose")):
            with self.subTest(mentions):
                done = self.bring(self.serve(*options), m.file(), how,
                                  status=DATA)
                self.assertIn(mentions, done.stdout + done.stderr)

    def test_over_http(self):
        d = self.serve("--model.hidden=8", "--model.rating_dim=8")
        unit = {"layer": 1, "unit": 0, "bias": 0.5, "weights": [0.25] * 8}
        with d.connect() as c:
            self.assert_ok(c.post("/v1/admin/vectors?wait=applied", unit))
            for wrong, mentions in (({"layer": 2}, "no layer 2"),
                                    ({"unit": 1}, "no unit 1"),
                                    ({"weights": [1] * 9}, "9 weights"),
                                    ({"layers": 3}, "a model of 3 layers"),
                                    ({"layer": 0}, "model.rating_dim")):
                self.assert_error(
                    c.post("/v1/admin/vectors", {**unit, **wrong}), 400,
                    "invalid_vector", mentions=mentions)
            # nobody has a row: the head has nothing to say yet
            self.assertEqual(c.predict("u", "i")["rating"], 3)


if __name__ == "__main__":
    main()
