"""The event lake: Parquet files that say what was bought, refused, tried, credited and returned."""
