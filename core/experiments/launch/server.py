"""A process that has imported what runs need, and forks a child for each: a second, not eleven.

It is started by its path and knows the standard library only; what to import comes as the first
message. Nothing computes in it: no thread is started and no GPU touched, so that a fork is safe.

Nobody outlives the launcher, not even one that is killed: when its end of the channel closes, the
server kills the children with all that they have started, and a server that is gone itself is
noticed by each child, on a pipe whose other end only the server holds.
"""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading
import traceback
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection, wait
from typing import Any, NoReturn

STOP = "stop"
"""Instead of a request: every child is told to end, by SIGTERM."""

Request = dict[str, Any]
"""`key` by which the end is told, `function` as "module:name" with its keyword `arguments`, the
`environment`, the working `folder` and the module `path` of the child."""


class Server:
    """Forks a child for each request; tells (key, exit code) of each that has ended.

    Args:
        channel: To the launcher.
    """

    def __init__(self, channel: Connection) -> None:
        self._channel = channel
        self._children: dict[int, str] = {}
        self._lifeline, self._alive = os.pipe()
        self._woken, waking = os.pipe()
        os.set_blocking(waking, False)
        signal.set_wakeup_fd(waking)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler, or nothing is woken

    def serve(self) -> Request | None:
        """Fork until the launcher is gone, and then return None; in a child return its request."""
        while True:
            ready = wait([self._channel, self._woken])
            if self._woken in ready:
                os.read(self._woken, 4096)
                self._tell_ends()
            if self._channel in ready:
                try:
                    asked = self._channel.recv()
                except (EOFError, OSError):
                    self._kill_all()
                    return None
                if asked == STOP:
                    self._terminate_all()
                elif self._forked(asked):
                    return dict(asked)

    def _forked(self, request: Request) -> bool:
        """Fork; return whether this is the child."""
        child = os.fork()
        if child:
            self._children[child] = request["key"]
            return False
        os.setsid()  # a group of its own, so that it can be killed with all that it starts
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.close(self._alive)
        self._channel.close()
        threading.Thread(target=_die_with, args=(self._lifeline,), daemon=True).start()
        return True

    def _tell_ends(self) -> None:
        for child in list(self._children):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                _kill_group(child)  # workers that it may have left
                told = (self._children.pop(child), os.waitstatus_to_exitcode(status))
                with suppress(OSError):  # the launcher is gone: the next thing that is read
                    self._channel.send(told)

    def _terminate_all(self) -> None:
        for child in self._children:
            os.kill(child, signal.SIGTERM)  # still ours: none is waited for elsewhere

    def _kill_all(self) -> None:
        for child in self._children:
            _kill_group(child)


def _kill_group(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _die_with(lifeline: int) -> None:
    """Wait until nobody holds the other end; then end this process and all that it has started."""
    os.read(lifeline, 1)
    os.killpg(0, signal.SIGKILL)


def _run(request: Request) -> int:
    """Do what was asked for; return the exit code, as a Python of its own would end with."""
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.path[:] = request["path"]
    module, _, name = request["function"].partition(":")
    try:
        getattr(import_module(module), name)(**request["arguments"])
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _leave(code: int) -> NoReturn:
    """End as multiprocessing's children do: at once, once all have put their things in order.

    An ordinary end would take apart what was imported, which was not this child's to begin with.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


def main() -> NoReturn:
    """Import what the first message says, and serve; in a child, run what was asked for."""
    channel = Connection(int(sys.argv[1]))
    sys.path[:], preload = channel.recv()
    for name in preload:
        import_module(name)
    gc.collect()
    gc.freeze()  # what is there now is never collected, so that its pages stay shared
    request = Server(channel).serve()
    _leave(0 if request is None else _run(request))


if __name__ == "__main__":
    main()
