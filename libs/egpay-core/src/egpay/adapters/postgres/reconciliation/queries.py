"""Reconciliation SQL: cursors, findings, and what inbox and books hold already."""

CURSOR = "SELECT since, succeeded_at FROM reconcile_cursors WHERE sweep = $1"

MOVE = """
    INSERT INTO reconcile_cursors (sweep, since, succeeded_at) VALUES ($1, $2, $3)
    ON CONFLICT (sweep) DO UPDATE SET
        since = excluded.since, succeeded_at = excluded.succeeded_at, updated_at = now()
"""

KNOWN = """
    SELECT event_id, disposition, EXISTS (
        SELECT FROM dead_letters
        WHERE message_id = event_id AND resolved_at IS NULL AND failed_in = 'inbox'
    ) AS aside
    FROM webhook_events WHERE source IN ('stripe', 'reconcile') AND event_id = ANY($1::text[])
"""

# A sale is looked up when its age passes one of these marks; so thousands of abandoned carts cost a request each
# now and then, and a Checkout whose end was never reported is found within minutes.
OPEN_SALES = """
    SELECT id, checkout_session_id FROM sales
    WHERE status IN ('in_progress', 'awaiting_payment') AND checkout_session_id IS NOT NULL
      AND created_at + interval '5 minutes' <= $2
      AND ($1::timestamptz IS NULL OR EXISTS (
          SELECT FROM unnest(ARRAY[
              '5 minutes', '1 hour', '6 hours', '25 hours', '3 days', '7 days', '14 days', '30 days', '60 days'
          ]::interval[]) AS mark
          WHERE created_at + mark > $1 AND created_at + mark <= $2
      ))
    ORDER BY created_at
"""

REPORTS = """
    SELECT id, status, quantity, customer_id, current_period_end, cancel_at, collection_paused, price_id
    FROM subscriptions WHERE id = ANY($1::text[]) AND NOT contested
"""

PAID = """
    SELECT name FROM unnest($1::text[]) AS name WHERE EXISTS (
        SELECT FROM payments WHERE (id = name OR invoice_id = name) AND paid_at IS NOT NULL
    )
"""

# $1: the provider's ids of refunds, disputes, warnings, reviews and credit notes; $2: their payments; $3: the invoices
# of credit notes.
STATES = """
    SELECT id, status AS state FROM disputes WHERE id = ANY($1::text[])
    UNION ALL
    SELECT id, CASE WHEN closed_at IS NULL THEN 'open' ELSE 'closed' END FROM reviews WHERE id = ANY($1::text[])
    UNION ALL
    SELECT told.key, told.value ->> 'status' FROM payments, jsonb_each(refunds -> 'known') AS told
    WHERE payment_intent_id = ANY($2::text[])
    UNION ALL
    SELECT told.key, told.value ->> 'actionable' FROM payments, jsonb_each(warnings) AS told
    WHERE payment_intent_id = ANY($2::text[])
    UNION ALL
    SELECT told.key, CASE WHEN (told.value ->> 'voided')::boolean THEN 'voided' ELSE 'issued' END
    FROM payments, jsonb_each(credit_notes) AS told WHERE invoice_id = ANY($3::text[])
"""

# A message pending for longer than a day does not arrive by itself any more (`egpay doctor` reports it).
AWAITED = """
    SELECT DISTINCT event.sale_id FROM webhook_events AS event JOIN outbox ON outbox.message_id = event.event_id
    WHERE event.sale_id = ANY($1::text[]) AND event.source = 'stripe' AND outbox.created_at > now() - interval '1 day'
      AND NOT EXISTS (SELECT FROM processed_messages WHERE message_id = event.event_id)
"""

KEEP = """
    INSERT INTO reconcile_findings (kind, event_id, type, what, occurred_at, sale_id)
    SELECT kind, event_id, type, what, occurred_at, sale_id
    FROM json_populate_recordset(NULL::reconcile_findings, $1::json)
    ON CONFLICT (event_id) DO NOTHING
"""

CAME_LATE = """
    UPDATE reconcile_findings AS finding SET late_at = coalesce(event.redelivered_at, now())
    FROM webhook_events AS event
    WHERE finding.kind = 'missed' AND finding.late_at IS NULL
      AND event.source = 'stripe' AND event.event_id = finding.event_id AND event.deliveries > 1
    RETURNING finding.event_id, finding.type, finding.occurred_at, finding.sale_id
"""

SILENCE = """
    SELECT count(*) AS missed, max(finding.found_at) AS found_at
    FROM reconcile_findings AS finding
    JOIN webhook_events AS event ON event.source = 'stripe' AND event.event_id = finding.event_id
    WHERE finding.kind = 'missed' AND finding.found_at >= $1 AND event.deliveries = 1
"""
