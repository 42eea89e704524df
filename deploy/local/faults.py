"""The launcher's faults, each a sentence for the person at the terminal; it leaves printing them to the commands."""


class LaunchError(Exception):
    """The stack can't start or can't go on."""


class BadSetting(LaunchError):
    """A setting has a value that it can't have."""


class AlreadyRunning(LaunchError):
    """Another launcher works in the same DATA_DIR."""


class DataDirUnusable(LaunchError):
    """DATA_DIR can't be made or written."""


class PortTaken(LaunchError):
    """Somebody else listens where one of ours would."""


class BadProcfile(LaunchError):
    """The Procfile can't be read."""


class RedisMissing(LaunchError):
    """There is no Redis: none answers, or none can be started."""


class ProcessEnded(LaunchError):
    """A process that must keep running ended by itself."""


class NotReady(LaunchError):
    """The API didn't say that it is ready."""


class NotInTime(LaunchError):
    """The whole took longer than it may."""


class DemoFailed(LaunchError):
    """The main job didn't go through."""


class StopAsked(Exception):
    """A person or a service manager asked us to stop: a wish, not a fault."""
