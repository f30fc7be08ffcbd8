"""The broker between the services: NATS JetStream, which forgets nothing that it has acknowledged.

connection  one connection that comes back by itself     provision  the stream and its consumers, for `egpay migrate`
publisher   many messages or none, on the disk           source     batches for a worker, one message in 3 ms
"""

from egpay.adapters.nats.connection import Connection, connected
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.nats.source import JetStreamSource

__all__ = ["Connection", "JetStreamPublisher", "JetStreamSource", "connected"]
