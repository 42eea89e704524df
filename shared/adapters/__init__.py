"""The real parts behind the ports; only `shared.wiring` names them."""
