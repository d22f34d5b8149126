"""tensors.py -- safetensors files by another hand: struct and json alone, and
as crooked as a test wants them."""
import json
import struct

SIZES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1}
CODES = {"F64": "d", "F32": "f", "F16": "e", "I64": "q", "I32": "i", "U8": "B"}


def pack(dtype, values):
    if dtype == "BF16":  # the upper half of a binary32, cut
        return b"".join(struct.pack("<f", v)[2:] for v in values)
    return struct.pack(f"<{len(values)}{CODES[dtype]}", *values)


def rounded(dtype, value):
    """What a reader has of it."""
    if dtype == "BF16":
        return struct.unpack("<f", b"\0\0" + struct.pack("<f", value)[2:])[0]
    return struct.unpack("<" + CODES[dtype],
                         struct.pack("<" + CODES[dtype], value))[0]


def header(tensors, notes=None):
    """tensors: {name: (dtype, shape, values)}.  The JSON, as a dict, and the
    data."""
    head, data = {}, b""
    if notes:
        head["__metadata__"] = notes
    for name, (dtype, shape, values) in tensors.items():
        raw = pack(dtype, values)
        head[name] = {"dtype": dtype, "shape": shape,
                      "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    return head, data


def assemble(text, data, length=None):
    """text: the header as bytes; length: what the file says it is."""
    n = len(text) if length is None else length
    return struct.pack("<Q", n) + text + data


def build(tensors, notes=None):
    head, data = header(tensors, notes)
    return assemble(json.dumps(head).encode(), data)


def read(path):
    """{name: values} of a file of types that CODES has."""
    with open(path, "rb") as f:
        raw = f.read()
    n = struct.unpack("<Q", raw[:8])[0]
    out = {}
    for name, t in json.loads(raw[8:8 + n]).items():
        if name != "__metadata__":
            begin, end = t["data_offsets"]
            count = (end - begin) // SIZES[t["dtype"]]
            out[name] = struct.unpack(f"<{count}{CODES[t['dtype']]}",
                                      raw[8 + n + begin:8 + n + end])
    return out
