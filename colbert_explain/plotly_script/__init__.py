"""Plotly's script, once for all figures of a page: from a Jupyter server, or else from a kernel.

Servers use it, so that nothing here imports plotly, torch or a widget.
"""
