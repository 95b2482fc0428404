"""Programs that run, on the record: what a program is, the runs of this process, their rows and output."""
