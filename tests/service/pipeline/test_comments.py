"""Derived comments, which give the labels of opaque identifiers."""

import shutil
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import cli, iris
from service.names import Names
from service.pipeline import build, check
from service.pipeline.comments import stale_lines, with_derived, without_derived
from service.pipeline.format import format_sources
from service.pipeline.violations import Violation
from service.problems import SourceError
from service.rdf.terms import text
from service.rdf.turtle import Writer
from service.release import Release, open_store
from service.sources import Sources, locate

PREFIXES = dict(Names.load(locate().ontology / "prefixes.ttl").prefixes)
HEAD = """\
@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
KNEE = 'CDMO:0000001\n    rdfs:label "knee"@en .\n'
JOINT = 'CDMO:0000002\n    rdfs:label "joint"@en .\n'


def formatted(path: Path, blocks: str) -> str:
    """Return formatted blocks, after checking that formatting again changes nothing."""
    path.write_text(HEAD + blocks)
    format_sources([path], PREFIXES)
    text = path.read_text()
    assert format_sources([path], PREFIXES) == []
    return text.partition("\n\n")[2]


def edited(sources: Sources, name: str, old: str, new: str) -> Path:
    path = sources.ontology / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def reformat(sources: Sources) -> list[str]:
    paths = format_sources(sources.turtle_files, PREFIXES, sources=sources)
    return [str(path.relative_to(sources.ontology)) for path in paths]


def stale(sources: Sources) -> list[Violation]:
    return [v for v in check(sources) if v.rule == "comment-stale"]


# -- their text and their place -----------------------------------------------------------------


def test_a_claim_has_its_label_above_and_its_terms_labels_at_line_ends(
    tiny_sources: Sources,
) -> None:
    claims = (tiny_sources.ontology / "claims" / "claims.ttl").read_text()
    assert (
        """
