"""Role passwords: sets SCRAM verifiers, so that neither server nor log ever sees a password."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

import asyncpg

from egpay.domain.errors import Refusal

_ROUNDS = 4096


async def set_passwords(database_url: str, passwords: Mapping[str, str]) -> None:
    """Set the passwords of roles, by role; the login of the URL must be allowed to alter them.

    Raises Refusal for a password outside of printable ASCII: others mean something else after normalisation
    (RFC 4013).
    """
    statements = [
        ("SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text)", role, verifier(password))
        for role, password in passwords.items()
    ]
    connection = await asyncpg.connect(database_url)
    try:
        for statement, role, secret in statements:
            await connection.execute(await connection.fetchval(statement, role, secret))
    finally:
        await connection.close()


def verifier(password: str) -> str:
    """SCRAM verifier: what PostgreSQL stores in place of a password.

    `SCRAM-SHA-256$<rounds>:<salt>$<stored key>:<server key>`, by the formulas of RFC 5802 (section 3) and
    RFC 7677."""
    if not (password.isascii() and password.isprintable()):
        raise Refusal("a database password must be printable ASCII")
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return f"SCRAM-SHA-256${_ROUNDS}:{_text(salt)}${_text(stored_key)}:{_text(server_key)}"


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
