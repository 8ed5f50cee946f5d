"""Use cases: each reads facts, asks a pure rule, and writes in one transaction."""
