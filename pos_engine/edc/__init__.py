"""The entry for EDC terminals: they speak ISO 8583 to us and get the same `authorize`."""
