"""One sandbox: what confines it, what goes in and comes out."""
