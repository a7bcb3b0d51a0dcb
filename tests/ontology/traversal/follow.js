// Answers a query by following IRIs from a seed, with Comunica's link traversal.
//
//   node follow.js BASE HOST SEED < query.rq
//
// Every address under BASE (the published one) is fetched from HOST; no other address is fetched at
// all. Prints one JSON object: `rows`, and what was `followed` and `refused`.
import { readFileSync } from 'node:fs';
import { QueryEngine } from '@comunica/query-sparql-link-traversal';

const [base, host, seed] = process.argv.slice(2);
const query = readFileSync(0, 'utf8');
const followed = new Set();
const refused = new Set();

async function localFetch(input, init) {
  const address = typeof input === 'string' ? input : (input.url ?? input.href);
  if (!address.startsWith(base)) {
    refused.add(address);
    return new Response('', { status: 404 });
  }
  followed.add(address);
  const response = await fetch(host + address.slice(base.length), init);
  // As at the published address, which redirects here: w3id.org hands the path on unchanged.
  Object.defineProperty(response, 'url', { value: response.url.replace(host, base) });
  return response;
}

const stream = await new QueryEngine().queryBindings(query, {
  sources: [seed],
  fetch: localFetch,
  lenient: true,
});
const rows = [];
for await (const row of stream) {
  rows.push(Object.fromEntries([...row].map(([variable, term]) => [variable.value, term.value])));
}
console.log(JSON.stringify({ rows, followed: [...followed].sort(), refused: [...refused].sort() }));
