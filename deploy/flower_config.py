"""Flower's configuration: nothing can be changed through it, and its metrics need the password as all else does.

Flower 2.2 reads this file as Python (`--conf`). It leaves /metrics open even with basic auth; /healthcheck stays open.
https://flower.readthedocs.io/en/latest/config.html
"""

import tornado.web
from flower.views.monitor import Metrics

read_only = True
Metrics.get = tornado.web.authenticated(Metrics.get)
