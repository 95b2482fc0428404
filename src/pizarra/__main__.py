"""`pizarra`, and `python -m pizarra`: the same program."""

import signal
import sys

from pizarra import __version__
from pizarra.kit.garbage import collect_less


def main() -> None:
    """Run the command line. While it is imported, ^C ends it without a word: there is nothing to tidy up yet.

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
