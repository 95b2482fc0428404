"""Runners on other machines: how a worker reaches the web processes, and how much of what it says is believed."""
