"""Accounts: who may sign in, with what, and to which team they belong."""
