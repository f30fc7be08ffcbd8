"""What most people write: FastAPI, the stripe SDK, SQLAlchemy, one commit per event. Runs in a venv of its own."""

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import stripe
import uvicorn
from fastapi import FastAPI, Request, Response
from sqlalchemy import BigInteger, Column, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import create_async_engine

TABLES = "CREATE TABLE events (id text PRIMARY KEY, type text, created bigint, payload jsonb)"
SECRET = os.environ.get("SECRET", "")  # noqa: TID251 - a program of its own
engine = create_async_engine(
    os.environ.get("DATABASE", "postgresql://").replace("postgresql://", "postgresql+asyncpg://"),  # noqa: TID251
    pool_size=16,
    max_overflow=0,
)
events = Table(
    "events",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("type", Text),
    Column("created", BigInteger),
    Column("payload", JSONB),
)


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


@app.post("/webhooks/stripe")
async def webhook(request: Request) -> Response:
    body = await request.body()
    try:
        event = stripe.Webhook.construct_event(body, request.headers["stripe-signature"], SECRET)
    except (ValueError, stripe.SignatureVerificationError):
        return Response(status_code=400)
    row = {"id": event.id, "type": event.type, "created": event.created, "payload": json.loads(body)}
    async with engine.begin() as connection:
        await connection.execute(insert(events).values(row).on_conflict_do_nothing())
    return Response(status_code=200)


if __name__ == "__main__":
    uvicorn.run(
        "plain_fastapi:app",
        port=int(sys.argv[1]),
        workers=int(sys.argv[2]),
        log_level="error",
        access_log=False,
        app_dir=str(Path(__file__).parent),
    )
