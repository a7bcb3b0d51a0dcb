// Rows as a table: labels beside IRIs, links to our pages, sorting, filtering, pages.
import { here } from "../address.js";
import { choice, h, icon } from "./dom.js";
import { address, learn, named, words } from "./names.js";

const SIZES = [[50, "50"], [200, "200"], [1000, "1000"]];
const XSD = "http://www.w3.org/2001/XMLSchema#";
const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export const isNumber = (value) => value != null && value.type !== "uri" && value.value.trim() !== "" && Number.isFinite(Number(value.value));

/** A value for a reader: a name with its link, or text with its language. */
export function cell(value) {
  if (!value) return [];
  if (value.type === "uri") {
    const name = named(value.value);
    const link = h("a", { href: address(name), rel: name.path ? null : "external", title: name.iri }, name.label);
    return name.curie && name.curie !== name.label ? [link, " ", h("code", null, name.curie)] : [link];
  }
  if (value.type === "bnode") return [h("code", null, `_:${value.value}`)];
  const language = value["xml:lang"];
  const type = value.datatype?.startsWith(XSD) ? value.datatype.slice(XSD.length) : value.datatype;
  const plain = !type || ["string", "integer", "decimal", "double", "boolean", "date"].includes(type);
  return [
    language ? h("span", { lang: language }, value.value) : value.value,
    language && language !== "en" ? [" ", h("span", { class: "tag" }, language)] : [],
    plain ? [] : [" ", h("span", { class: "tag" }, type)],
  ].flat();
}

export const irisOf = (rows) => rows.flatMap((row) => Object.values(row)).filter((v) => v?.type === "uri").map((v) => v.value);

/** What the query names and the release does not have, as a list; null if that is not clear. */
async function why(query) {
  try {
    const answer = await fetch(here("/query/hints"), { method: "POST", body: new URLSearchParams({ query }) });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("#hints") : null;
  } catch {
    return null;
  }
}