#: inspection is not used in diagnosing green knee
claim:0000007 a cdmo:Claim ;
    cdmo:subject CDMO:0000200 ;  #: inspection
    cdmo:relation cdmo:diagnoses ;
    cdmo:object CDMO:0000001 ;  #: green knee
    cdmo:polarity cdmo:negative ;
    cdmo:citation [ cdmo:passage passage:cdct-009 ; cdmo:assertion cdmo:"""
        in claims
    )


def test_the_comment_above_a_claim_is_its_label(tiny_sources: Sources, release: Release) -> None:
    lines = (tiny_sources.ontology / "claims" / "claims.ttl").read_text().splitlines()
    claims = {
        line.split()[0]: above.removeprefix("#: ")
        for above, line in pairwise(lines)
        if line.startswith("claim:")
    }
    assert len(claims) == 14
    quads = open_store(release).quads_for_pattern(None, ox.NamedNode(iris.LABEL), None, None)
    names = Names(release.manifest.prefixes)
    labels = {
        str(names.curie(text(quad.subject))): text(quad.object)
        for quad in quads
        if "/claim/" in text(quad.subject) and "#" not in text(quad.subject)
    }
    assert claims == labels


def test_a_tension_names_its_claims(tiny_sources: Sources) -> None:
    """Each claim gets its own line if their labels do not fit on one."""
    text = (tiny_sources.ontology / "claims" / "tensions.ttl").read_text()
    line = "    cdmo:concerns claim:0000011 , claim:0000012 ;"
    assert f"{line}  #: washing does not treat green knee | washing treats green knee\n" in text


def test_objects_whose_labels_do_not_fit_get_a_line_each(tmp_path: Path) -> None:
    text = formatted(
        tmp_path / "terms.ttl",
        f"{JOINT} CDMO:0000001 rdfs:label 'the knee, {'or the other knee, ' * 3}' ."
        "CDMO:0000003 rdfs:label 'thing' ; rdfs:seeAlso CDMO:0000002 , CDMO:0000001 .",
    )
    knee = "the knee, or the other knee, or the other knee, or the other knee,"
    assert text.endswith(f"""
    rdfs:seeAlso CDMO:0000001 ,  #: {knee}
                 CDMO:0000002 .  #: joint
""")


def test_several_identifiers_of_a_line_are_named_in_their_order(tmp_path: Path) -> None:
    nested = "[ owl:unionOf ( CDMO:0000002 CDMO:0000001 ) ]"
    text = formatted(
        tmp_path / "terms.ttl",
        f"CDMO:0000001 rdfs:label 'knee' ; rdfs:subClassOf CDMO:0000002 , {nested} .\n"
        "CDMO:0000002 rdfs:label 'joint' ; rdfs:seeAlso CDMO:0000001 , CDMO:0000002 .",
    )
    assert f"    rdfs:subClassOf CDMO:0000002 , {nested} .  #: joint | joint | knee\n" in text
    assert "    rdfs:seeAlso CDMO:0000001 , CDMO:0000002 .  #: knee | joint\n" in text


def test_a_comment_that_does_not_fit_goes_above_the_line(tmp_path: Path) -> None:
    words = ["knuckle"] * 20
    text = formatted(
        tmp_path / "terms.ttl",
        f"CDMO:0000001 rdfs:label 'knee' ; rdfs:subClassOf CDMO:0000002 , CDMO:0000003 .\n"
        f"CDMO:0000002 rdfs:label '{' '.join(words)}' . CDMO:0000003 rdfs:label 'part' .",
    )
    assert text.startswith(f"""\
CDMO:0000001
    rdfs:label "knee" ;
    #: {" ".join(words[:14])}
    #: {" ".join(words[14:])}
    rdfs:subClassOf CDMO:0000002 ,
                    CDMO:0000003 .  #: part
""")


def test_a_block_without_a_label_has_a_comment_above_it(tmp_path: Path) -> None:
    """Waivers and display words are such blocks. A subject with its label needs no comment."""
    more = "CDMO:0000001\n    rdfs:seeAlso CDMO:0000002 ."
    text = formatted(tmp_path / "terms.ttl", f"{KNEE}\n{JOINT}")
    assert text == f"{KNEE}\n{JOINT}"
    path = tmp_path / "more.ttl"
    path.write_text(HEAD + more)
    format_sources([path, tmp_path / "terms.ttl"], PREFIXES)
    assert path.read_text().endswith(f"\n#: knee\n{more}  #: joint\n")


def test_predicates_strings_and_unlabelled_resources_get_no_comment(tmp_path: Path) -> None:
    blocks = f"""{KNEE}
CDMO:0000003
    rdfs:label "thing"@en ;
    CDMO:0000001 \"\"\"
CDMO:0000001 rdfs:seeAlso CDMO:0000001 .
    #: not a comment
\"\"\" ;
    owl:sameAs [ CDMO:0000001 CDMO:0000004 ] .
"""
    assert formatted(tmp_path / "terms.ttl", blocks) == blocks


def test_a_string_over_several_lines_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    text = formatted(
        path,
        f"{KNEE} CDMO:0000003 rdfs:label 'thing' ; rdfs:seeAlso"
        " [ owl:sameAs CDMO:0000001 ; rdfs:comment '''one\ntwo''' ; rdfs:seeAlso CDMO:0000001 ] .",
    )
    assert text.endswith("""
    #: knee | knee
    rdfs:seeAlso [ owl:sameAs CDMO:0000001 ; rdfs:comment \"\"\"one
two\"\"\" ; rdfs:seeAlso CDMO:0000001 ] .
""")


def test_identifiers_of_other_ontologies_get_comments_too(tmp_path: Path) -> None:
    """A project with only Turtle files has no rule for claims, and perhaps no labels."""
    path = tmp_path / "other.ttl"
    prefixes = {"obo": "http://purl.obolibrary.org/obo/", "rdfs": iris.RDFS, "ex": "http://ex.org/"}
    path.write_text(
        "obo:HP_0000118 rdfs:label 'anomalie'@fr , 'abnormality'@en , 'absence'@en . "
        "ex:word rdfs:label 'readable' ."
        "obo:HP_0001324 rdfs:subClassOf obo:HP_0000118 , obo:HP_0000001 , ex:word ."
    )
    format_sources([path], prefixes)
    text = path.read_text()
    assert "rdfs:subClassOf ex:word , obo:HP_0000001 , obo:HP_0000118 .  #: abnormality\n" in text
    assert text.count("#: ") == 1


# -- comments of people -------------------------------------------------------------------------

PEOPLE = """\
# at the top
@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

# above
#: drawn
# between comments
CDMO:0000001 rdfs:label "knee"@en ;  #: drawn   # behind a derived one
    # inside
    rdfs:subClassOf CDMO:0000002 ;  # behind
    rdfs:seeAlso (
        CDMO:0000002  # in a list
        CDMO:0000001  #: drawn
    ) .  # behind the block
#: drawn  #: drawn too # at the end of a derived one
CDMO:0000002 rdfs:label "joint"@en .

#:no mark
#
# at the end  #: not drawn
"""


def test_comments_of_people_stay_and_derived_ones_are_replaced(tmp_path: Path) -> None:
    path = tmp_path / "terms.ttl"
    path.write_text(PEOPLE)
    assert format_sources([path], PREFIXES) == [path]
    assert (
        path.read_text()
        == """\
# at the top
@prefix CDMO: <https://w3id.org/cdmo/id/CDMO_> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

# above
# between comments
# behind a derived one
# inside
# behind
# in a list
# behind the block
CDMO:0000001
    rdfs:label "knee"@en ;
    rdfs:subClassOf CDMO:0000002 ;  #: joint
    rdfs:seeAlso ( CDMO:0000002 CDMO:0000001 ) .  #: joint | knee

# at the end of a derived one
CDMO:0000002
    rdfs:label "joint"@en .

#:no mark
#
# at the end  #: not drawn
"""
    )
    assert format_sources([path], PREFIXES) == []


@given(
    st.lists(st.tuples(st.text(max_size=30), st.booleans()), min_size=1, max_size=6),
    st.integers(min_value=1, max_value=5),
)
def test_labels_of_any_form_change_only_comments(labels: list[tuple[str, bool]], step: int) -> None:
    """Labels contain any characters and line ends; derived comments can be removed completely."""
    terms = [ox.NamedNode(f"https://w3id.org/cdmo/id/CDMO_{i}") for i in range(len(labels))]
    triples, names = [], {}
    for i, (label, states_it) in enumerate(labels):
        names[f"CDMO:{i}"] = " ".join(label.replace("#", "").split()) or "nothing"
        node, other = ox.BlankNode(f"b{i}"), terms[(i + step) % len(terms)]
        predicate = iris.LABEL if states_it else iris.RDFS + "comment"
        for subject, name, value in (
            (terms[i], predicate, ox.Literal(label)),
            (terms[i], iris.SUBCLASS, other),
            (terms[i], iris.SUBCLASS, node),
            (node, iris.SAME_AS, other),
            (node, iris.RDFS + "comment", ox.Literal(label)),
        ):
            triples.append(ox.Triple(subject, ox.NamedNode(name), value))
    plain = Writer(triples, PREFIXES, words=names).document()
    text = with_derived(plain, names)
    assert stale_lines(plain, names)
    assert stale_lines(text, names) == {}
    assert without_derived(text) == plain
    before, after = (list(ox.parse(t, ox.RdfFormat.TURTLE)) for t in (plain, text))
    assert len(before) == len(after)


# -- when they are stale ------------------------------------------------------------------------


def test_a_renamed_term_makes_comments_stale_until_they_are_written_anew(tiny: Sources) -> None:
    assert stale(tiny) == []
    edited(tiny, "modules/terms.ttl", '"green knee"@en', '"emerald knee"@en')
    claims = tiny.ontology / "claims" / "claims.ttl"
    lines = claims.read_text().splitlines()
    violations = {v.file: v for v in stale(tiny)}
    names = ["claims/claims.ttl", "claims/tensions.ttl", "dataset.ttl"]
    assert violations.keys() == {tiny.ontology / name for name in names}
    violation = violations[claims]
    assert violation.line == next(n for n, x in enumerate(lines, 1) if x.startswith("#: green"))
    assert violation.message.startswith("derived comments of 1")
    assert violation.message.endswith("expected: #: emerald knee is a kind of rare disorder")
    assert violation.hint == "Run: cdmo format"
    assert reformat(tiny) == names
    assert "green knee" not in claims.read_text()
    assert stale(tiny) == []
    assert reformat(tiny) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("CDMO:0000200 ;  #: inspection", "CDMO:0000200 ;", "#: inspection"),
        ("#: inspection detects green spot\n", "", "#: inspection detects green spot"),
        ("detects ;\n", "detects ;  #: detecting\n", "none"),
        ("cdmo:object CDMO:0000400 ;  #: skin", "cdmo:object CDMO:0000401 ;  #: skin", "#: "),
    ],
)
def test_a_missing_or_false_comment_is_reported(
    tiny: Sources, old: str, new: str, expected: str
) -> None:
    edited(tiny, "claims/claims.ttl", old, new)
    (violation,) = [v for v in stale(tiny) if v.file and v.file.name == "claims.ttl"]
    assert f"expected: {expected}" in violation.message
    reformat(tiny)
    assert stale(tiny) == []


def test_a_derived_comment_that_explains_nothing_is_reported(tiny: Sources) -> None:
    path = tiny.ontology / "claims" / "claims.ttl"
    with path.open("a") as file:
        file.write("#: left behind\n")
    (violation,) = stale(tiny)
    assert violation.line == len(path.read_text().splitlines())


def test_comments_of_people_are_not_checked(tiny: Sources) -> None:
    edited(tiny, "claims/claims.ttl", "claim:0000006 a", "# Is it so?\nclaim:0000006 a")
    assert stale(tiny) == []


def test_stale_comments_stop_no_build(tiny: Sources, tmp_path: Path) -> None:
    edited(tiny, "claims/claims.ttl", "  #: inspection", "  #: look")
    assert stale(tiny)
    build(tiny, tmp_path / "dist")


def test_a_single_file_is_formatted_with_the_labels_of_all_files(tiny: Sources) -> None:
    edited(tiny, "modules/terms.ttl", '"green knee"@en', '"emerald knee"@en')
    path = tiny.ontology / "claims" / "claims.ttl"
    assert format_sources([path], PREFIXES, sources=tiny) == [path]
    assert "  #: emerald knee\n" in path.read_text()


def test_an_unreadable_file_costs_no_other_file_its_comments(tiny: Sources) -> None:
    path = edited(tiny, "modules/terms.ttl", '"itch"@en ;', '"itch"@en')
    claims = edited(tiny, "claims/claims.ttl", "cdmo:Claim ;", "cdmo:Claim  ;")
    before = claims.read_text()
    with pytest.raises(SourceError) as caught:
        format_sources([claims], PREFIXES, sources=tiny)
    assert [v.file for v in caught.value.extras["violations"]] == [path]
    assert claims.read_text() == before


def test_the_command_line_checks_and_formats(
    tiny: Sources, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    monkeypatch.chdir(tiny.ontology)
    edited(tiny, "modules/terms.ttl", '"itch"@en', '"tickle"@en')
    assert cli.main(["format", "--check", "claims/claims.ttl"]) == 1
    assert cli.main(["check"]) == 1
    assert "claims/claims.ttl:" in (output := capsys.readouterr().out)
    assert "error[comment-stale]: derived comments of" in output
    assert cli.main(["format", "claims/claims.ttl"]) == 0
    assert cli.main(["format", "--check", "claims/claims.ttl"]) == 0


def test_a_file_outside_the_project_uses_its_own_labels(
    tiny: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.sources.locate", lambda: tiny)
    path = tmp_path / "other.ttl"
    shutil.copy(tiny.ontology / "claims" / "claims.ttl", path)
    assert cli.main(["format", str(path)]) == 0
    assert "#: " not in path.read_text()
