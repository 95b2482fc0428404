"""Pizarra: self-hosted live coding interviews."""

__version__ = "0.1.0"
