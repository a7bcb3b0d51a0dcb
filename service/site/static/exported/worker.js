// The SPARQL engine of an export: Oxigraph as WebAssembly, in a thread that can be ended.
import init, { Store } from "../vendor/oxigraph/web.js";

let store;

async function load(address) {
  await init();
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The dataset could not be loaded: ${answer.status}`);
  let bytes = new Uint8Array(await answer.arrayBuffer());
  // Some hosts unpack what they send, so its first bytes tell and not its name.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(unpacked).arrayBuffer());
  }
  const loaded = new Store();
  loaded.load(bytes, { format: "application/n-quads", no_transaction: true });
  return loaded;
}

onmessage = async ({ data: { dataset, query, format } }) => {
  try {
    store ??= load(dataset);
    const loaded = await store;
    postMessage({ loaded: true });
    postMessage({ text: String(loaded.query(query, { results_format: format, use_default_graph_as_union: true })) });
  } catch (error) {
    // After a fault of WebAssembly itself nothing can be trusted.
    postMessage({ error: error.message ?? String(error), broken: error instanceof WebAssembly.RuntimeError });
  }
};
