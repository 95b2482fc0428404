"""What the editor asks about a text: how it is usually written, what fits at a place, what is there."""
