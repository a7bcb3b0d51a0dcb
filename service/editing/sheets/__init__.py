"""Export the sources to spreadsheets and import them: terms, claims, mappings and questions."""
