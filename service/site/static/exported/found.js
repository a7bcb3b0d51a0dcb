// The search page of an export: what fits `q`, by sorts, the sort of the best hit first.
import { here } from "../address.js";
import { h } from "../editor/dom.js";
import { search } from "./lookup.js";

const HEADINGS = { term: "Terms", statement: "Statements", question: "Questions", tension: "Disagreements", section: "Sections", model: "Words of this site" };
const AT_ONCE = 8, UNFOLDED = 60;

const main = document.querySelector("#found");
// The forms of lists lead here too, each with the name of its field.
const asked = new URLSearchParams(location.search);
const words = (asked.get("q") ?? asked.get("code") ?? asked.get("term") ?? "").trim().slice(0, 200);
const status = document.querySelector("#count");
if (words) show(words);

async function show(words) {
  document.querySelector("h1").textContent = `“${words}”`;
  document.title = `Search: ${words} · ${document.querySelector("meta[property='og:site_name']").content}`;
  document.querySelector("#q").value = words;
  status.textContent = "Searching …";
  const { hits, partial } = await search(words).catch(() => ({ hits: null }));
  if (!hits) return void (status.textContent = "The index of names could not be loaded. Load the page again.");
  status.textContent = partial ? "Nothing here has all of these words. What follows has some of them." : hits.length ? `${hits.length} found` : "Nothing here is called so.";
  const groups = new Map();
  for (const hit of hits) groups.set(hit.entry.group, [...(groups.get(hit.entry.group) ?? []), hit]);
  main.replaceChildren(...[...groups].map(([name, group]) => h("section", { "aria-labelledby": name },
    h("h2", { id: name }, HEADINGS[name] ?? name, " ", h("span", { class: "count" }, String(group.length))),
    h("ul", { class: "hits" }, group.slice(0, AT_ONCE).map(line)),
    group.length > AT_ONCE ? h("details", null, h("summary", null, `${Math.min(group.length - AT_ONCE, UNFOLDED)} more`), h("ul", { class: "hits" }, group.slice(AT_ONCE, AT_ONCE + UNFOLDED).map(line))) : null)));
}

function line({ entry, why, matched, where }) {
  const says = { synonym: `also called ${matched}`, word: `for “${matched}”`, mapped: `${matched} in ${where.join(", ")}`, near: `comes near to ${matched} in ${where.join(", ")}`, code: matched, spelling: "similar spelling" }[why];
  return h("li", null, h("a", { href: here(entry.path) }, entry.label),
    entry.group === "term" || entry.group === "model" ? [" ", h("span", { class: "tag" }, entry.kind)] : null,
    says ? [" ", h("span", { class: "where" }, says)] : null,
    entry.note ? [" ", h("span", { class: "where" }, `· ${entry.note}`)] : null,
    entry.definition ? h("p", { class: "gloss" }, entry.definition) : null);
}
