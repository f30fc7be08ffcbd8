"""Hostile framing: requests whose beginning, length or end is in doubt, each alone on its connection."""

from random import Random

_POST = b"POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\n"
_SMUGGLED = b"GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n"

_HEADS = (
    _SMUGGLED * 300,
    b"POST /webhooks/stripe HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n" * 99,
    *(
        b"",
        b"\r\n" * 50,
        b"\n",
        b"\x00",
        b"GET",
        b"GET / \r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET  /  HTTP/1.1\r\n\r\n",
    ),
    *(b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\n\n", b"get / http/1.1\r\n\r\n"),
    *(
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-x\r\n",
        b"EHLO x\r\n",
    ),
    *(
        b"GET http://elsewhere.example/livez HTTP/1.1\r\nhost: x\r\n\r\n",
        b"CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n",
    ),
    *(
        b"OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET * HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET //// HTTP/1.1\r\n\r\n",
    ),
    *(
        b"GET /\xff\xfe HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /a b HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET /\x00 HTTP/1.1\r\n\r\n",
    ),
    *(
        b"GET /#f HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET ?x HTTP/1.1\r\nhost: x\r\n\r\n",
        b"GET \\ HTTP/1.1\r\nhost: x\r\n\r\n",
    ),
    *(b"HEAD /docs HTTP/1.1\r\nhost: x\r\n\r\n", b"HEAD /webhooks/stripe HTTP/1.1\r\nhost: x\r\n\r\n"),
    *(
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\n: x\r\n\r\n",
        b"GET / HTTP/1.1\r\na : x\r\n\r\n",
    ),
    *(
        b"GET / HTTP/1.1\r\n\xc3\xa9: x\r\n\r\n",
        b"QUERY / HTTP/1.1\r\nhost: x\r\n\r\n",
        b"G\xffT / HTTP/1.1\r\n\r\n",
    ),
    *(
        b"GET / HTTP/1.1\r\na: x\r\n folded\r\n\r\n",
        b"GET / HTTP/1.1\r\na: \x00\r\n\r\n",
        b"GET / HTTP/1.1\r\na: x\rb: y\r\n\r\n",
    ),
    *(b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",),
    *(
        b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: upgrade, x\r\nupgrade: h2c\r\nhttp2-settings: x\r\n\r\n",
    ),
    *(
        b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5_000 + b"\r\n",
        b"GET / HTTP/1.1\r\na: " + b"x" * 70_000 + b"\r\n\r\n",
    ),
    *(b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", b"X" * 70_000, b"GET / HTTP/1.1\r\n" + b"a" * 70_000),
)

_LENGTHS = (
    *(
        b"content-length: -1",
        b"content-length: +5",
        b"content-length: 0x10",
        b"content-length: 1e1",
        b"content-length: ",
    ),
    *(
        b"content-length: 99999999999999999999",
        b"content-length: 18446744073709551615",
        b"content-length: 5, 5",
    ),
    *(
        b"content-length: 5\r\ncontent-length: 6",
        b"content-length: 5\r\ncontent-length: 5",
        b"content-length: \xb2",
    ),
    *(b"content-length : 5", b"content-length:\t5", b"content-length: 5\r\ntransfer-encoding: chunked"),
    *(
        b"transfer-encoding: chunked\r\ncontent-length: 5",
        b"transfer-encoding: identity",
        b"transfer-encoding: gzip",
    ),
    *(
        b"transfer-encoding: gzip, chunked",
        b"transfer-encoding: chunked, chunked",
        b"transfer-encoding: chunked, identity",
    ),
    *(
        b"transfer-encoding:\x0bchunked",
        b"transfer-encoding: xchunked",
        b"transfer-encoding: chunked\r\ntransfer-encoding: x",
    ),
    *(
        b"content-length: 3",
        b"content-length: 100000",
        b"content-length: 1048577",
        b"expect: 100-continue\r\ncontent-length: 9",
    ),
)

_CHUNKS = (
    *(
        b"0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhell",
        b"5\r\nhello0\r\n\r\n",
        b"-1\r\nx\r\n0\r\n\r\n",
        b"g\r\nx\r\n",
    ),
    *(
        b"ffffffffffffffff\r\nx",
        b"fffffffffffffffff\r\nx",
        b"7fffffffffffffff\r\nx",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"\r\n\r\n",
    ),
    *(
        b"5;" + b"a=b;" * 5_000 + b"\r\nhello\r\n0\r\n\r\n",
        b'5;x="\r\n"\r\nhello\r\n0\r\n\r\n',
        b"5\nhello\n0\n\n",
        b" 5\r\nhello\r\n",
    ),
    *(
        b"0\r\nstripe-signature: t=1,v1=x\r\ncontent-length: 5\r\n\r\n",
        b"0\r\n" + b"a: b\r\n" * 5_000 + b"\r\n",
        b"0\r\n\x00\r\n\r\n",
    ),
    *(
        b"1\r\nx\r\n" * 2_000 + b"0\r\n\r\n",
        b"00000000000000000000005\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\n\r\n" + _SMUGGLED,
    ),
)


def framing(rng: Random, genuine: bytes) -> bytes:
    """Draws one: a broken head, a length that lies, garbage in chunks, a request within a body, or noise."""
    pick = rng.random()
    if pick < 0.35:
        return rng.choice(_HEADS)
    if pick < 0.6:
        body = rng.choice((b"", b"hello", _SMUGGLED, genuine, b"0\r\n\r\n" + _SMUGGLED, b"\x00" * 10))
        return _POST + rng.choice(_LENGTHS) + b"\r\n\r\n" + body
    if pick < 0.85:
        return _POST + b"transfer-encoding: chunked\r\n\r\n" + rng.choice(_CHUNKS)
    if pick < 0.95:
        return rng.randbytes(rng.randrange(1, 600))
    whole = _POST + b"content-length: 5\r\n\r\nhello"
    return whole[: rng.randrange(len(whole))]


def oversize(rng: Random, path: str) -> bytes:
    """Builds a body beyond every limit: announced only, announced and sent, or in chunks without an end."""
    head = b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n" % path.encode()
    match rng.randrange(3):
        case 0:
            return head + b"content-length: %d\r\n\r\n{" % rng.choice((1_048_577, 10**9, 10**18))
        case 1:
            return head + b"content-length: 1200000\r\n\r\n" + b" " * 1_200_000
        case _:
            return (
                head + b"transfer-encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"[" * 65_536 + b"\r\n") * 18
            )
