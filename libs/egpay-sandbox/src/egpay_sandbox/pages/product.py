"""Product page: which organisation may enter, as the product knows it."""

from litestar import Response, get

from egpay_sandbox.pages.object_owners import OwnerIndex
from egpay_sandbox.pages.page_rendering import render_page
from egpay_sandbox.request_values import SandboxRequest, sandbox_of


@get("/product")
async def product(request: SandboxRequest) -> Response[str]:
    """Lists what the product was told, the newest first."""
    sandbox = sandbox_of(request)
    known = sorted(sandbox.product.objects, key=lambda one: one.at, reverse=True)
    return render_page("product.html", here="/product", known=known, owners=OwnerIndex(sandbox.account))


HANDLERS = [product]
