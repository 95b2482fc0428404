"""Several web processes behind one port: the parent that starts them and gives each its connections."""
