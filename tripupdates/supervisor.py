"""Start some processes, keep them together, leave nothing behind.

Each child holds the reading end of a pipe, its leash. When the parent ends, however it ends, the pipe ends too, and
the child stops itself.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

GRACE = 10.0  # seconds to finish what is in hand
RESTART_PAUSE = 0.4


def on_leash(reader: int) -> None:
    """In a child: stop when the parent is gone."""

    def watch() -> None:
        os.read(reader, 1)  # returns only at the end of the pipe
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="leash", daemon=True).start()


class Child:
    """One process that is started again when it dies, until it is told to stop."""

    def __init__(self, arguments: Sequence[str], leash: int, environ: Mapping[str, str]) -> None:
        self._command = [sys.executable, "-m", "tripupdates", "--leash", str(leash), *arguments]
        self._leash, self._environ = leash, environ
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own commands, no word of anybody else in them
            self._command,
            pass_fds=(self._leash,),
            env=dict(self._environ),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C reaches us alone; we end the others in order
        )

    def keep_alive(self) -> None:
        """Start it again if it has died."""
        if self.process.poll() is not None:
            self.process = self._start()

    def stop(self) -> None:
        """Ask it to finish; after the grace, end it."""
        self.process.terminate()
        try:
            self.process.wait(GRACE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def together(commands: Sequence[Sequence[str]], environ: Mapping[str, str]) -> Iterator[list[Child]]:
    """Run commands of ours side by side for as long as the block lasts."""
    reader, writer = os.pipe()
    children: list[Child] = []
    try:
        children.extend(Child(command, reader, environ) for command in commands)
        yield children
    finally:
        for child in reversed(children):
            child.stop()
        os.close(writer)
        os.close(reader)


def watch(children: Sequence[Child], stop: threading.Event) -> None:
    """Keep the children alive until `stop` is set."""
    while not stop.wait(RESTART_PAUSE):
        for child in children:
            child.keep_alive()
