"""Domain-free code: clock, identifiers, tokens, text. Nothing here knows what an interview is."""
