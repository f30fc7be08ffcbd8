"""OpenAPI examples: the ids that stand in several of them; a caller puts its own in their place."""

SALE_ID = "sale_0k2m4p6r8t0v2x4z6b8d0f2h4j"
ORGANISATION_ID = "org_3f9a0c2b7d1e48a6b5c4d3e2"
TOKEN = "k3uVgBq0M6yY0p1cT5bXqk2eW9sZ7rD4aJfLhNnQoUw"  # noqa: S105 - opens nothing
