"""Process runtime: background tasks, readiness, and the HTTP server that a service runs in."""
