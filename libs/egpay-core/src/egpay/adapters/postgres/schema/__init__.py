"""Schema of the database: tables, migrations, grants and the passwords of its roles."""
