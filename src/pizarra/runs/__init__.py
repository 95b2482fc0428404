"""Running a session's program, and what is kept of it."""
