"""Other SPARQL engines over HTTP: adapters, queries, publication."""
