"""What a route needs of its app: the services, pressure and turns; it leaves building them to wiring and lifespan."""

from starlette.requests import Request

from api.fairness import Turns
from api.pressure import Pressure
from shared.ingest import Ingest
from shared.receipt import Receipt
from shared.wiring import Services


def services_of(request: Request) -> Services:
    """Return the services that the lifespan opened."""
    services: Services = request.app.state.services
    return services


def pressure_of(request: Request) -> Pressure:
    """Return what says whether uploads may begin."""
    pressure: Pressure = request.app.state.pressure
    return pressure


def turns_of(request: Request) -> Turns:
    """Return the callers' clocks."""
    turns: Turns = request.app.state.turns
    return turns


def receipt_of(request: Request, ingest: Ingest) -> Receipt:
    """Return the receipt with links as the sender sees us."""
    return Receipt.of(ingest, services_of(request).settings.base_url)
