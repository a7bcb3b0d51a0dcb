"""The path of diagnosis: how the document says that the condition is found."""

from flask import Blueprint, render_template

from service import iris
from service.library import Claim, Step, diagnostic_path
from service.site.site import site

bp = Blueprint("diagnosis", __name__)


FINDS = (iris.DETECTS, iris.MEASURES, iris.ASSESSES, iris.INDICATES)
"""What a test is for."""


@bp.get("/diagnosis/")
def diagnosis() -> str:
    """Show the tests as steps with their statements, if the release says which tests are steps."""
    path = diagnostic_path(site().library)
    every = (path.whole, *path.steps) if path else ()
    return render_template(
        "diagnosis.html",
        path=path,
        diagnoses=iris.DIAGNOSES,
        finds=[finds_of(step) for step in path.steps] if path else [],
        told_apart=[claim for step in every for claim in step.by(iris.DISTINGUISHES)],
        performed=path.whole.by(iris.PERFORMED_BY) if path else (),
    )


def finds_of(step: Step) -> list[Claim]:
    """Return the claims on what the tests of a step find, one for each pair that they join."""
    pairs: dict[tuple[str, str, str], Claim] = {}
    for claim in step.by(*FINDS):
        pair = (claim.subject.iri, claim.relation.name, claim.object.iri)
        if pair not in pairs or len(claim.qualifiers) < len(pairs[pair].qualifiers):
            pairs[pair] = claim
    return list(pairs.values())
