// Names from the release: labels for results, and everything that a query may name.
import { here } from "../address.js";

const known = new Map();

/** The characters of an IRI (RFC 3987); blank nodes and words have no name to fetch. */
const IRI = /^[a-z][a-z\d+.-]*:[^\s<>"{}|\\^`[\]]+$/i;

/** Fetch label, CURIE and path of IRIs that are not known yet. */
export async function learn(iris) {
  const missing = [...new Set(iris)].filter((iri) => !known.has(iri) && IRI.test(iri)).slice(0, 5000);
  if (!missing.length) return;
  try {
    const answer = await fetch(here("/query/names"), {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(missing),
    });
    if (!answer.ok) return;
    for (const [iri, [label, curie, path]] of Object.entries(await answer.json()))
      known.set(iri, { iri, label, curie, path: path && here(path) });
  } catch {
    // without names the IRIs themselves are shown
  }
}

/** How to name and link an IRI; its own text if nothing is known of it. */
export const named = (iri) => known.get(iri) ?? { iri, label: iri, curie: null, path: null };

/** What to link for a name: our page or a web address. IRIs of other schemes may act, as `javascript:` does. */
export const address = ({ iri, path }) => path ?? (/^https?:\/\//i.test(iri) ? iri : null);

/** The text that a reader sees for a value in a result. */
export const words = (value) => (!value ? "" : value.type === "uri" ? named(value.value).label : value.value);

/** Everything that a query may name, by CURIE, and the prefixes. */
export const vocabulary = fetch(here("/query/vocabulary"))
  .then((answer) => (answer.ok ? answer.json() : { prefixes: {}, names: [] }))
  .catch(() => ({ prefixes: {}, names: [] }))
  .then(({ prefixes, names }) => {
    const things = names.map(([curie, label, kind, role, synonyms, uses]) => ({
      curie, label, kind, role, synonyms, uses, local: curie.slice(curie.indexOf(":") + 1).toLowerCase(),
      folded: [label, ...synonyms].map(fold),
    }));
    return { prefixes, things, byCurie: new Map(things.map((thing) => [thing.curie, thing])) };
  });

export function fold(text) {
  return text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
}
