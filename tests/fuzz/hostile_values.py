"""Hostile values: texts, numbers and headers that break parsers, columns, logs or templates somewhere."""

PLANTED = (
    "Zebedee Plantagenet",
    "zebedee.plantagenet@mail.example",
    "+353 86 555 0199",
    "Planted Quay 99",
    "4000056655665556",
    "sk_live_plantedplantedplanted",
    "whsec_cGxhbnRlZHBsYW50ZWRwbGFudGVk",
    "planted.bearer.token",
)
"""Personal data and credentials of the sender, which no log may hold."""

TEXTS = (
    *PLANTED,
    "",
    " ",
    "\x00",
    "a\x00b",
    "two\r\nlines",
    "x\r\nBcc: zebedee.plantagenet@mail.example",
    "=?utf-8?q?Zebedee_Plantagenet=0D=0ABcc=3A_x=40mail=2Eexample?=",
    "\ud800",
    "\udfff\ud800",
    "\U0010ffff",
    "\ufeff",
    "\u202etxt.exe",
    "e\u0301" * 50,
    "\u0130\u0131\u017f\u1e9e",
    "' OR 1=1 --",
    "'; DROP TABLE sales; --",
    "{{ 7 * 7 }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}",
    "${jndi:ldap://127.0.0.1:9/x}",
    "$(id)",
    "%s%n%d",
    "{0.__class__}",
    "../../../../etc/passwd",
    "..\\..\\windows",
    "<script>alert(1)</script>",
    "\x1b[31m\x1b]0;x\x07",
    "null",
    "NaN",
    "-1",
    "0x10",
    "1e309",
    "true",
    "x" * 300,
    "x" * 5_000,
    "\U0001f4a9" * 400,
)

NUMBERS = (
    *(b"-1", b"0", b"-0", b"1001", b"0.1", b"1.5", b"1e2", b"1e999", b"-1e999", b"1e-400", b"00", b"+1"),
    *(b"2147483648", b"9223372036854775808", b"18446744073709551616", b"253402300800", b"9" * 400),
    *(b"NaN", b"Infinity", b"-Infinity", b"0x10", b"1_000", b"true", b"null", b'"3"', b"[]", b"{}", b"1e"),
)
"""JSON tokens where a whole number belongs; some are no JSON."""

JUNK = (
    *(
        b"",
        b" ",
        b"\x00",
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"null",
        b"0",
        b'""',
        b"[]",
        b"{}",
        b"NaN",
        b"{",
        b'{"',
        b"-",
    ),
    *(
        b'{"a":1',
        b'{"a":1}}',
        b'{"a":1,}',
        b"{'a':1}",
        b'{"a":1}{"b":2}',
        b'"\\ud800"',
        b'"\\u12"',
        b'"\xc0\xaf"',
        b'"\xed\xa0\x80"',
    ),
    *(
        b"[" * 200,
        b"[" * 50_000,
        b'{"a":' * 20_000,
        b"[" * 20_000 + b"]" * 20_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
    ),
    *(b'{"id":' + b"9" * 20_000 + b"}", b'{"' + b"k" * 50_000 + b'":1}', b'{"a":1,' * 3_000, b"1" * 60_000),
    *(
        b"a=1&b=2",
        b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
        b"\x1f\x8b\x08\x00\x00\x00",
        b"--x\r\n",
    ),
)
"""Bodies that are no order and no webhook, whatever is around them."""

HEADERS = (
    *(b"host: ", b"host: a b", b"host: \xff", b"host: 127.0.0.1\r\nhost: elsewhere.example", b"host: [::1"),
    *(b"authorization: Bearer planted.bearer.token", b"authorization: Basic \xff\xfe", b"authorization: "),
    *(b"cookie: session=Zebedee Plantagenet; a=\xff", b"cookie: " + b"a=b; " * 1_500),
    *(b"x-forwarded-for: 1.2.3.4", b"x-forwarded-for: " + b"::1," * 400, b"x-forwarded-for: ' OR 1=1 --"),
    *(b"x-forwarded-proto: javascript", b'forwarded: for="[\xff]"', b"x-real-ip: \xe9"),
    *(
        b"traceparent: 00-" + b"f" * 32 + b"-" + b"0" * 16 + b"-01",
        b"traceparent: \xff",
        b"traceparent: " + b"0" * 4_000,
    ),
    *(
        b"traceparent: 00-zz-zz-zz",
        b"traceparent: 00-" + b"0" * 32 + b"-" + b"1" * 16 + b"-00\r\ntraceparent: x",
    ),
    *(b"tracestate: " + b"a=b," * 200, b"baggage: email=zebedee.plantagenet@mail.example"),
    *(
        b"accept: ",
        b"accept: \xff/\xff;q=9",
        b"accept: " + b"a/b," * 500,
        b"accept: application/xml",
        b"accept: */*;q=-1",
    ),
    *(b"accept-encoding: gzip;q=nan", b"accept-language: " + b"x-" * 300, b"accept-charset: utf-7"),
    *(b"content-encoding: gzip", b"content-encoding: br, \xff", b"content-language: \xff", b"content-md5: x"),
    *(
        b"origin: null",
        b"origin: https://evil.example",
        b"origin: \xff",
        b"origin: ${jndi:ldap://127.0.0.1:9/x}",
    ),
    *(b"access-control-request-method: \xff", b"access-control-request-headers: " + b"x," * 300),
    *(
        b"user-agent: ",
        b"user-agent: \xf0\x9f\x92\xa9",
        b"user-agent: " + b"U" * 8_000,
        b"referer: //Zebedee Plantagenet",
    ),
    *(
        b"idempotency-key: ",
        b"idempotency-key: \xff",
        b"idempotency-key: " + b"k" * 300,
        b"idempotency-key: a\r\nidempotency-key: b",
    ),
    *(b"idempotency-key: zebedee.plantagenet@mail.example", b"idempotency-key: planted-key"),
    *(
        b"range: bytes=0-18446744073709551616",
        b"if-none-match: *",
        b'if-match: "',
        b"if-modified-since: yesterday",
    ),
    *(b"expect: 100-continue", b"te: trailers", b"max-forwards: -1", b"via: 1.1 x", b"date: \xff", b"x: "),
    *(
        b"stripe-account: acct_planted",
        b"x-http-method-override: DELETE",
        b"x-original-url: /metrics",
        b"x-rewrite-url: /",
    ),
)
"""Well-framed header lines; a line may be two."""

TYPES = (
    *(
        b"application/json",
        b"application/json; charset=utf-16",
        b"Application/JSON;charset=\xff",
        b"application/jsonx",
    ),
    *(
        b"text/plain",
        b"application/x-www-form-urlencoded",
        b"multipart/form-data; boundary=",
        b"application/xml",
    ),
    *(b"", b"\xff", b"application/json, text/html", b"a" * 3_000, b"application/problem+json", b"*/*", b";"),
)
"""Content types; the first is taken by the route of orders, too."""
