"""Points and their hidden groups: read, judged, scaled and frozen at the door."""
