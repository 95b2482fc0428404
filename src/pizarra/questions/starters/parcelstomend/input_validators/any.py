import sys

# The inputs were written by hand and are taken as they are.
sys.exit(42)
