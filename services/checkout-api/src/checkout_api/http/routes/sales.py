"""Sale route: reports a purchase to the page that its buyer returns to."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from checkout_api.usecases.sale_status import SaleState, SaleStatusOf


@get("/v1/sales/{sale_id:str}")
async def sale(sale_id: FromPath[str], sale_status: NamedDependency[SaleStatusOf]) -> Response[SaleState]:
    """Report the status of a sale; no cache may store it."""
    return Response(await sale_status(sale_id), headers={"cache-control": "no-store"})
