"""Questions as sessions have them: their shape, finding one, giving it to a session, and what the session is about."""
