"""Tests of a session's program: what it must print for an input, tried on every run in the background."""
