"""Tables of devices' keys, one-time codes, card secrets and money reserved for selling without signal."""
