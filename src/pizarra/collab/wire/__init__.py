"""What travels: frames, updates read without applying them, close codes."""
