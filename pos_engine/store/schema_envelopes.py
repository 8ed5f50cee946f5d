"""Tables of sales made without signal: envelopes as they came, their one outcome, checkpoints."""
