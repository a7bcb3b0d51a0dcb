"""Codes and names of other vocabularies as people write them."""

from service.library import MappingRow


def code_fits(row: MappingRow, vocabulary: str, code: str) -> bool:
    """Tell whether a code or a part of a name fits a mapping; an empty one fits any.

    People write ``HPO:0012531`` and ``ICD-10`` where prefixes are ``HP`` and ``ICD10CM``.

    :param vocabulary: the name of the mapping's vocabulary.
    """
    return _names(row, code.lower()) or _has_alias(row, vocabulary, code.lower().replace("-", ""))


def _names(row: MappingRow, code: str) -> bool:
    """Tell whether a code or a part of a name, in lower case, names a term of a mapping."""
    match, term = row.match, row.term
    target = (match.target.curie, match.target.label, match.target.iri) if match else ()
    return any(code in (name or "").lower() for name in (*target, term.label, term.curie))


def _has_alias(row: MappingRow, vocabulary: str, typed: str) -> bool:
    """Tell whether a code names the term of a mapping, or a name its whole vocabulary.

    :param typed: the code or name in lower case, without hyphens.
    """
    alias, _, local = typed.partition(":")
    known = vocabulary.lower().replace("-", "")
    target = row.match.target.curie if row.match else None
    own = (target or "").partition(":")[2].lower().replace("-", "")
    return len(alias) > 2 and alias in known and local in ("", own)
