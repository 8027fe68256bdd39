"""HTML: tables, highlighted texts, pages."""
