"""Running an installation: starting to serve, what is done in the background, backups, and explaining why not."""
