"""Work: what staff do to cases, and what falls due by itself. Each act is one plain function of a transaction."""
