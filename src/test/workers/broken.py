#!/usr/bin/env python3
"""A worker that gives items back as they came, and breaks the worker protocol where one tells it to."""
import json
import os
import struct
import sys

SILENT = "silent" in sys.argv  # whether it ignores the control page
down, up = sys.stdin.buffer, 1
page = os.open(os.environ["MANYHANDS_CONTROL"], os.O_RDWR)


def set_word(at, to):
    if not SILENT:
        os.pwrite(page, struct.pack("q", to), 8 * at)


def wants_back(chunk):
    attention, stop, recall = struct.unpack("qqq", os.pread(page, 24, 8))
    return attention and (chunk <= stop or (recall and chunk >= recall))


def write(data):
    while data:
        data = data[os.write(up, data):]


def send(header, body=None):
    payload = json.dumps(header).encode() + (b"" if body is None else b"\n" + json.dumps(body).encode())
    write(struct.pack(">I", len(payload)) + payload)


def receive():
    length = down.read(4)
    if len(length) < 4:
        sys.exit(0)  # the service is gone or has no more work
    header, _, body = down.read(struct.unpack(">I", length)[0]).partition(b"\n")
    return json.loads(header), body


def outcomes(chunk, first, values, last):
    send({"op": "outcomes", "chunk": chunk, "first": first, "count": len(values), "last": last,
          "run": 0, "read": 0, "write": 0}, values)


def misbehave(do, chunk, index):
    if do == "corrupt":
        write(struct.pack(">I", 22) + b'{"op": "outcomes", \xff\xfe\x00')
    if do == "text":
        write(b"hello, world\n")
    if do == "huge":
        write(b"\x7f\xff\xff\xff{")
    if do == "wrong chunk":
        outcomes(chunk + 1000, index, [0], True)
    if do == "wrong item":
        outcomes(chunk, index + 7, [0], False)
    if do == "cut":
        write(struct.pack(">I", 100) + b'{"op": ')
        os.close(up)
    if do == "exit":
        os._exit(4)
    while True:  # until it is killed
        os.read(0, 1 << 16) or os._exit(5)


def run(chunk, first, items):
    values = []
    for item in items:
        index = first + len(values)
        if wants_back(chunk):
            break
        set_word(9, index)
        if item["do"] not in ("return", "twice"):
            if values:  # what is finished is told, so that it need not run again
                set_word(9, -1)
                outcomes(chunk, index - len(values), values, False)
                set_word(9, index)
            misbehave(item["do"], chunk, index)
        values.append(item["v"])
        if item["do"] == "twice":
            set_word(9, -1)
            last = index + 1 == first + len(items)
            outcomes(chunk, index + 1 - len(values), values, last)
            outcomes(chunk, index + 1 - len(values), values, last)
            os.read(0, 1) and misbehave("", chunk, index)
            os._exit(5)
    set_word(9, -1)
    whole = len(values) == len(items)
    if values:
        outcomes(chunk, first, values, whole)
    if not whole:
        send({"op": "returned", "chunk": chunk, "first": first + len(values)})


set_word(8, 0)
set_word(9, -1)
send({"op": "ready", "protocol": 1, "runtime": "broken on purpose"})
while True:
    header, body = receive()
    if header["op"] == "load":
        send({"op": "loaded"})
    if header["op"] == "chunk":
        set_word(8, header["chunk"])
        run(header["chunk"], header["first"], json.loads(body))
        set_word(8, 0)
