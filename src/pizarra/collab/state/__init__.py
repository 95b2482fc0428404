"""What a room knows of its document: the CRDT, what it contains, whose client ids are in it, how large it may grow."""
