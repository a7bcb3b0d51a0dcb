"""Spreadsheets of the sources, out and in: terms, claims, mappings and questions."""
