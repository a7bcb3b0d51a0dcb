// Reads documents from standard input, a JSON array, and writes the N-Quads of each, a JSON array.
// The packages are in the folder where it runs.
const jsonld = require("node:module").createRequire(`${process.cwd()}/`)("jsonld");

const refuse = async (url) => {
  throw new Error(`not to be loaded: ${url}`);
};

async function main() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  const all = [];
  for (const document of JSON.parse(text)) {
    const options = { format: "application/n-quads", documentLoader: refuse, safe: false };
    all.push(await jsonld.toRDF(document, options));
  }
  process.stdout.write(JSON.stringify(all));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
