"""When what a program did is right: how outputs are compared, and what a function takes and returns."""
