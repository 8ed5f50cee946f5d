"""Tables of what a till tells besides purchases: families it could not serve, counts of cash sales."""
