"""Route of the Stripe API: passes every request under /v1 to `ApiHandler`."""

from litestar import HttpMethod, Response, route

from egpay_sandbox.request_values import SandboxRequest, sandbox_of


@route(
    ["/v1", "/v1/{path:path}"],
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.DELETE],
    status_code=200,
)
async def stripe_api(request: SandboxRequest) -> Response[bytes]:
    """Handles a request to Stripe's API."""
    return await sandbox_of(request).api_handler(request)


HANDLERS = [stripe_api]
