// The query page of an export: the editor of the served site over an engine in the browser.
import "./answers.js";
import { here } from "../address.js";
import { ask } from "./engine.js";

const form = document.querySelector("form.query");
const field = form.querySelector("textarea");
const asked = new URLSearchParams(location.search);

const TYPES = { csv: "text/csv", tsv: "text/tab-separated-values", json: "application/sparql-results+json", xml: "application/sparql-results+xml", turtle: "text/turtle" };

let text = asked.get("query");
if (!text && asked.get("question")) {
  const questions = await (await fetch(here("/query/examples"))).json();
  text = questions.find((question) => question.name === asked.get("question"))?.query;
}
if (text) {
  field.value = text.trim();
  form.dataset.asked = "";
  document.querySelector("#examples").open = false;
}

// Downloads: the editor fills in the form and sends it.
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = form.querySelector("#format").value;
  const status = document.querySelector("#engine");
  try {
    const result = await ask(field.value, TYPES[name]);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([result], { type: TYPES[name] }));
    link.download = `answer.${name === "turtle" ? "ttl" : name}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  } catch (error) {
    status.textContent = /^Not supported .* format/.test(error.message) ? "This query has no result in that format: a table comes as CSV, TSV, JSON or XML, a graph as Turtle." : error.message;
  }
});

await import("../editor/main.js");
