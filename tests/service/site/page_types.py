"""Pages of the small release: one at least of each sort, and those with a macro of their own.

Tests of templates and tests in a browser go through all of them. A template of a page that none of
them renders, or a sort of resource that none of them describes, fails ``test_page_types.py``.
"""

FOUND = (
    "/",
    "/about",
    "/browse/",
    "/browse/Intervention",
    "/browse/Intervention?order=name",
    "/browse/Intervention?standing=qualified",
    "/statements/",
    "/statements/?narrowed=CDMO_0000001",
    "/questions/",
    "/questions/?q=drug",
    "/tensions/",
    "/tensions/?section=cdct-drugs&term=bisphosphonate",
    "/matrix/",
    "/matrix/?intervention=CDMO_0000002",
    "/diagnosis/",
    "/mappings/",
    "/mappings/?vocabulary=HP",
    "/mappings/?code=pain",
    "/compare",
    "/compare?a=bisphosphonate&b=medication",
    "/search",
    "/search?q=pain",
    "/search?q=bisphosphonate+zebra",
    "/search?q=qqqqqq",
    "/changes",
    "/terms/",
    "/passages/",
    "/api/",
    "/recipes/",
    "/downloads",
    "/reconcile/preview?id=CDMO:0000003",
    "/problems/",
    "/problems/query-timeout",
    "/sparql",
    "/query?question=off-label",
    "/query?edit=1&question=off-label",
    "/doc/id/CDMO_0000001.html",
    "/doc/id/CDMO_0000003.html",
    "/doc/id/CDMO_0000005.html",
    "/doc/id/CDMO_0000006.html",
    "/doc/id/CDMO_0000007.html",
    "/doc/id/CDMO_0000008.html",
    "/doc/id/CDMO_0000012.html",
    "/doc/claim/0000001.html",
    "/doc/passage/cdct-001.html",
    "/doc/passage/cdct-002.html",
    "/doc/source/cdct.html",
    "/doc/source/cdct-drugs.html",
    "/doc/source/cdct-list-001.html",
    "/doc/tension/0001.html",
    "/doc/question/off-label.html",
    "/doc/schema/treats.html",
    "/doc/schema/Intervention.html",
    "/doc/schema/qualified.html",
    "/doc/mapping/hp.html",
    "/doc/graph/claims.html",
    "/doc/ontology.html",
)
"""Pages that are there."""

PROBLEMS = {
    "/nonsense": 404,
    "/doc/id/CDMO_9999999.html": 404,
    "/matrix/?order=x": 404,
    "/doc/id/CDMO_0000001?format=zip": 406,
    "/query?query=SELECT": 400,
    "/sparql?query=SELECT": 400,
    "/sparql?update=CLEAR+ALL": 403,
}
"""Pages of problems, with the status of each. Those of ``/sparql`` need the whole service."""

PAGES = (*FOUND, *PROBLEMS)
