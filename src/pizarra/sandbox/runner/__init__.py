"""The runner process, and the web process's end of it."""
