"""A start on screen and in files: player, GIF, MP4, filmstrip, and the notebook's animation."""
