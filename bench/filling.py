"""Ten million events that came before: accepting must cost what it cost on the first day."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench import candidate, contenders
from bench.contenders import Contender
from bench.findings import Findings, Plan, say
from bench.laps import lap
from bench.setting import Setting

ROWS = 10_000_000
FILL = f"""
    ALTER TABLE webhook_events DROP CONSTRAINT pk_webhook_events;;
    INSERT INTO webhook_events (source, event_id, type, occurred_at, received_at, disposition, body)
    SELECT 'stripe', 'evt_1S' || lpad(n::text, 8, '0') || substr(md5(n::text), 1, 14), 'customer.created', now(),
           now() - interval '60 days' * (1 - n / {ROWS}.0) - interval '2 hours', 'accepted', 'small'
    FROM generate_series(1, {ROWS}) AS n;;
    ALTER TABLE webhook_events ADD CONSTRAINT pk_webhook_events PRIMARY KEY (source, event_id);;
    ALTER TABLE outbox DROP CONSTRAINT uq_outbox_message_id;;
    INSERT INTO outbox (message_id, subject, payload, created_at, published_at)
    SELECT 'evt_1S' || lpad(n::text, 8, '0') || substr(md5(n::text), 1, 14), 'billing.events.filled', 'small', now(), now()
    FROM generate_series(1, {ROWS}) AS n;;
    ALTER TABLE outbox ADD CONSTRAINT uq_outbox_message_id UNIQUE (message_id);;
    VACUUM ANALYZE webhook_events;;
    VACUUM ANALYZE outbox
"""
_RECENT = "received_at > now() - interval '1 hour'"


@contextmanager
def _filled(setting: Setting) -> Iterator[Contender]:
    """checkout-api, its relay off, on tables that hold ten million events."""
    url = candidate.egpay_database(setting, "egpay_filled")
    say("  filling (some minutes)")
    setting.run_script("egpay_filled", FILL)
    env = candidate.egpay_environment(setting, url)
    with contenders.module(setting, "egpay-filled", "accept_only", env, probe="/livez") as (child, port):
        yield Contender(
            "egpay, filled",
            "egpay_filled",
            port,
            {"accept": child.pid},
            f"SELECT count(*) FROM webhook_events WHERE {_RECENT}",
            f"DELETE FROM webhook_events WHERE {_RECENT};;DELETE FROM outbox WHERE id > {ROWS};;VACUUM webhook_events;;VACUUM outbox",
        )


def filling(setting: Setting, plan: Plan, found: Findings) -> None:
    """The same load on empty and on filled tables, in turns."""
    say("accepting beside ten million stored events")
    with candidate.egpay(setting, "egpay_empty") as empty, _filled(setting) as filled:
        for turn in range(plan.turns + 1):
            for who, load in ((empty, "none"), (filled, "10 million")):
                told = lap(setting, who, row=filled.name, turn=turn, seconds=plan.seconds, connections=32)
                told.load = load
                if turn:  # the first one warms the caches
                    found.add(told)
