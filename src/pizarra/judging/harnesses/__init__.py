"""One program a language: it calls a function with cases. Read as text, run in the sandbox alone."""