export class Table {
  label = "Table";
  priority = 10;
  constructor(yasr) {
    this.yasr = yasr;
  }
  canHandleResults() {
    return Boolean(this.yasr.results?.getBindings() && this.yasr.results.getVariables().length);
  }
  getIcon() {
    return icon("M3 4h18v16H3zM3 9h18M3 14.5h18M10 4v16");
  }
  download(filename) {
    return { getData: () => this.yasr.results?.asCsv() ?? "", contentType: "text/csv", filename: `${filename || "answer"}.csv`, title: "Download the table as CSV" };
  }
  async draw() {
    const { yasr } = this;
    const columns = yasr.results.getVariables();
    const all = yasr.results.getBindings();
    const state = { filter: "", size: 50, page: 0, by: null, down: false };
    const box = h("div", { class: "answer-table" });
    yasr.resultsEl.append(box);
    if (!all.length) {
      const hints = await why(yasr.asked?.() ?? "");
      box.append(h("p", { class: "empty" }, hints ? "Nothing fits." : "Nothing fits. The article may not say."), hints ?? "");
      return;
    }
    await learn(irisOf(all));
    if (!box.isConnected) return;

    const chosen = () => {
      const filter = state.filter.toLowerCase();
      const text = (value) => (value ? `${words(value)} ${value.value} ${named(value.value).curie ?? ""}`.toLowerCase() : "");
      const rows = filter ? all.filter((row) => columns.some((name) => text(row[name]).includes(filter))) : [...all];
      if (state.by !== null) {
        const order = (a, b) => (isNumber(a) && isNumber(b) ? Number(a.value) - Number(b.value) : collator.compare(words(a), words(b)));
        rows.sort((a, b) => (state.down ? -1 : 1) * order(a[state.by], b[state.by]));
      }
      return rows;
    };
    const heads = columns.map((name) => h("th", { scope: "col" }, h("button", {
      type: "button", class: "sort",
      click: () => {
        state.down = state.by === name && !state.down;
        state.by = name;
        state.page = 0;
        show();
      },
    }, name)));
    const numeric = columns.map((name) => all.some((row) => row[name]) && all.every((row) => !row[name] || isNumber(row[name])));
    const body = h("tbody");
    const count = h("p", { class: "where", role: "status" });
    const step = (by) => () => { state.page += by; show(); };
    const back = h("button", { type: "button", class: "second", click: step(-1) }, "Previous");
    const on = h("button", { type: "button", class: "second", click: step(1) }, "Next");
    const pager = h("p", { class: "controls" }, back, on);
    const show = () => {
      const rows = chosen();
      const pages = Math.max(1, Math.ceil(rows.length / state.size));
      state.page = Math.min(Math.max(state.page, 0), pages - 1);
      const first = state.page * state.size;
      body.replaceChildren(...rows.slice(first, first + state.size).map((row) => h("tr", null, columns.map(
        (name, i) => h("td", { class: numeric[i] ? "num" : null }, cell(row[name]))))));
      heads.forEach((head, i) => {
        if (columns[i] === state.by) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
      const shown = pages > 1 ? `${first + 1} to ${Math.min(first + state.size, rows.length)} of ` : "";
      const fewer = rows.length < all.length ? ` (${all.length} without the filter)` : "";
      count.textContent = shown || fewer ? `${shown}${rows.length} row${rows.length === 1 ? "" : "s"}${fewer}` : "";
      pager.hidden = pages === 1;
      back.disabled = state.page === 0;
      on.disabled = state.page === pages - 1;
    };
    const filter = h("input", { type: "search", placeholder: "Filter the rows", "aria-label": "Filter the rows", input: () => { state.filter = filter.value.trim(); state.page = 0; show(); } });
    const tools = all.length > 8 ? [filter] : [];
    if (all.length > SIZES[0][0]) tools.push(h("span", null, choice("Rows on a page", SIZES, state.size, (size) => { state.size = Number(size); show(); })));
    box.append(h("div", { class: "controls" }, count, h("span", { class: "spacer" }), ...tools),
      h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Rows of the answer" },
        h("table", null, h("caption", { class: "hidden" }, "Answer to the query"), h("thead", null, h("tr", null, heads)), body)), pager);
    show();
  }
}

/** The answer to ASK. */
export class YesNo {
  priority = 10;
  hideFromSelection = true;
  constructor(yasr) {
    this.yasr = yasr;
  }
  canHandleResults() {
    return typeof this.yasr.results?.getBoolean() === "boolean";
  }
  getIcon() {}
  draw() {
    this.yasr.resultsEl.append(h("p", { class: "definition", role: "status" }, this.yasr.results.getBoolean() ? "Yes." : "No."));
  }
}

const SHOWN = 200_000;

/** The body of the answer, unchanged. */
export class Raw {
  label = "Response";
  priority = 2;
  constructor(yasr) {
    this.yasr = yasr;
  }
  canHandleResults() {
    return Boolean(this.yasr.results && !this.yasr.results.hasError() && this.yasr.results.getOriginalResponseAsString());
  }
  getIcon() {
    return icon("M8 5 3 12l5 7M16 5l5 7-5 7");
  }
  download(filename) {
    const { results } = this.yasr;
    const type = { json: "srj", xml: "srx" }[results.getType()] ?? results.getType() ?? "txt";
    return { getData: () => results.getOriginalResponseAsString(), contentType: results.getContentType() ?? "text/plain", filename: `${filename || "answer"}.${type}`, title: "Download the response" };
  }
  draw() {
    const { results, resultsEl } = this.yasr;
    let text = results.getOriginalResponseAsString();
    if (results.getType() === "json" && text.length < SHOWN) text = JSON.stringify(JSON.parse(text), null, 2);
    if (text.length > SHOWN) resultsEl.append(h("p", { class: "where" }, "The beginning; a download has all of it."));
    resultsEl.append(h("p", { class: "where" }, "As ", h("code", null, results.getContentType() ?? "text")),
      h("pre", { class: "code", tabindex: "0", role: "region", "aria-label": "Response" }, h("code", null, text.slice(0, SHOWN))));
  }
}
