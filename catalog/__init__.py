"""WHAT may be bought, WHERE, at most HOW MUCH: goods, programme rules, zones and price ceilings.

Pure values read once from seven CSV files; nothing here fetches, logs or reads a clock.
Start at `catalog.load.load_shipped()` and `catalog.catalogue.Catalogue`.
"""
