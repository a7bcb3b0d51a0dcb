"""The hand of a knowledge engineer: edits of the sources, written all or none."""
