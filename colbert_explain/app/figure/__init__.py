"""Figures in pages: drawn by Plotly, with one script a page."""
