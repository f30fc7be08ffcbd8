"""Storefront placeholder: pages that a buyer returns to, until there is a storefront."""

from litestar import Response, get
from litestar.params import FromQuery

from egpay_sandbox.pages.page_rendering import render_page


@get("/success", sync_to_thread=False)
def success(sale: FromQuery[str] = "") -> Response[str]:
    """Page after paying; a real storefront asks the API here for the state of the sale."""
    text = (
        f"Thank you for your order {sale}. Your storefront stands here; it would now ask how the sale goes."
    )
    return render_page("ended.html", title="Thank you", text=text)


@get("/cancelled", sync_to_thread=False)
def cancelled(sale: FromQuery[str] = "") -> Response[str]:
    """Page after going back without paying."""
    text = f"Nothing was paid for order {sale}. Your storefront stands here; it would show the cart again."
    return render_page("ended.html", title="Not paid", text=text)


HANDLERS = [success, cancelled]
