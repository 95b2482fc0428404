"""The audit: who did what, kept when what it was done to is gone."""
