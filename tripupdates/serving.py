"""The web server: gunicorn inside our own command, one process with threads, the app made after the fork."""

from typing import Any

from gunicorn.app.base import BaseApplication

from tripupdates.app import create_app


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """Serve this instance at host:port."""

    def __init__(self, bind: str, threads: int) -> None:
        self._options = {
            "bind": bind,
            "workers": 1,
            "worker_class": "gthread",
            "threads": threads,
            "timeout": 60,
            "graceful_timeout": 10,
            "loglevel": "warning",
            "proc_name": "tripupdates",
        }
        super().__init__()

    def load_config(self) -> None:
        """Called by gunicorn."""
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Called by gunicorn in its worker process."""
        return create_app()
