"""The second log of a session: what only interviewers see."""
