// The competency questions as examples, with their plain words.
import { here } from "../address.js";
import { h } from "./dom.js";
import { fold } from "./names.js";

const FIRST = 40;

/** Make the list of examples complete and searchable; `choose` is called with the chosen one. */
export async function offer(choose) {
  const box = document.querySelector("#examples");
  const list = box?.querySelector("ul");
  const answer = await fetch(here("/query/examples")).catch(() => null);
  if (!answer?.ok) return [];
  const all = await answer.json();
  if (!list) return all;
  const page = document.querySelector("form.query").action;
  for (const example of all) example.folded = ` ${fold(`${example.label} ${example.comment}`)}`;
  const count = h("p", { class: "where", role: "status" });
  const show = () => {
    const words = fold(filter.value).split(" ").filter(Boolean);
    const hits = all.filter(({ folded }) => words.every((word) => folded.includes(` ${word}`)));
    count.textContent = words.length ? `${hits.length} of ${all.length} questions` : `${all.length} questions`;
    list.replaceChildren(...hits.slice(0, words.length ? 200 : FIRST).map((example) => h("li", null,
      h("a", {
        href: `${page}?question=${encodeURIComponent(example.name)}`,
        click: (event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          box.open = false;
          choose(example);
        },
      }, example.label), example.comment ? h("span", { class: "gloss" }, example.comment) : null)));
  };
  const filter = h("input", { id: "example", type: "search", autocomplete: "off", placeholder: "drug, off-label, passage …", input: show });
  list.before(h("p", { class: "controls" }, h("label", { for: "example" }, "Find a question"), filter, h("span", { class: "spacer" }), count));
  list.setAttribute("tabindex", "0");
  list.setAttribute("aria-label", "Questions");
  show();
  return all;
}
