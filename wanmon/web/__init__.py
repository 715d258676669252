"""HTTP: GET and HEAD only, nothing here writes."""
