"""Tables of what looks wrong: cases, their evidence, answers and decisions."""
