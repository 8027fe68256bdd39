"""The heatmap: its grid, its figure, its outlines, where to look in it."""
