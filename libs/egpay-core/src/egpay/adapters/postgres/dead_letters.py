"""Dead letter table: stores what our rules could not handle, with its reason, until it is replayed."""

from collections.abc import Sequence

import msgspec

from egpay.adapters.postgres.connection.error_mapping import mapped_errors, sanitize_text
from egpay.adapters.postgres.connection.pool import ACQUIRE_TIMEOUT, Pool
from egpay.ports.dead_letters import DeadLetter


def park(first: int) -> str:
    """The SQL that dead-letters messages from the arrays of `columns`, `$first ...`.

    If one is there already, the attempts add up."""
    ids, subjects, payloads, reasons, traces, attempts, places = (f"${n}" for n in range(first, first + 7))
    return f"""
        INSERT INTO dead_letters (message_id, subject, payload, reason, trace, attempts, failed_in)
        SELECT letter.* FROM unnest(
            {ids}::text[], {subjects}::text[], {payloads}::bytea[],
            {reasons}::text[], {traces}::text[], {attempts}::int[], {places}::text[]
        ) AS letter (message_id)
        ORDER BY message_id
        ON CONFLICT (message_id) WHERE resolved_at IS NULL DO UPDATE SET
            reason = excluded.reason, trace = excluded.trace, failed_in = excluded.failed_in,
            attempts = dead_letters.attempts + excluded.attempts, updated_at = now()
    """  # noqa: S608 - only numbers of parameters are put in


def columns(
    letters: Sequence[DeadLetter],
) -> tuple[list[str], list[str], list[bytes], list[str], list[str], list[int], list[str]]:
    """The arrays for `park`, each message once."""
    once = {letter.message_id: letter for letter in letters}.values()
    return (
        [sanitize_text(letter.message_id) for letter in once],
        [sanitize_text(letter.subject) for letter in once],
        [letter.payload for letter in once],
        [sanitize_text(letter.reason) for letter in once],
        [letter.trace.replace("\x00", "\ufffd") for letter in once],
        [letter.attempts for letter in once],
        [letter.failed_in for letter in once],
    )


class PostgresDeadLetters(msgspec.Struct, frozen=True):
    """Port `DeadLetters`: stores dead letters of consumers that handle messages one by one."""

    pool: Pool

    async def add_many(self, letters: Sequence[DeadLetter]) -> None:
        """Dead-letter messages, all or none."""
        with mapped_errors():
            async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT) as connection:
                await connection.execute(park(1), *columns(letters))
