// An export has no server behind it: what the site's scripts ask one for is answered here, from files.
import { here } from "../address.js";
import { search } from "./lookup.js";

const FILES = { "/query/vocabulary": "/query/vocabulary.json", "/query/examples": "/query/examples.json" };
const ANSWERS = { "/suggest": suggest, "/sparql": sparql, "/query/names": names, "/query/code": code, "/query/hints": () => new Response("") };
const ROOT = here("/");
const served = window.fetch.bind(window);

window.fetch = (resource, options) => {
  const request = new Request(resource, options);
  const path = request.url.startsWith(ROOT) ? `/${request.url.slice(ROOT.length).replace(/[?#].*/, "")}` : "";
  if (FILES[path]) return served(here(FILES[path]));
  return ANSWERS[path] ? ANSWERS[path](request) : served(resource, options);
};

const json = (value, status = 200) => new Response(JSON.stringify(value), { status, headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json" } });

async function suggest(request) {
  const { hits, partial } = await search(new URL(request.url).searchParams.get("q") ?? "");
  return json((partial ? [] : hits.slice(0, 10)).map(({ entry, matched }) => ({ ...entry, names: undefined, words: undefined, matched })));
}

let known;

async function names(request) {
  known ??= served(here("/query/names.json")).then((answer) => answer.json());
  const all = await known;
  return json(Object.fromEntries((await request.json()).filter((iri) => all[iri]).map((iri) => [iri, all[iri]])));
}

/** The query as code that asks a copy of the dataset, since there is no endpoint to ask. */
async function code(request) {
  const { DATASET } = await import("./engine.js");
  const query = new URLSearchParams(await request.text()).get("query") ?? "";
  const text = `# pip install pyoxigraph
import gzip
import urllib.request

import pyoxigraph as ox

store = ox.Store()
with urllib.request.urlopen(${JSON.stringify(DATASET)}) as file:
    store.load(gzip.decompress(file.read()), format=ox.RdfFormat.N_QUADS)
query = ${JSON.stringify(query)}
for row in store.query(query, use_default_graph_as_union=True):
    print(row)
`;
  return json([["SPARQL", query], ["Python, pyoxigraph", text]]);
}

const KINDS = ["application/sparql-results+json", "text/turtle"];

/** Answer a query in the browser: as JSON, or as Turtle if its result is a graph. */
async function sparql(request) {
  const { ask } = await import("./engine.js");
  const parameters = new URLSearchParams(request.method === "POST" ? await request.text() : new URL(request.url).search);
  const query = parameters.get("query") ?? "";
  const wanted = request.headers.get("Accept")?.split(",")[0].trim();
  const [first, second] = wanted === KINDS[1] ? [...KINDS].reverse() : KINDS;
  for (const format of [first, second]) {
    try {
      return new Response(await ask(query, format, request.signal), { headers: { "Content-Type": format } });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      if (format === first && /^Not supported .* format media type/.test(error.message)) continue;
      return json(problem(error.message), 400);
    }
  }
}

function problem(message) {
  const place = /error at (\d+):(\d+): expected (?:one of )?([^]*)/.exec(message);
  if (!place) return { title: "The query cannot be answered", detail: message };
  const expected = place[3].split(", ").filter((word) => /^[A-Z][A-Z ]+$/.test(word)).slice(0, 8);
  const detail = `The query cannot be read beyond line ${place[1]}, column ${place[2]}.`;
  return { title: "Malformed query", detail, line: Number(place[1]), column: Number(place[2]), ...(expected.length ? { hint: `Expected: ${expected.join(", ")}.` } : {}) };
}
