"""What an operator sees of a running egpay: log lines without secrets, numbers without personal data, traces across
both services.

    logs     one line per event, JSON or for people       redaction  what no line ever shows
    metrics  Prometheus, one registry per process         trace      W3C traceparent, from the webhook to the effect
    http     counts responses, takes the caller's trace   processes  several processes behind one /metrics
"""
