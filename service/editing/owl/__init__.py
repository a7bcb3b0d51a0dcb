"""OWL tools such as Protégé: a folder for them to open, and their edits taken back."""
