"""What the machine allows: raw ASGI, a hand-made HMAC, a partial decode, and a group commit of two tables.

No routing, no metrics, no logs, no errors worth the name. With `NATS` it is the head of the prototype of the whole
pipeline: a relay, woken in process, takes the rows from the table and publishes each batch atomically.
"""

import asyncio
import hmac
import os
import time
import uuid
from collections import deque
from typing import Any

import asyncpg
import nats

from bench.apps.prototype_wire import envelope, told
from bench.apps.serving import arguments, serve

WRITE = """
    WITH incoming AS (
        SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[])
            AS row (event_id, type, created, payload, message)
    ), fresh AS (
        INSERT INTO inbox (event_id, type, created, payload) SELECT event_id, type, created, payload FROM incoming
        ON CONFLICT DO NOTHING RETURNING event_id
    )
    INSERT INTO outbox (event_id, subject, payload)
    SELECT event_id, 'proto.' || type, message FROM incoming JOIN fresh USING (event_id)
"""
TAKE = "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT 256 FOR UPDATE SKIP LOCKED) RETURNING *"


SECRET = os.environ["SECRET"].encode()  # noqa: TID251 - a program of its own
DATABASE = os.environ["DATABASE"]  # noqa: TID251
NATS = os.environ.get("NATS")  # noqa: TID251
OK = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]}
BAD = {**OK, "status": 400}
END = {"type": "http.response.body", "body": b""}


class Prototype:
    def __init__(self) -> None:
        self.queue: deque[Any] = deque()
        self.filled, self.written = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        header = next((value for name, value in scope["headers"] if name == b"stripe-signature"), b"")
        stamp, proof = header[2:12], header[16:80]
        if (
            not stamp
            or abs(time.time() - int(stamp)) > 300
            or not hmac.compare_digest(
                hmac.digest(SECRET, stamp + b"." + body, "sha256").hex().encode(), proof
            )
        ):
            await send(BAD)
            await send(END)
            return
        event = envelope(body)
        done = self.loop.create_future()
        self.queue.append((event.id, event.type, event.created, body, told(event, whole=bool(NATS)), done))
        self.filled.set()
        await done
        await send(OK)
        await send(END)

    async def live(self, receive: Any, send: Any) -> None:
        self.loop = asyncio.get_running_loop()
        await receive()
        self.pool = await asyncpg.create_pool(DATABASE, min_size=3, max_size=3)
        tasks = [asyncio.create_task(self.write()) for _ in range(2)]
        if NATS:
            self.nats = await nats.connect(NATS)
            tasks.append(asyncio.create_task(self.relay()))
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for task in tasks:
            task.cancel()
        self.pool.terminate()
        await send({"type": "lifespan.shutdown.complete"})

    async def write(self) -> None:
        queue = self.queue
        while True:
            if not queue:
                self.filled.clear()
                await self.filled.wait()
                continue
            batch = [queue.popleft() for _ in range(min(64, len(queue)))]
            columns = list(zip(*batch, strict=True))
            async with self.pool.acquire() as connection:
                await connection.execute(WRITE, *columns[:5])
            for done in columns[5]:
                done.done() or done.set_result(None)
            self.written.set()

    async def relay(self) -> None:
        while True:
            self.written.clear()
            while await self.publish():
                pass
            try:
                await asyncio.wait_for(self.written.wait(), 0.5)
            except TimeoutError:
                continue

    async def publish(self) -> int:
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL synchronous_commit = off")
            rows = await connection.fetch(TAKE)
            if rows:
                batch = uuid.uuid4().hex
                for place, row in enumerate(rows[:-1], 1):
                    headers = {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(place)}
                    await self.nats.publish(row["subject"], row["payload"], headers=headers)
                headers = {
                    "Nats-Batch-Id": batch,
                    "Nats-Batch-Sequence": str(len(rows)),
                    "Nats-Batch-Commit": "1",
                }
                answer = await self.nats.request(
                    rows[-1]["subject"], rows[-1]["payload"], headers=headers, timeout=5
                )
                if b'"error"' in answer.data:
                    raise RuntimeError(answer.data)
        return len(rows)


if __name__ == "__main__":
    serve(Prototype, *arguments())
