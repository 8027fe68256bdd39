"""Many visitors at once on the real dashboards, and what they leave behind on the server."""
