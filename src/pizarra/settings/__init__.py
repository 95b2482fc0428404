"""The settings by subject; `config.py` puts them together."""

KIB = 1024
MIB = 1024 * KIB
