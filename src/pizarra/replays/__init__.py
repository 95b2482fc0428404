"""Links that open the replay of a session to somebody who was not there, and nothing else."""
