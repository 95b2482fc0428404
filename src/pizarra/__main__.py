"""`pizarra`, and `python -m pizarra`: the same program."""

import errno
import os
import signal
import sys

from pizarra import __version__
from pizarra.kit.garbage import collect_less

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> None:
    """Run the command line; where its output goes, there may be no room for it."""
    try:
        _run()
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in _NO_ROOM or error.filename is not None:
            raise
        # What waits for room is not tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.stderr.write(f"pizarra: its output cannot be written: {error.strerror}\n")
        raise SystemExit(1) from None


def _run() -> None:
    """Do what was typed. While it is imported, ^C ends it without a word: there is nothing to tidy up yet.

    Which version this is, scripts ask often, and it is known before the command line is imported.
    """
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"pizarra {__version__}\n")
        return
    collect_less()
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from pizarra.cli import app

    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, before)
    app()


if __name__ == "__main__":
    main()
