"""SPARQL without an engine: protocol, tokens, references, plans, and hints."""
