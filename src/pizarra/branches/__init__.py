"""Follow-up questions: the code of an instant is where a branch begins, and one comes back. All on one timeline."""
