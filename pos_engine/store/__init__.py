"""SQL: the only floor that speaks it. Functions take the transaction first and never commit."""
