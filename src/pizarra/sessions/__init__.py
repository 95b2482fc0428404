"""Interview sessions: creating, listing, changing, ending, erasing, and their files."""
