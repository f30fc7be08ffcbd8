"""PUBLIC privileges: what PostgreSQL lets every login do, and none of ours needs, is revoked."""

LARGE_OBJECT_FUNCTIONS = r"""
    SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND (proname LIKE 'lo\_%' OR proname IN ('loread', 'lowrite'))
"""
"""SQL of the functions of large objects, with which a login could fill the disk beside every table and retention."""

# Revoked one by one, because only the owner of a thing can: of the functions that is a superuser, and a migration by
# a mere owner of the database still revokes the rest. What is left `egpay doctor` reports.
REVOKE_FROM_PUBLIC = f"""
    DO $revoke$
    DECLARE
        privilege TEXT;
    BEGIN
        FOR privilege IN
            SELECT format('EXECUTE ON FUNCTION %s', oid::regprocedure) FROM ({LARGE_OBJECT_FUNCTIONS}) AS large_object
            UNION ALL SELECT format('TEMPORARY ON DATABASE %I', current_database())
            UNION ALL SELECT 'CREATE ON SCHEMA public'
        LOOP
            BEGIN
                EXECUTE format('REVOKE %s FROM PUBLIC', privilege);
            EXCEPTION WHEN insufficient_privilege THEN NULL;
            END;
        END LOOP;
    END $revoke$
"""  # noqa: S608 - built from SQL of ours only
"""SQL that revokes them: large objects, temporary tables, and tables of one's own in our schema."""

EXCESS_PRIVILEGES = f"""
    SELECT role, 'TEMPORARY on the database' FROM unnest($1::text[]) AS role
    WHERE has_database_privilege(role, current_database(), 'TEMPORARY')
    UNION ALL SELECT role, 'CREATE on the database' FROM unnest($1::text[]) AS role
    WHERE has_database_privilege(role, current_database(), 'CREATE')
    UNION ALL SELECT role, 'CREATE on the schema' FROM unnest($1::text[]) AS role
    WHERE has_schema_privilege(role, 'public', 'CREATE')
    UNION ALL SELECT role, 'EXECUTE on the functions of large objects' FROM unnest($1::text[]) AS role
    WHERE EXISTS (
        SELECT FROM ({LARGE_OBJECT_FUNCTIONS}) AS large_object WHERE has_function_privilege(role, oid, 'EXECUTE')
    )
    UNION ALL SELECT rolname::text, 'the rights of another role' FROM pg_roles
    WHERE rolname = ANY($1) AND (
        rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
        OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid)
    )
"""  # noqa: S608 - likewise
"""SQL that finds what the roles of `$1` may do all the same, beside the tables."""
