"""RDF on its own: terms, walks, blank nodes and the writers of every graph format."""
