"""Write Turtle in the house's order.

Written Turtle is stable: one prefix block with the prefixes in use, blocks in their given order,
predicates in one fixed order, objects sorted, blank nodes inline and in their given order. Writing
it again changes nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

import pyoxigraph as ox

from service import iris
from service.rdf.terms import Term as Node
from service.rdf.walk import closure

_LOCAL_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_BARE = {
    iris.XSD_INTEGER: re.compile(r"[+-]?[0-9]+"),
    iris.XSD_DECIMAL: re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    iris.XSD_BOOLEAN: re.compile(r"true|false"),
}
_WIDTH = 100

MARK = "#: "
"""The mark of derived comments, which a program writes and rewrites."""
BETWEEN = " | "
"""The separator between the words of several identifiers of a line."""
WIDTH_WITH_COMMENT = 120

_FIRST = """
    a sh:prefix sh:namespace sh:targetClass sh:targetObjectsOf sh:property sh:path sh:minCount
    sh:maxCount rdfs:label dcterms:title dcterms:alternative dcterms:description IAO:0000115
    rdfs:subPropertyOf rdfs:subClassOf owl:equivalentClass owl:onProperty owl:annotatedSource
    owl:annotatedProperty owl:annotatedTarget owl:inverseOf rdfs:domain rdfs:range cdmo:subject
    cdmo:relation cdmo:object cdmo:polarity oa:hasSource oa:hasSelector oa:start oa:end
    cdmo:sha256 cdmo:kind cdmo:section cdmo:partOf cdmo:heading cdmo:order cdmo:assertsNothing
    cdmo:passage cdmo:assertion cdmo:frequency cdmo:advice cdmo:aim cdmo:collective cdmo:hedge
    cdmo:tensionKind cdmo:concerns cdmo:description cdmo:decision cdmo:topic cdmo:complete
"""
_LAST = """
    cdmo:axiomPattern cdmo:citation cdmo:statedIn dcterms:contributor dcterms:created
    dcterms:modified sh:message sh:description sh:select cdmo:expected
