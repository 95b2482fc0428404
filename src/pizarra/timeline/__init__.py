"""The append-only log of each session: writing it, loading documents from it, reading it back."""
