"""Tables of shifts of a till: opened, counted, closed."""
