"""Language servers: what an editor knows of a program beyond its text. Each in a sandbox, for one session alone."""
