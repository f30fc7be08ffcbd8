"""Database schema: tables, migrations, grants and the passwords of its roles."""
