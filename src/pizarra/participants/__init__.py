"""People: invitations, joining, and who may do what."""
