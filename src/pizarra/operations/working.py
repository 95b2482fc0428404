"""Whom a worker serves: what is wrong with how it was started is said in one sentence."""

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from pizarra.sandbox.remote.addresses import BadServer, server_of
from pizarra.sandbox.remote.dialer import Dialling
from pizarra.sandbox.remote.token_file import BadTokenFile, read_token
from pizarra.sandbox.remote.worker import on_servers
from pizarra.sandbox.runner.process import Serve, on_connection, on_socket


class WorkerError(RuntimeError):
    """The worker cannot start; the message says why and what to do."""


def whom_to_serve(
    connection: socket.socket | None,
    socket_path: Path | None,
    servers: Sequence[str],
    token_file: Path | None,
    ca_file: Path | None,
    drain_seconds: float,
) -> Serve:
    """Return what serves the web process that started this one, those of this machine, or those on others.

    Raises:
        WorkerError: nobody is named, or it is not clear who, or a server or a file is not as it has to be.
    """
    named = [each.strip() for text in servers for each in text.split(",") if each.strip()]
    if connection is not None:
        return on_connection(connection)
    if socket_path is not None:
        if named:
            raise WorkerError("a worker serves a socket or servers, not both")
        return on_socket(socket_path)
    if not named:
        raise WorkerError(
            "name whom it works for: pizarra worker --server https://pizarra.example.org --token-file FILE, "
            "or --socket /run/pizarra/runner.sock"
        )
    if token_file is None:
        raise WorkerError(
            "a server wants a token: --token-file FILE. Make one where the server runs: "
            "pizarra worker-token create NAME"
        )
    try:
        places = list(dict.fromkeys(server_of(each) for each in named))
        encrypts = any(place.is_secure for place in places)
        tls = ssl.create_default_context(cafile=ca_file) if encrypts else None
        token = read_token(token_file)
    except (BadServer, BadTokenFile) as error:
        raise WorkerError(str(error)) from None
    except OSError as error:
        raise WorkerError(
            f"the certificates {ca_file} cannot be read ({error.strerror or error})"
        ) from None
    return on_servers(Dialling(places, token, drain_seconds, tls))
