"""Other SPARQL engines, over HTTP: what is particular to each, asking them, publishing to them."""
