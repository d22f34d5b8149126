"""proto/API.md is true: its examples are replayed, its tables compared.

An example is a fenced block of kind `console`: a line that begins with `$ curl`
(it may go on over several lines), and the answer.  They are sent in the order of
the page to one daemon; a comment

    <!-- daemon: [--section.name=value | NAME=VALUE ...] -->

starts a new one for those that follow.  With -i the answer begins with the
status line and the headers that matter; others may be there too.  JSON is
compared as JSON, names in their order.  <number> stands for any number,
["<numbers>"] for a list of them, "<text>"
for any string, a line `...` in a text for any lines.  A number with a fraction is
learned, so it moves with the defaults of learn.*: a third up or down is well.
"""
import json
import os
import re
import shlex

from client import ERRORS, ROOT, build
from harness import OwnDaemonTest, main

BASE = "http://127.0.0.1:8470"
EXAMPLE = re.compile(r"^<!-- daemon:(?P<daemon>[^>]*)-->$|"
                     r"^```console\n(?P<block>.*?)^```$", re.M | re.S)
ANY_NUMBER, ANY_TEXT = "<number>", "<text>"


def read(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as f:
        return f.read()


def split_command(block):
    """The words of the command that a block begins with, and the rest."""
    assert block.startswith("$ "), block
    end = 0
    while True:
        end = block.index("\n", end) + 1
        command = block[2:end]
        try:
            if not command.rstrip("\n").endswith("\\"):
                return (shlex.split(command.replace("\\\n", " ")),
                        block[end:])
        except ValueError:
            pass  # a quote is still open


def parse_curl(words):
    """What curl would send: method, target, body, headers; and -i."""
    assert words.pop(0) == "curl", words
    method, target, body, headers, head = None, None, None, [], False
    while words:
        word = words.pop(0)
        if word in ("-s", "-si"):
            head = word == "-si"
        elif word == "-X":
            method = words.pop(0)
        elif word == "-H":
            headers.append(words.pop(0))
        elif word in ("-d", "--data-binary"):
            body = words.pop(0).encode()
        else:
            assert target is None and word.startswith(BASE + "/"), word
            target = word[len(BASE):]
    return method or ("POST" if body else "GET"), target, body, headers, head


def same(want, got):
    if want == ANY_NUMBER:
        return isinstance(got, (int, float)) and not isinstance(got, bool)
    if want == ANY_TEXT:
        return isinstance(got, str) and got != ""
    if isinstance(want, dict) and isinstance(got, dict):
        return list(want) == list(got) and all(
            same(want[k], got[k]) for k in want)
    if want == ["<numbers>"]:
        return bool(got) and all(same(ANY_NUMBER, x) for x in got)
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(same, want, got))
    if isinstance(want, float) and isinstance(got, (int, float)):
        return abs(want - got) < 1 / 3
    if isinstance(want, int) and isinstance(got, float):
        return abs(want - got) < 1e-5  # a score that has decayed for a moment
    return want == got and isinstance(got, bool) == isinstance(want, bool)


def same_text(want, got):
    """Line by line; `...` skips to the line that follows it."""
    rows, skipping = iter(got.splitlines()), False
    for line in want.strip("\n").splitlines():
        if line == "...":
            skipping = True
        elif skipping:
            skipping = line not in rows  # takes rows up to that one
            if skipping:
                return False
        elif next(rows, None) != line:
            return False
    return skipping or next(rows, None) is None


class Examples(OwnDaemonTest):
    LIMIT = 30

    def start(self, words):
        env = dict(w.split("=", 1) for w in words if not w.startswith("--"))
        return self.serve(*[w for w in words if w.startswith("--")], env=env)

    def test_examples(self):
        d, count = self.start([]), 0
        for m in EXAMPLE.finditer(read("proto", "API.md")):
            if m["block"] is None:
                d = self.start(m["daemon"].split())
                continue
            with self.subTest(example=m["block"].split("\n")[0]):
                self.replay(d, m["block"])
            count += 1
        self.assertGreater(count, 20)

    def replay(self, d, block):
        words, want = split_command(block)
        method, target, body, headers, head = parse_curl(words)
        with d.connect() as c:
            c.send(build(method, target, body, headers, kind=None))
            r = c.read(method)
        if head:
            status, *lines = want.split("\n\n", 1)[0].split("\n")
            self.assertEqual(status, f"HTTP/1.1 {r.status} {r.reason}")
            for line in lines:
                name, value = line.split(": ", 1)
                self.assertEqual(r.header(name), value)
            want = want.split("\n\n", 1)[1]
        if r.header("Content-Type").startswith("text/"):
            self.assertTrue(same_text(want, r.body.decode()), r)
            return
        want = re.sub(r'(?<!")<number>', f'"{ANY_NUMBER}"', want)
        self.assertTrue(same(json.loads(want), r.json()),
                        f"the answer was {r.body.decode()}")


class Tables(OwnDaemonTest):
    """Nothing that a client can meet is missing from the page."""

    PAGE = read("proto", "API.md")

    def rows(self, heading):
        part = self.PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
        return [[cell.strip() for cell in line.strip("|").split("|")]
                for line in part.splitlines() if line.startswith("| `")]

    def test_errors(self):
        listed = {row[0].strip("`"): int(row[1])
                  for row in self.rows("Errors")}
        self.assertEqual(listed, ERRORS)

    def test_limits(self):
        found = re.findall(r"\((limits), (\w+), ([^,]+),",
                           read("config", "options.h"))
        self.assertGreater(len(found), 10)
        options = {f"{s}.{n}": float(v) for s, n, v in found}
        listed = {row[0].strip("`"): float(row[1])
                  for row in self.rows("Limits")}
        self.assertEqual(listed.pop("server.max_connections"), 10000)
        self.assertEqual(listed, options)

    def test_routes(self):
        routes = re.findall(r'HTTP_(\w+), +"(/[^"]+)"',
                            read("server", "http", "route.c"))
        self.assertGreater(len(routes), 5)
        for method, path in routes:
            self.assertIn(f"`{method} {path}`", self.PAGE)

    def test_stats(self):
        d = self.serve()
        with d.connect() as c:
            listed = re.findall(r"`(\w+)`", " ".join(
                row[0] for row in self.rows("Watch")))
            self.assertEqual(sorted(listed), sorted(c.stats()))


if __name__ == "__main__":
    main()
