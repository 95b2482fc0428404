"""`python -m pizarra` is the same program as `pizarra`."""

from pizarra.cli import app

app()
