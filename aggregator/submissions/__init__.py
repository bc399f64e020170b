"""Visitors propose blogs: the look at them, the proof that they are theirs, what curators decide, and the pages."""
