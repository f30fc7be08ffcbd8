"""The programs under load, each of which runs in processes of its own."""
