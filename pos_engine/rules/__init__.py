"""Decisions: pure functions from facts to a verdict. No SQL, no HTTP, no clock."""
