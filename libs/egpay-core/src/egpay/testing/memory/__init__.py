"""In-memory storage: every storage port over one MemoryStore, with the promises of PostgreSQL.

Made for tests that run a service or ten thousand interleavings; proven by the same contract tests as the
adapters.

    store = MemoryStore()
    begin = memory_unit_of_work(store)
    books = MemoryBooks(store)
"""

from egpay.testing.memory.books import MemoryBooks
from egpay.testing.memory.inbox import MemoryDeadLetters, MemoryInbox
from egpay.testing.memory.outbox import MemoryOutbox
from egpay.testing.memory.providers import MemoryProviderStatus
from egpay.testing.memory.published import MemoryPublishedMessages
from egpay.testing.memory.single_flight import MemorySingleFlight
from egpay.testing.memory.store import MemoryStore, Tables
from egpay.testing.memory.unit_of_work import memory_unit_of_work

__all__ = [
    "MemoryBooks",
    "MemoryDeadLetters",
    "MemoryInbox",
    "MemoryOutbox",
    "MemoryProviderStatus",
    "MemoryPublishedMessages",
    "MemorySingleFlight",
    "MemoryStore",
    "Tables",
    "memory_unit_of_work",
]
