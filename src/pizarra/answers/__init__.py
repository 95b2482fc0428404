"""How answers travel, and a code for each refusal."""
