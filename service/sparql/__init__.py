"""SPARQL without an engine: the protocol, the tokens, what a query refers to, plans, and hints."""
