"""Whether a log is still what was recorded."""
