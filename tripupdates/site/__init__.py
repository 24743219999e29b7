"""The static pages: rendering and synchronising."""
