"""WHO is this face: pixels in, candidates out (no database, no HTTP, no settings, no clock)."""
