"""The parent of several web processes: starts them, gives them connections, starts anew who ended, ends them all.

It reads no request and holds no room, so that it has nothing to lose, and hardly anything that can go wrong.
"""

import contextlib
import json
import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import NoReturn

from pizarra.cluster.handover import Kind, receive, send
from pizarra.cluster.places import nearest
from pizarra.config import Settings
from pizarra.operations.prefork.acceptor import Acceptor
from pizarra.operations.prefork.loop import READ, WRITE, Loop
from pizarra.operations.prefork.process import Process, Waiting
from pizarra.operations.prefork.runner import SharedRunner

log = logging.getLogger(__name__)

ENDS = (signal.SIGINT, signal.SIGTERM)
_LOOK_SECONDS = 1.0
_LAST_SECONDS = 1.5  # after `shutdown_seconds`, until whoever is still there is killed
_STOPPED = 1  # status of one that could not start

# Run in a forked process, in which the signals that end it are blocked still: its number, its end of the way to the
# parent. It returns its exit status.
Serve = Callable[[int, socket.socket], int]


class Supervisor:
    """Starts as many processes as `settings.workers` says; `on_ready` is called once all serve."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        runner: SharedRunner | None,
        serve: Serve,
        on_ready: Callable[[], None],
    ) -> None:
        self._loop = Loop()
        self._settings = settings
        self._serve = serve
        self._on_ready = on_ready
        self._runner = runner
        self._processes = [Process(number) for number in range(1, settings.workers + 1)]
        self._acceptor = Acceptor(
            self._loop,
            listener,
            self._give,
            wait_seconds=settings.route_seconds,
            most=settings.max_unrouted,
        )
        self._homeless: deque[Waiting] = deque()  # connections that came back while nobody served
        self._next = 0  # of those that take what names no session
        self._is_up = self._is_ending = self._failed = False
        self._looked_at = time.monotonic()

    def run(self) -> bool:
        """Serve until told to stop; return whether they could start."""
        for number in ENDS:
            self._loop.on_signal(number, self._end)
        self._loop.on_signal(signal.SIGCHLD, self._collect)
        if self._runner is not None:
            self._runner.start(self._loop)
        for process in self._processes:
            self._start(process)
        self._loop.later(_LOOK_SECONDS, self._look)
        self._loop.run()
        self._loop.let_go()
        return not self._failed

    # Processes

    def _start(self, process: Process) -> None:
        if self._is_ending:
            return
        try:
            pid = self._fork(process)
        except OSError as error:  # this computer has no room for one: the others serve on
            self._start_again(process, f"cannot be started ({error.strerror})")
            return
        process.began(pid)
        log.info("web process %d is process %d", process.number, pid)
        self._loop.watch(process.near, READ, lambda: self._hear(process))
        self._tell_states()

    def _fork(self, process: Process) -> int:
        """Return the new process's number.

        Raises:
            OSError: there is none.
        """
        process.open()
        # A signal between the fork and the child's own handlers would be taken by a copy of ours, and lost.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        try:
            pid = os.fork()
        except OSError:
            process.close()
            raise
        else:
            if pid == 0:
                self._become(process)
            return pid
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDS)

    def _start_again(self, process: Process, how: str) -> None:
        """Start one that is not there after a while; without all of them there is no first start."""
        if not self._is_up:
            self._failed = True
            self._end()
        if self._is_ending:
            return
        seconds = process.backoff.next()
        log.error(
            "web process %d %s; another one is started in %.1f s", process.number, how, seconds
        )
        self._loop.later(seconds, lambda: self._start(process))

    def _become(self, process: Process) -> NoReturn:
        """Be a web process, and nothing else; this does not return."""
        status = _STOPPED
        try:
            self._loop.let_go()
            self._acceptor.let_go()
            if self._runner is not None:
                self._runner.let_go()
            for connection, _ in self._homeless:
                connection.close()
            for each in self._processes:
                if each is not process:
                    each.let_go()
            process.near.close()
            status = self._serve(process.number, process.far)
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else _STOPPED
        except BaseException:
            log.exception("web process %d", process.number)
        finally:
            # What stands after `run` in the parent is the parent's to do.
            with contextlib.suppress(Exception):
                logging.shutdown()
            os._exit(status)

    def _hear(self, process: Process) -> None:
        with contextlib.suppress(BlockingIOError):
            while process.pid is not None and (message := receive(process.near)) is not None:
                process.heard_at = time.monotonic()
                if message.kind is Kind.READY:
                    self._is_ready(process)
                elif message.kind is Kind.METRICS and message.descriptor is not None:
                    self._pass_on(message.payload, message.descriptor)
                elif message.kind is Kind.NO_ROOM and message.descriptor is not None:
                    self._come_back(process, socket.socket(fileno=message.descriptor))

    def _is_ready(self, process: Process) -> None:
        process.is_ready = True
        if self._is_up:  # started anew
            process.settled_at = time.monotonic() + self._settings.process_settling_seconds
        self._tell_states()
        if not self._is_up and all(each.is_ready for each in self._processes):
            self._is_up = True
            self._on_ready()
        if self._is_up:
            self._take_in()

    def _pass_on(self, payload: bytes, descriptor: int) -> None:
        """Ask another process for its figures; one that does not hear closes the file by that."""
        for process in self._processes:
            if process.serves and payload == bytes((process.number,)):
                send(process.near, Kind.METRICS, descriptor=descriptor)
        os.close(descriptor)

    def _collect(self) -> None:
        """Learn who ended."""
        for process in self._processes:
            if process.pid is None:
                continue
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid:
                self._ended(process, os.waitstatus_to_exitcode(status))
        if self._runner is not None:
            self._runner.collect()
        if self._is_ending and all(each.pid is None for each in self._processes):
            if self._runner is None or not self._runner.is_there:
                self._loop.end()
            else:
                self._runner.stop()

    def _ended(self, process: Process, status: int) -> None:
        self._loop.forget(process.near)
        connections = list(process.take_back())
        process.ended()
        how = f"signal {-status}" if status < 0 else f"status {status}"
        self._start_again(process, f"ended with {how}")
        if self._is_ending:
            for connection in connections:
                connection.close()
            return
        self._tell_states()
        self._give_anew(connections)

    def _look(self) -> None:
        """Find out who is silent for too long: it is given nothing, then killed, as is who never serves."""
        now = time.monotonic()
        if now - self._looked_at > 2 * _LOOK_SECONDS:
            for process in self._processes:  # it was this process that stood still
                process.heard_at = now
        self._looked_at = now
        for process in self._processes:
            if process.pid is None:
                continue
            silent = now - process.heard_at
            if not process.is_ready:
                if silent > self._settings.process_start_seconds:
                    log.error(
                        "web process %d did not start in %.0f s: killed", process.number, silent
                    )
                    process.kill(signal.SIGKILL)
            elif silent > self._settings.process_hung_seconds:
                log.error(
                    "web process %d has stood still for %.0f s: killed", process.number, silent
                )
                process.kill(signal.SIGKILL)
            elif (silent > self._settings.process_silent_seconds) != process.is_silent:
                self._change(process, is_silent=not process.is_silent)
        self._loop.later(_LOOK_SECONDS, self._look)

    def _change(self, process: Process, *, is_silent: bool) -> None:
        process.is_silent = is_silent
        log.warning(
            "web process %d %s",
            process.number,
            "stands still: the others take what is new" if is_silent else "goes on",
        )
        self._tell_states()
        if is_silent:
            self._give_anew(list(process.take_back()))
        self._take_in()

    def _tell_states(self) -> None:
        states = json.dumps([each.state() for each in self._processes]).encode()
        for process in self._processes:
            if process.pid is not None:
                send(process.near, Kind.STATES, states)

    # Connections

    def _give(self, connection: socket.socket, place: bytes | None) -> None:
        serving = [each for each in self._processes if each.serves]
        if not serving:
            self._homeless.append((connection, place))
            self._take_in()
            return
        roomy = [each for each in serving if each.has_room]
        among = roomy or serving
        if place is None:
            self._next += 1
            process = among[self._next % len(among)]
        else:
            # Those whose process ended come back in a crowd: the people of a session are to meet in one place.
            places = [each for each in among if each.is_settled] or among
            number = nearest(place, [each.number for each in places])
            process = self._processes[number - 1]
        if not process.offer(connection, place, is_last=not roomy):
            self._loop.watch(process.near, READ | WRITE, lambda: self._hand_over(process))
            self._take_in()

    def _come_back(self, process: Process, connection: socket.socket) -> None:
        """A process has no descriptor for a connection: nobody has read from it, so another one may have it."""
        if self._is_ending:
            connection.close()
            return
        if process.has_room:
            log.warning("web process %d has no room for more connections", process.number)
        process.is_full()
        connection.setblocking(False)
        self._give_anew([connection])

    def _give_anew(self, connections: Sequence[socket.socket]) -> None:
        """Give connections to others: nobody has read from them, so each is looked at again."""
        for connection in connections:
            self._acceptor.look(connection)

    def _hand_over(self, process: Process) -> None:
        self._hear(process)
        if process.pid is not None and process.hand_over():
            self._loop.watch(process.near, READ, lambda: self._hear(process))
            self._take_in()

    def _take_in(self) -> None:
        """Take connections while there is somebody who has room for them; else the kernel keeps them."""
        if not self._is_up or self._is_ending:
            return
        if any(each.serves for each in self._processes):
            homeless, self._homeless = self._homeless, deque()
            for connection, place in homeless:
                self._give(connection, place)
        waiting = len(self._homeless) + sum(len(each.waiting) for each in self._processes)
        is_full = waiting >= self._settings.max_unrouted
        if is_full or not any(each.serves for each in self._processes):
            self._acceptor.pause()
        else:
            self._acceptor.start()

    # The end

    def _end(self) -> None:
        if self._is_ending:
            return
        self._is_ending = True
        self._acceptor.close()
        for connection, _ in self._homeless:
            connection.close()
        for process in self._processes:
            process.kill(signal.SIGTERM)
            process.kill(signal.SIGCONT)  # one that was stopped would not hear it
        self._loop.later(self._settings.shutdown_seconds + _LAST_SECONDS, self._end_by_force)
        self._collect()

    def _end_by_force(self) -> None:
        for process in self._processes:
            if process.pid is not None:
                log.error("web process %d did not end in time: killed", process.number)
                process.kill(signal.SIGKILL)
