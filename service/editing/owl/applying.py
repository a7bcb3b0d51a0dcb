"""Apply added and removed statements to the blocks of the modules."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pyoxigraph as ox

from service import iris
from service.editing.curators import signature
from service.editing.edits import Edits, in_order
from service.editing.lookup import Lookup
from service.editing.new_term import module_of
from service.editing.owl.canonical import ENDS, Graph, Key
from service.editing.owl.folder import modules
from service.pipeline.blocks import Block, Blocks
from service.pipeline.violations import Violation, error
from service.problems import SourceError
from service.rdf.terms import Subject, Term, text
from service.rdf.walk import closure


@dataclass
class OpenModule:
    """A file of the sources, its blocks open for changes."""

    path: Path
    file: Blocks
    before: Graph
    changed: bool = False

    @classmethod
    def of(cls, path: Path, file: Blocks) -> "OpenModule":
        """Return a module before any change."""
        return cls(path, file, Graph.of(t for block in file.blocks for t in block.triples))

    @cached_property
    def statements(self) -> dict[Key, ox.Triple]:
        """Its statements before any change."""
        return self.before.statements()

    def grow(self, at: int, triples: Iterable[ox.Triple]) -> None:
        """Add triples to a block."""
        block = self.file.blocks[at]
        self.file.blocks[at] = Block(block.subject, (*block.triples, *triples), block.comments)
        self.changed = True


class OpenModules:
    """The modules of the sources."""

    def __init__(self, edits: Edits) -> None:
        names = modules(edits.loaded)
        folder = edits.loaded.sources.ontology
        paths = [d.path for d in edits.loaded.documents if d.path.parent.parent == folder]
        paths = [p for p in paths if p.parent.name in ("modules", "imports") and p.stem in names]
        self.modules = [
            OpenModule.of(p, edits.blocks(p)) for p in [*paths, folder / "ontology.ttl"]
        ]

    def statements(self, scope: set[str] | None = None) -> dict[Key, ox.Triple]:
        """Return the statements of some modules, or of all."""
        by_key: dict[Key, ox.Triple] = {}
        for module in self.modules:
            if scope is None or module.path.stem in scope:
                by_key |= module.statements
        return by_key

    def module(self, path: Path) -> OpenModule:
        """Return the module of a file."""
        return next(module for module in self.modules if module.path == path)

    def find(self, subject: Term) -> tuple[OpenModule, int] | None:
        """Return the module with the block of a subject, and its place."""
        for module in self.modules:
            for at, block in enumerate(module.file.blocks):
                if block.subject == subject:
                    return module, at
        return None


@dataclass
class Applying:
    """An edit on its way into the modules.

    :param dropped: statements that fit nowhere and are left out, in words.
    """

    edits: Edits
    sources: OpenModules
    saved: Graph
    dropped: list[str] = field(default_factory=list)

    def run(self, added: dict[Key, ox.Triple], removed: dict[Key, ox.Triple]) -> None:
        """Change the blocks of the modules.

        :raises SourceError: with a violation for each new term without a place.
        """
        for key in removed:
            self._remove(key)
        new: dict[Subject, list[ox.Triple]] = defaultdict(list)
        axioms: dict[Subject, list[ox.Triple]] = defaultdict(list)
        for key, t in added.items():
            if key[0] == "axiom":
                axioms[t.subject].append(t)
            elif key[0] == "node":
                self.dropped.append(f"a node without a name: {key[1][:100]}")
            elif place := self.sources.find(t.subject):
                module, at = place
                module.grow(at, self._with_tree(t))
            else:
                new[t.subject].append(t)
        if violations := self._add_new(new):
            message = f"{len(violations)} terms have no place; nothing was imported."
            raise SourceError(message, violations=violations)
        for node, triples in axioms.items():
            self._annotate(node, triples)
        for module in self.sources.modules:
            if module.changed:
                self.edits.put(module.path, module.file)

    def _with_tree(self, t: ox.Triple) -> list[ox.Triple]:
        return [t, *self.saved.tree(t.object)]

    def _remove(self, key: Key) -> None:
        """Remove a statement, with the triples that only its blank node held."""
        for module in self.sources.modules:
            t = module.statements.get(key)
            if t is None:
                continue
            tree = set(module.before.tree(t.object))
            others = {o.object for o in module.before.triples if o != t and o not in tree}
            gone = {t} if t.object in others else {t, *tree}
            blocks = []
            for block in module.file.blocks:
                triples = tuple(o for o in block.triples if o not in gone)
                if triples and not _annotates_nothing(triples):
                    blocks.append(Block(block.subject, triples, block.comments))
            module.file.blocks, module.changed = blocks, True
            return
        self.dropped.append(f"the removal of what no module says: {' '.join(key)[:120]}")

    def _add_new(self, new: dict[Subject, list[ox.Triple]]) -> list[Violation]:
        """Add the blocks of new terms, those above others first."""
        violations: list[Violation] = []
        lookup = Lookup(self.edits.loaded)
        parents = _parents(new)
        kinds: dict[str, set[str]] = {}
        for subject in sorted(new, key=lambda s: (len(_above(s, parents)), text(s))):
            iri, triples = text(subject), new[subject]
            name = self.edits.loaded.name(iri)
            if not iri.startswith(iris.BASE):
                self.dropped.append(f"what is said of {name}, which is not ours")
                continue
            own = (kinds.get(parent) or lookup.kinds_of(parent) for parent in parents[subject])
            kinds[iri] = {kind for some in own for kind in some}
            path = self._home(lookup, kinds[iri], {text(t.object) for t in triples})
            if path is None:
                message = "is new, and its parents do not tell its module"
                hint = "Give it a parent below a kind, such as cdmo:Intervention."
                violations.append(error("owl-no-module", None, None, message, hint, entity=name))
                continue
            whole = [o for t in triples for o in self._with_tree(t)]
            if iri.startswith(iris.TERM):
                given = (t.predicate.value for t in triples)
                signed = signature(self.edits.loaded, given)
                whole += [ox.Triple(subject, ox.NamedNode(p), value) for p, value in signed]
            module = self.sources.module(path)
            module.file.blocks = in_order(module.file.blocks, [Block(subject, tuple(whole))])
            module.changed = True
        return violations

    def _home(self, lookup: Lookup, kinds: set[str], types: set[str]) -> Path | None:
        folder = self.edits.loaded.sources.ontology / "modules"
        if iris.OBJECT_PROPERTY in types:
            return folder / "relations.ttl"
        if types & {iris.OWL + "AnnotationProperty", iris.DATATYPE_PROPERTY}:
            return folder / "schema.ttl"
        return module_of(lookup, *kinds) if len(kinds) == 1 else None

    def _annotate(self, node: Subject, triples: list[ox.Triple]) -> None:
        """Add annotations of an axiom: to its block if there is one, else as a block."""
        ends = self.saved.ends(node)
        asked = [self.saved.canonical(end) for end in ends]
        whole = [o for t in triples for o in self._with_tree(t)]
        alike: Counter[Path] = Counter()
        for module in self.sources.modules:
            for at, block in enumerate(module.file.blocks):
                owner = block.subject
                own = module.before.ends(owner)
                if own and [module.before.canonical(end) for end in own] == asked:
                    moved = (
                        ox.Triple(owner, t.predicate, t.object) if t.subject == node else t
                        for t in whole
                    )
                    module.grow(at, moved)
                    return
                if own and isinstance(own[2], ox.Literal):
                    predicates = {t.predicate for t in block.triples}
                    alike[module.path] += triples[0].predicate in predicates
        place = self.sources.find(ends[0])
        if place is None:
            name = self.edits.loaded.name(ends[0])
            self.dropped.append(f"what annotates an axiom of {name}")
            return
        module = place[0]
        if isinstance(ends[2], ox.Literal) and alike and alike.most_common(1)[0][1]:
            module = self.sources.module(alike.most_common(1)[0][0])
        head = [t for t in self.saved.about(node) if t.predicate.value in (iris.TYPE, *ENDS)]
        module.file.blocks.append(Block(node, (*head, *self.saved.tree(ends[2]), *whole)))
        module.changed = True


def _annotates_nothing(triples: Iterable[ox.Triple]) -> bool:
    """Tell whether only the ends of an annotated axiom are left, and no annotation."""
    predicates = {t.predicate.value for t in triples}
    return {*ENDS} <= predicates <= {*ENDS, iris.TYPE}


def _parents(new: dict[Subject, list[ox.Triple]]) -> dict[Term, list[str]]:
    return {
        subject: [
            t.object.value
            for t in triples
            if t.predicate.value in (iris.SUBCLASS, iris.TYPE)
            and isinstance(t.object, ox.NamedNode)
        ]
        for subject, triples in new.items()
    }


def _above(subject: Term, parents: dict[Term, list[str]]) -> set[Term]:
    """Return the new terms above a new term."""

    def step(term: Term) -> list[Term]:
        nodes = (ox.NamedNode(parent) for parent in parents.get(term, ()))
        return [node for node in nodes if node in parents]

    return set(closure(subject, step))
