"""Where rows are kept: the embedded driver, addresses, the schema's version, room on the disk."""
