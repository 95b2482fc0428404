"""Reading the log: documents, pages, entries as an answer."""
