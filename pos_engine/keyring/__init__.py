"""Where keys lie and how they change: the key file, keys that wrap keys, keys that sign."""
