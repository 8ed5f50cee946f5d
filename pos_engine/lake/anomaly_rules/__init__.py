"""The rules of what looks wrong: one SQL file each, their numbers in rules.toml."""
