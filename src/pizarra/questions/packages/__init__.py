"""Questions as packages of the Kattis/ICPC format: read in three dialects, written in the newest."""
