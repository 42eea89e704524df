"""No mutation but a moment: the first process that is about to commit an end is stopped (SIGSTOP) right there."""

import signal

from provoked import at_the_first_end

PATCHES = {"shared.adapters.sql_catalog.catalog": at_the_first_end(signal.SIGSTOP)}
