"""Cross-origin requests: which origins of storefronts may call from a browser, and read what (fetch.spec.whatwg.org)."""

from litestar.config.cors import CORSConfig


def cors(origins: tuple[str, ...]) -> CORSConfig | None:
    """Let storefronts on other origins call from a browser; none unless they are named."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["content-type", "idempotency-key"],
        expose_headers=["location", "retry-after"],
    )
