"""Several processes on one database: who serves, and what one tells the others."""
