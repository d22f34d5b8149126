"""pretrained.py -- what tests of pretrained models share: a model, and commands on
files of it."""
import json
import os

import daemon
import tensors
from durable import DurableTest

USAGE, DATA = 64, 65
K = 16
SMALL = ("--model.rating_dim=8", "--model.ranking_dim=8")


class Model:
    """A model of ratings, as another program would have it."""

    def __init__(self, random, users=7, items=9, k=K, size=0.5):
        def some(n):
            return [random.uniform(-size, size) for _ in range(n)]
        self.users, self.items, self.k = users, items, k
        self.p, self.q = some(users * k), some(items * k)
        self.bu, self.bi, self.mean = some(users), some(items), 3.25

    def rating(self, u, i, dtype="F32"):
        def r(v):
            return tensors.rounded(dtype, v)
        return self.mean + r(self.bu[u]) + r(self.bi[i]) + sum(
            r(self.p[u * self.k + d]) * r(self.q[i * self.k + d])
            for d in range(self.k))

    def tensors(self, dtype="F32"):
        return {"p": (dtype, [self.users, self.k], self.p),
                "q": (dtype, [self.items, self.k], self.q),
                "bu": (dtype, [self.users, 1], self.bu),
                "bi": (dtype, [self.items], self.bi)}

    def map(self, **more):
        return {"rating": {"users": "p", "items": "q", "user_bias": "bu",
                           "item_bias": "bi", "mean": self.mean},
                "user_ids": {"first": 0}, "item_ids": {"first": 100}, **more}


def clip(v, low=1.0, high=5.0):
    return min(max(v, low), high)


class Files(DurableTest):
    """Tests that run commands on files of their own."""

    LIMIT = 40

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        if not isinstance(content, (bytes, str)):
            content = json.dumps(content)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes)
                    else content.encode())
        return path

    def run_command(self, status, name, d, *args):
        done = daemon.command(
            name, *args, f"--to=http://{d.address[0]}:{d.address[1]}")
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def bring(self, d, content, how, *more, status=0):
        return self.run_command(
            status, "import", d, self.write("m.safetensors", content),
            "--map=" + self.write("map.json", how), *more)

    def assert_predicts(self, d, model, user_id=str, item_id=None,
                        rating=None):
        item_id = item_id or (lambda i: str(100 + i))
        rating = rating or model.rating
        with d.connect() as c:
            for u in range(model.users):
                for i in range(model.items):
                    got = c.predict(user_id(u), item_id(i))["rating"]
                    self.assertAlmostEqual(got, clip(rating(u, i)), delta=1e-5,
                                           msg=f"{u} {i}")
