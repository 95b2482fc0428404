"""Writing the log: the journal of the rooms, and entries of requests."""
