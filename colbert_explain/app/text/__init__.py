"""The page's view of the texts: the text itself, links, words removed, and the presentation."""
