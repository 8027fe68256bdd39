"""A server that encodes texts for other processes and machines, over HTTP."""
