"""Telemetry: logs without secrets, metrics without personal data, and traces across both services.

logs              one line per event, JSON or for people
redaction         what no line ever shows
metrics           Prometheus, one registry per process
buffered_metrics  counts in memory, writes ten times a second
gauges            samples the outbox, the consumers and the cases
multiprocess      several processes behind one /metrics
http              counts responses, takes the caller's trace
trace             W3C traceparent, from the webhook to the effect
"""
