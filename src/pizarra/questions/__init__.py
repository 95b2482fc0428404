"""The library of questions: made, found, changed into new versions, and what a session is about."""
