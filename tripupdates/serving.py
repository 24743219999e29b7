"""The web server: gunicorn inside our own command, one process with threads, the app made after the fork."""

import threading
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from tripupdates.app import create_app
from tripupdates.health import troubles

HAND_BACK = 8  # seconds for requests in hand when it must stop; systemd and the supervisor grant more


class OurLogger(Logger):  # type: ignore[misc] # gunicorn has no types
    """What gunicorn has to say goes the way of everything else (see `logs`), not past it with addresses in it."""

    def setup(self, cfg: Any) -> None:
        """Called by gunicorn."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Serve this instance at host:port."""

    def __init__(self, bind: str, threads: int) -> None:
        self._options = {
            "bind": bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": threads,
            "timeout": 60,
            "graceful_timeout": HAND_BACK,
            "loglevel": "warning",
            "logger_class": OurLogger,
            "proc_name": "tripupdates",
        }
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called by gunicorn in its worker process."""
        app = create_app()
        watch = (app, app.extensions["house"], threading.Event())
        threading.Thread(target=troubles.run, args=watch, name="watch", daemon=True).start()
        return app
