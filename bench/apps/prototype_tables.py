"""What the prototypes write to."""

INBOX = """
    CREATE TABLE inbox (event_id text PRIMARY KEY, type text, created bigint, payload bytea,
                        received_at timestamptz DEFAULT now());
    CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text, subject text, payload bytea);
    DO $$ BEGIN
        ALTER TABLE inbox ALTER COLUMN payload SET COMPRESSION lz4;
    EXCEPTION WHEN feature_not_supported THEN
        ALTER TABLE inbox ALTER COLUMN payload SET STORAGE EXTERNAL;
    END $$;
"""
BOOKS = """
    CREATE TABLE processed (event_id text PRIMARY KEY, at timestamptz DEFAULT now());
    CREATE TABLE sale (id text PRIMARY KEY, session text, subscription text, status text);
    CREATE TABLE subscription (id text PRIMARY KEY, sale text, status text, reported_at bigint);
    CREATE TABLE organisation (id text PRIMARY KEY, name text);
    CREATE TABLE person (id text PRIMARY KEY, organisation text, email text UNIQUE);
    CREATE TABLE payment (id text PRIMARY KEY, sale text, amount bigint);
    CREATE TABLE command (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text UNIQUE, payload bytea);
    CREATE TABLE story (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id text, what text);
"""
NAMES = "processed, sale, subscription, organisation, person, payment, command, story"
