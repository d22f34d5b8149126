"""distill.py FILE -- what a pretrained model, and a teacher, bring to a daemon
that starts without a history.

    python3 tests/bench/distill.py ml-100k/u.data

The first half of FILE (user, item, rating, seconds, with tabs), in order of time,
trains a teacher: K = 64, 40 epochs.  Daemons with K = 16 are then asked and told
the second half, rating by rating: one that knows nothing, one that has learned
the first half too, one into which the teacher's snapshot was imported, and some
that it has taught so many pairs.  For each: RMSE over all, and of those whose
item, or user, had less than 5 ratings in the second half by then.
"""
import collections
import glob
import http.client
import json
import math
import os
import subprocess
import sys
import tempfile
import time

FRESHET = os.environ.get("FRESHET_BIN", "./freshet")
FEW = 5
PAIRS = (20000, 100000, 400000)


class Daemon:
    def __init__(self, folder, *options):
        self.log = os.path.join(folder, "log")
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [FRESHET, "serve", "--server.listen=127.0.0.1:0", *options],
                stderr=log)
        while "ready" not in self.says():
            time.sleep(0.02)
        port = self.says().split("addr=127.0.0.1:")[1].split()[0]
        self.url = f"http://127.0.0.1:{port}"
        self.http = http.client.HTTPConnection("127.0.0.1", int(port))

    def says(self):
        with open(self.log, encoding="utf-8") as f:
            return f.read()

    def post(self, path, body=None):
        self.http.request("POST", path, json.dumps(body) if body else None,
                          {"Content-Type": "application/json"} if body else {})
        return json.loads(self.http.getresponse().read())

    def run(self, *words):
        subprocess.run([FRESHET, *words, f"--to={self.url}"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def end(self):
        self.process.terminate()
        self.process.wait()


def read(path):
    with open(path, encoding="utf-8") as f:
        rows = [line.split("\t")[:4] for line in f]
    rows = [(u, i, float(r), int(t)) for u, i, r, t in rows]
    return sorted(rows, key=lambda row: row[3])


def measure(daemon, rows):
    users, items = collections.Counter(), collections.Counter()
    sums = collections.defaultdict(lambda: [0, 0.0])
    for u, i, rating, t in rows:
        pair = {"user_id": u, "item_id": i, "timestamp": t}
        error = daemon.post("/v1/predict", pair)["rating"] - rating
        for name, counts in (("all", True), ("item", items[i] < FEW),
                             ("user", users[u] < FEW)):
            if counts:
                sums[name][0] += 1
                sums[name][1] += error * error
        daemon.post("/v1/ratings?wait=applied", {**pair, "rating": rating})
        users[u] += 1
        items[i] += 1
    return [math.sqrt(s / n) for n, s in
            (sums[k] for k in ("all", "item", "user"))]


def main():
    rows = read(sys.argv[1])
    half = len(rows) // 2
    with tempfile.TemporaryDirectory() as folder:
        first = os.path.join(folder, "first")
        with open(first, "w", encoding="utf-8") as f:
            f.writelines(f"{u}\t{i}\t{r:g}\t{t}\n" for u, i, r, t in
                         rows[:half])
        data = os.path.join(folder, "teacher")
        d = Daemon(folder, "--model.rating_dim=64", f"--data.dir={data}")
        d.run("import", first, "--epochs=40")
        d.post("/v1/admin/snapshot")
        teacher = max(glob.glob(f"{data}/snapshot/*.safetensors"))
        d.end()
        starts = [("nothing", []), ("learned the first half",
                                    ["replay", first]),
                  ("imported the teacher", ["import", teacher])]
        starts += [(f"taught {n} pairs", ["distill", teacher, f"--pairs={n}"])
                   for n in PAIRS]
        print(f"{'':24} {'all':>6} {'item<5':>7} {'user<5':>7}")
        for name, words in starts:
            d = Daemon(folder)
            if words:
                d.run(*words)
            got = measure(d, rows[half:])
            print(f"{name:24} {got[0]:6.4f} {got[1]:7.4f} {got[2]:7.4f}",
                  flush=True)
            d.end()


if __name__ == "__main__":
    main()
