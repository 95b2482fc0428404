"""The closed set of what the logs hold: one class per kind, and one way from a row back to its class."""
