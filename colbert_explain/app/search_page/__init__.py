"""Search a collection: its hits, why they are where they are, and a second ranking beside them."""
