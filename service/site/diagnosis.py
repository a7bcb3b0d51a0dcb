"""The path of diagnosis: how the document says that the condition is found."""

from flask import Blueprint, render_template

from service import iris
from service.library import diagnostic_path
from service.site.site import site

bp = Blueprint("diagnosis", __name__)


@bp.get("/diagnosis/")
def diagnosis() -> str:
    """Show the tests as steps with their statements, if the release says which tests are steps."""
    path = diagnostic_path(site().library)
    every = (path.whole, *path.steps) if path else ()
    return render_template(
        "diagnosis.html",
        path=path,
        diagnoses=iris.DIAGNOSES,
        finds=(iris.DETECTS, iris.MEASURES),
        told_apart=[claim for step in every for claim in step.by(iris.DISTINGUISHES)],
        performed=path.whole.by(iris.PERFORMED_BY) if path else (),
    )
