"""NATS JetStream adapter: the broker between the services, which loses nothing it has acknowledged.

connection  one that reconnects by itself         provision  stream and consumers, for `egpay migrate`
publisher   many messages or none, on the disk    source     batches for a worker, one message in 3 ms
"""

from egpay.adapters.nats.connection import Connection, connected
from egpay.adapters.nats.publisher import JetStreamPublisher
from egpay.adapters.nats.source import JetStreamSource

__all__ = ["Connection", "JetStreamPublisher", "JetStreamSource", "connected"]