"""
_RANK = {p: i for i, p in enumerate(_FIRST.split())} | {
    p: 1000 + i for i, p in enumerate(_LAST.split())
}
"""Predicates that are not named here stand between the two groups, by name."""


def write(triples: Iterable[ox.Triple], prefixes: Mapping[str, str]) -> str:
    """Return the triples as Turtle, blocks in the order of the triples' subjects.

    :param prefixes: the prefixes to write names with; only those in use are declared.
    """
    return Writer(triples, prefixes).document()


class Writer:
    """One document on its way to Turtle.

    :param comments: subject to the comments that go above its block.
    :param words: written identifiers to their words; a line leaves room for these at its end.
    """

    def __init__(
        self,
        triples: Iterable[ox.Triple],
        prefixes: Mapping[str, str],
        comments: Mapping[Node, list[str]] = MappingProxyType({}),
        words: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.blocks: dict[Node, dict[ox.NamedNode, list[Node]]] = {}
        self.holders: dict[Node, list[Node]] = defaultdict(list)
        for triple in dict.fromkeys(triples):
            block = self.blocks.setdefault(triple.subject, {})
            block.setdefault(triple.predicate, []).append(triple.object)
            if isinstance(triple.object, ox.BlankNode):
                self.holders[triple.object].append(triple.subject)
        self.prefixes = dict(sorted(prefixes.items(), key=lambda item: -len(item[1])))
        self.words = words
        self.used: set[str] = set()
        self.names: dict[str, str] = {}
        self.labels: dict[Node, str] = {}
        self.inline = {n for n in self.blocks if self._is_held_once(n)} - self._in_cycles()
        self.comments: dict[Node, list[str]] = defaultdict(list)
        for subject, lines in comments.items():
            owner = subject
            while owner in self.inline:
                owner = self.holders[owner][0]
            self.comments[owner] += lines

    def _is_held_once(self, node: Node) -> bool:
        return isinstance(node, ox.BlankNode) and len(self.holders[node]) == 1

    def _in_cycles(self) -> set[Node]:
        """Return blank nodes that only blank nodes point to; they need a label."""

        def values(node: Node) -> Iterator[Node]:
            for objects in self.blocks.get(node, {}).values():
                yield from (o for o in objects if isinstance(o, ox.BlankNode))

        roots = [node for node in self.blocks if not self._is_held_once(node)]
        reached = {node for root in roots for node in closure(root, values)}
        return {node for node in self.blocks if self._is_held_once(node)} - reached

    def document(self, head: Iterable[str] = (), tail: Iterable[str] = ()) -> str:
        """Return the prefixes in use and the blocks, with comments at the top and the end."""
        blocks = [
            "".join(f"{comment}\n" for comment in self.comments[subject]) + self._block(subject)
            for subject in self.blocks
            if subject not in self.inline
        ]
        order = sorted(self.used, key=lambda p: (p.lower(), p))
        top, end = ("".join(f"{comment}\n" for comment in lines) for lines in (head, tail))
        if order:
            declarations = (f"@prefix {p}: <{self.prefixes[p]}> .\n" for p in order)
            blocks.insert(0, top + "".join(declarations))
        elif blocks:  # without a prefix, a comment at the top belongs to the first block
            blocks[0] = top + blocks[0]
        else:
            end = top + end
        return "\n".join([*blocks, end] if end else blocks)

    def _block(self, subject: Node) -> str:
        nameless = isinstance(subject, ox.BlankNode) and not self.holders[subject]
        name = "[]" if nameless else self._term(subject, 0)
        parts = []
        for i, (predicate, objects) in enumerate(self._ordered(subject)):
            start = f"{name} {predicate} " if i == 0 and predicate == "a" else f"    {predicate} "
            if i == 0 and predicate != "a":
                start = f"{name}\n{start}"
            parts.append(start + self._objects(objects, len(start.rpartition("\n")[2])))
        return " ;\n".join(parts) + " .\n"

    def _ordered(self, subject: Node) -> list[tuple[str, list[Node]]]:
        named = []
        for predicate, objects in self.blocks[subject].items():
            name = "a" if predicate.value == iris.TYPE else self._iri(predicate.value)
            named.append((name, objects))
        return sorted(named, key=lambda n: (_RANK.get(n[0], 500), n[0]))

    def _objects(self, objects: list[Node], indent: int) -> str:
        objects = sorted(objects, key=self._sort_key)
        names = [self._term(o, None) for o in objects]
        line = " , ".join(names)
        if len(objects) == 1:
            fits = indent + len(line) <= _WIDTH or line.count("[") < 2
            return line if fits else self._term(objects[0], 4)
        words = BETWEEN.join(self.words[name] for name in names if name in self.words)
        behind = len(f" ;  {MARK}{words}") if words else 0
        if indent + len(line) <= min(_WIDTH, WIDTH_WITH_COMMENT - behind):
            return line
        return (" ,\n" + " " * indent).join(self._term(o, indent) for o in objects)

    def _sort_key(self, node: Node) -> tuple[int, str, str]:
        if isinstance(node, ox.NamedNode):
            name = self._iri(node.value)
            # owl:NamedIndividual before the class of the individual
            return (0 if name.startswith("owl:") else 1), name, ""
        if isinstance(node, ox.Literal):
            return 2, node.value, self._literal(node)
        return 3, "", ""  # sorting is stable: blank nodes keep their given order

    def _term(self, node: Node, indent: int | None) -> str:
        """Return a term; over several lines only if ``indent`` is given and it is long."""
        if isinstance(node, ox.NamedNode):
            return self._iri(node.value)
        if isinstance(node, ox.Literal):
            return self._literal(node)
        if isinstance(node, ox.BlankNode):
            members = self._members(node)
            if members is not None:
                return self._brackets(
                    "(", [self._grown(m, indent) for m in members], ")", "", indent
                )
            if node in self.inline:
                parts = [
                    f"{p} " + " , ".join(self._grown(o, indent) for o in objects)
                    for p, objects in self._ordered(node)
                ]
                return self._brackets("[", parts, "]", " ;", indent)
            return self.labels.setdefault(node, f"_:b{len(self.labels) + 1}")
        raise TypeError(f"Turtle has no form for {node}")

    def _grown(self, node: Node, indent: int | None) -> str:
        return self._term(node, None if indent is None else indent + 4)

    def _brackets(
        self, opening: str, parts: list[str], closing: str, between: str, indent: int | None
    ) -> str:
        flat = f"{opening} {f'{between} '.join(parts)} {closing}" if parts else opening + closing
        nested = any("[" in part for part in parts)
        if indent is None or ("\n" not in flat and (indent + len(flat) <= _WIDTH or not nested)):
            return flat
        margin = "\n" + " " * (indent + 4)
        return f"{opening}{margin}{(between + margin).join(parts)}\n{' ' * indent}{closing}"

    def _members(self, node: Node) -> list[Node] | None:
        """Return the members of a well-formed list that nothing else points into, or None."""
        members: list[Node] = []
        while isinstance(node, ox.BlankNode):
            block = self.blocks.get(node, {})
            first, rest = (block.get(ox.NamedNode(p), []) for p in (iris.FIRST, iris.REST))
            if node not in self.inline or len(block) != 2 or len(first) != 1 or len(rest) != 1:
                return None
            members.append(first[0])
            node = rest[0]
        nil = isinstance(node, ox.NamedNode) and node.value == iris.NIL
        return members if nil and members else None

    def _iri(self, iri: str) -> str:
        if iri not in self.names:
            self.names[iri] = f"<{iri}>"
            for prefix, namespace in self.prefixes.items():
                if iri.startswith(namespace) and _LOCAL_NAME.fullmatch(iri[len(namespace) :]):
                    self.names[iri] = f"{prefix}:{iri[len(namespace) :]}"
                    self.used.add(prefix)
                    break
        return self.names[iri]

    def _literal(self, node: ox.Literal) -> str:
        bare = _BARE.get(node.datatype.value)
        if bare and bare.fullmatch(node.value):
            return node.value
        if "\n" in node.value and "\r" not in node.value:
            body = node.value.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
            body = body[:-1] + '\\"' if body.endswith('"') else body
            text = f'"""{body}"""'
        else:
            text = str(ox.Literal(node.value))
        if node.language:
            return f"{text}@{node.language}" + (f"--{node.direction}" if node.direction else "")
        if node.datatype.value == iris.XSD_STRING:
            return text
        return f"{text}^^{self._iri(node.datatype.value)}"
