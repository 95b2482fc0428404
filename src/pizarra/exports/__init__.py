"""A session to take away, and back."""
