"""Old edits take a tenth of the room."""
