"""What one start leaves: its rows in the tables, its frames in a film."""
