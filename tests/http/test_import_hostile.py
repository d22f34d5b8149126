"""Files of pretrained models that are not what they say, and maps of them."""
import json
import math

import tensors
from harness import main
from pretrained import DATA, USAGE, Files, Model


class Hostile(Files):
    def setUp(self):
        super().setUp()
        self.d = self.serve()
        self.model = Model(self.random, users=3, items=3)

    def refuses(self, content, says, how=None):
        how = self.model.map() if how is None else how
        done = self.bring(self.d, content, how, status=DATA)
        self.assertIn(says, done.stderr)
        self.assertLess(done.stderr.count("\n"), 3, done.stderr)
        with self.d.connect() as c:
            self.assertEqual(c.stats()["seq"], 0)

    def test_files(self):
        head, data = tensors.header(self.model.tensors())
        text = json.dumps(head).encode()
        whole = tensors.assemble(text, data)

        def changed(**more):
            h = json.loads(text)
            h["p"].update(more)
            return tensors.assemble(json.dumps(h).encode(), data)

        n = len(self.model.p) * 4
        for content, says in (
                (b"", "no safetensors file"),
                (b"1234567", "no safetensors file"),
                (whole[:8], "header would have"),
                (whole[:-1], "the data at"),
                (whole + b"x", "the data at"),
                (tensors.assemble(text, data, 2 ** 63), "header would have"),
                (tensors.assemble(text, data, 2 ** 64 - 1), "would have"),
                (tensors.assemble(text, data, len(text) - 1), "near end of file"),
                (tensors.assemble(b"[]", b""), "object"),
                (tensors.assemble(b"\xff" + text[1:], data), ""),
                (changed(shape=[2 ** 63 - 1, 2]), "2^64"),
                (changed(shape=[2 ** 63 - 1, 2 ** 63 - 1]), "2^64"),
                (changed(shape=[3, 17]), "its shape needs"),
                (changed(shape=[3, -16]), "whole numbers"),
                (changed(data_offsets=[4, n + 4]), "begins at"),
                (changed(data_offsets=[0, n - 4]), "offsets enclose"),
                (changed(data_offsets=[0, 2 ** 63 - 1]), "offsets enclose"),
                (changed(data_offsets=[0, 2 ** 63]), "too big integer"),
                (changed(data_offsets=[n, 0]), "ends before"),
                (changed(data_offsets=["0", n]), "whole numbers"),
                (changed(dtype="BOOL"), "not known here"),
                (tensors.assemble(text[:-1] + b"," + text[1:], data),
                 "duplicate"),
                (tensors.assemble(b"[" * 100000, b""), ""),
                (tensors.assemble(b'{"p":' * 1000, b""), "")):
            with self.subTest(says, n=len(content)):
                self.refuses(content, says)

    def test_numbers(self):
        for bad in (math.nan, math.inf, -math.inf):
            t = self.model.tensors()
            t["q"][2][5] = bad
            self.refuses(tensors.build(t), "not finite")
        t = Model(self.random, users=3, items=3).tensors("F64")
        t["q"][2][5] = 1e300
        self.refuses(tensors.build(t), "not finite as a binary32")

    def test_maps(self):
        m, t = self.model, self.model.tensors()
        t["odd"] = ("F32", [3, 5], [0.0] * 15)
        t["flat"] = ("F32", [48], [0.0] * 48)
        t["none"] = ("F32", [0, 16], [])
        t["ints"] = ("I64", [3, 16], [0] * 48)
        t["back"] = ("I64", [4], [0, 2, 1, 3])
        t["far"] = ("I64", [4], [0, 1, 2, 2 ** 62])
        t["late"] = ("I64", [4], [1, 1, 2, 3])
        t["short"] = ("I64", [4], [0, 1, 1, 2])
        t["gap"] = ("I64", [4], [0, 1, 1, 3])
        t["all"] = ("I64", [4], [0, 1, 2, 3])
        t["same"] = ("I64", [3], [4, 5, 4])
        t["abc"] = ("U8", [3], list(b"abc"))
        t["bad"] = ("U8", [3], list(b"a\0c"))
        t["abcd"] = ("U8", [4], list(b"abcd"))
        content = tensors.build(t)
        self.write("two.txt", "a\nb\n")
        self.write("four.txt", "a\nb\nc\nd\n")
        self.write("gap.txt", "a\n\nc\n")
        self.write("twice.txt", "a\nb\na\n")

        def head(**more):
            return {**m.map(), "rating": {**m.map()["rating"], **more}}

        def ids(how):
            return m.map(user_ids=how)

        for how, says in (
                ("", ""), ("{", "near end of file"), ([], "object"),
                (head(users="x"), 'no tensor "x"'),
                (head(users="odd"), "cannot be multiplied"),
                (head(users="flat"), "two dimensions"),
                (head(users="none"), "neither of them 0"),
                (head(users="ints"), "not F64, F32"),
                (head(user_bias="odd"), "15 numbers for 3 rows"),
                (head(mean="bu"), "one number"),
                (head(items={"tensor": "q", "transpose": True}),
                 "3 numbers for 16 rows"),
                (ids("nowhere.txt"), "user_ids"),
                (ids("two.txt"), "2 lines for 3 rows"),
                (ids("four.txt"), "4 lines for 3 rows"),
                (ids("gap.txt"), "row 1 is not"),
                (ids("twice.txt"), "rows 0 and 2 have the same id"),
                (ids({"tensor": "same"}), "the same id"),
                (ids({"tensor": "bi2"}), "no tensor"),
                (ids({"tensor": "bi"}), "not I64"),
                (ids({"offsets": "back", "bytes": "abc"}), "would lie at 2"),
                (ids({"offsets": "far", "bytes": "abc"}), "would lie at"),
                (ids({"offsets": "late", "bytes": "abc"}), "first offset"),
                (ids({"offsets": "short", "bytes": "abc"}), "the ids end at 2"),
                (ids({"offsets": "gap", "bytes": "abc"}), "row 1 is not"),
                (ids({"offsets": "all", "bytes": "bad"}), "row 1 is not"),
                (ids({"ends": "same", "bytes": "abc"}), "would lie at"),
                (ids({"offsets": "abcd", "bytes": "bad"}), "first offset"),
                (ids({"ends": "abc", "bytes": "bi"}), "not U8")):
            with self.subTest(says):
                self.refuses(content, says, how)

    def test_words(self):
        d, here = self.d, self.write("m.safetensors", b"")
        for args, says in ((("import",), "which FILE?"),
                           (("import", here, "--epochs=1001"), "epochs"),
                           (("import", here, "--epochs=1.5"), "whole"),
                           (("import", here, "--train={"), "--train"),
                           (("import", "r.csv", "--map=x"), "--map goes"),
                           (("distill",), "which FILE.safetensors?")):
            with self.subTest(args):
                done = self.run_command(USAGE, args[0], d, *args[1:])
                self.assertIn(says, done.stderr)
        plain = self.write("plain.safetensors",
                           tensors.build(self.model.tensors()))
        done = self.run_command(DATA, "import", d, plain)
        self.assertIn("--map", done.stderr)


if __name__ == "__main__":
    main()
