"""What a route needs of its app: the services and our base URL; it leaves building them to wiring."""

from starlette.requests import Request

from shared.ingest import Ingest
from shared.receipt import Receipt
from shared.wiring import Services


def services_of(request: Request) -> Services:
    """Return the services that the lifespan opened."""
    services: Services = request.app.state.services
    return services


def receipt_of(request: Request, ingest: Ingest) -> Receipt:
    """Return the receipt with links as the sender sees us."""
    return Receipt.of(ingest, services_of(request).settings.base_url)
