"""JSON as text: reading and writing, out of reach of user code."""

from json import JSONDecoder, JSONEncoder
from json.encoder import c_make_encoder, encode_basestring

scan = JSONDecoder().scan_once
quoted = encode_basestring  # returns a string as JSON


def decode(text):
    """Decodes like json.loads(), without the parts of it that user code could replace."""
    text = text.strip()
    try:
        value, end = scan(text, 0)
    except StopIteration:
        end = -1
    if end != len(text):
        raise ValueError("a text that is not JSON")
    return value


def refuse(value):
    raise TypeError("%s is not JSON serializable" % type(value).__name__)


def new_encoder(default):
    """Returns a C encoder of compact JSON: encoder(value, 0) returns pieces of text.

    It alone is a few times faster than json.dumps().
    """
    return c_make_encoder({}, default, encode_basestring, None, ":", ",", False, False, False)


def slow_encoder(default):
    """Returns a slower function from value to text, for interpreters without this C encoder."""
    return JSONEncoder(
        separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=default
    ).encode


def encode(value):
    """Returns compact JSON."""
    return "".join(new_encoder(refuse)(value, 0))


try:
    assert encode({"a": [1, None, "é"]}) == '{"a":[1,null,"é"]}'
except Exception:
    encode = slow_encoder(refuse)
