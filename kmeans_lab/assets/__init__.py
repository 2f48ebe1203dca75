"""Style and player of the report, read as package data."""
