// The query editor: YASGUI with this release's names, examples and views. Only the query page loads it;
// without it the plain form on the same page does the same work.
import { here } from "../address.js";
import { h, shorten } from "./dom.js";
import { annotate, register } from "./complete.js";
import { offer } from "./examples.js";
import { Chart } from "./chart.js";
import { Graph } from "./graph.js";
import { clear, explain, go, mark, read } from "./problem.js";
import { Raw, Table, YesNo } from "./table.js";

const Yasgui = window.Yasgui;
const form = document.querySelector("form.query");
const box = document.querySelector("#editor");
const ENDPOINT = here("/sparql");
const BLANK = `PREFIX CDMO: <https://w3id.org/cdmo/id/CDMO_>
PREFIX cdmo: <https://w3id.org/cdmo/schema/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT * WHERE {
  ?thing rdfs:label ?name .
}
LIMIT 50`;
const VIEWS = ["table", "chart", "graph", "response"];

if (Yasgui && form && box) start();

function start() {
  const { Yasqe, Yasr, Tab } = Yasgui;
  const given = form.querySelector("textarea").value;
  const alert = document.querySelector("#problem");
  const editing = new URLSearchParams(location.search).has("edit");
  let examples = [];

  register(Yasqe);
  Object.assign(Yasqe.defaults, { editorHeight: "auto", resizeable: false, viewportMargin: Infinity, showQueryButton: false, screenReaderLabel: "SPARQL query", value: BLANK });
  // Tab leaves the editor, as it leaves any field (WCAG 2.1.2); Ctrl+] and Ctrl+[ indent.
  Object.assign(Yasqe.defaults.extraKeys, { Tab: false, "Shift-Tab": false, "Ctrl-S": false, "Shift-Ctrl-F": false });
  for (const [name, view] of Object.entries({ table: Table, chart: Chart, graph: Graph, response: Raw, boolean: YesNo })) Yasr.registerPlugin(name, view);
  Object.assign(Yasr.defaults, { pluginOrder: VIEWS, maxPersistentResponseSize: 0 });
  Yasr.defaults.errorRenderers = [async (error) => explain(read(error.text), yasgui.getTab().getYasqe())];

  Tab.prototype.getShareableLink = function () {
    return link(this).href;
  };
  const show = Tab.prototype.show;
  Tab.prototype.show = function () {
    show.call(this);
    if (!this.dressed) dress(this);
    queueMicrotask(describe);
  };

  box.hidden = false;
  const yasgui = new Yasgui(box, {
    autoAddOnInit: false,
    autofocus: false,
    copyEndpointOnNewTab: false,
    persistenceId: "cdmo",
    populateFromUrl: false,
    requestConfig: { endpoint: ENDPOINT, method: "POST", acceptHeaderGraph: "text/turtle", acceptHeaderSelect: "application/sparql-results+json" },
    endpointCatalogueOptions: { getData: () => [] },
  });
  form.hidden = true;
  document.querySelector("#answer")?.closest("section").remove();
  label(box);

  if (form.hasAttribute("data-asked")) {
    const tab = open(given);
    const view = new URLSearchParams(location.search).get("view");
    if (VIEWS.includes(view)) tab.getYasr().selectPlugin(view);
    if (alert) {
      const { line, column, hint, token } = alert.dataset;
      const problem = { line: Number(line), column: Number(column), hint, token, detail: alert.querySelector("p").textContent };
      mark(tab.getYasqe(), problem);
      if (line) go(tab.getYasqe(), problem);
    }
    else if (!editing) run(tab);
  }
  if (!yasgui.getTab()) yasgui.addTab(true, { yasqe: { value: given } });
  offer((example) => {
    run(open(example.query, example.label));
    box.scrollIntoView({ block: "start" });
  }).then((all) => {
    examples = all;
    describe();
  });
  addEventListener("popstate", () => {
    const query = new URLSearchParams(location.search).get("query");
    if (query) run(open(query));
  });
  yasgui.on("tabClose", () => queueMicrotask(() => {
    if (!Object.keys(yasgui._tabs).length) yasgui.addTab(true);
  }));
  const list = box.querySelector(".tabsList");
  new MutationObserver(() => label(box)).observe(list, { childList: true });
  yasgui.on("tabSelect", () => setTimeout(() => showTab(list)));
  showTab(list);
  document.documentElement.dataset.editor = "ready";

  /** Open a query in the tab that has it, else in an empty one or a new one. */
  function open(query, name) {
    const same = Object.values(yasgui._tabs).find((tab) => tab.getPersistedJson().yasqe.value.trim() === query.trim());
    if (same) {
      same.select();
      if (yasgui.getTab() !== same) yasgui.selectTabId(same.getId());
      return same;
    }
    return yasgui.addTab(true, { ...(name ? { name: yasgui.createTabName(shorten(name, 28)) } : {}), yasqe: { value: query } });
  }

  function run(tab) {
    tab.query().catch(() => {}); // shown among the results
  }

  function link(tab) {
    const url = new URL(form.action);
    url.searchParams.set("query", tab.getQuery());
    const view = tab.getYasr().getSelectedPluginName();
    if (view !== "table") url.searchParams.set("view", view);
    return url;
  }

  /** Add the controls to a tab, and mark problems and names in its query. */
  function dress(tab) {
    tab.dressed = true;
    const editor = tab.getYasqe();
    const results = tab.getYasr();
    results.asked = () => tab.getQuery();
    const status = h("span", { class: "where", role: "status" });
    const runs = h("button", { type: "button", click: () => (runs.busy ? editor.abortQuery() : run(tab)) }, "Run");
    const say = (words) => { status.textContent = words; };
    const copy = async (text, what) => {
      try {
        await navigator.clipboard.writeText(text);
        say(`Copied ${what}.`);
      } catch {
        // without a secure context there is no clipboard: show the text, selected
        const field = h("textarea", { readonly: true, rows: 6, "aria-label": what }, text);
        status.replaceChildren(field);
        field.select();
      }
    };
    const menu = h("details", { class: "menu" }, h("summary", null, "Copy as"));
    const items = h("ul");
    menu.append(items);
    menu.addEventListener("toggle", async () => {
      if (!menu.open) return;
      const pairs = await code(editor.getValue());
      items.replaceChildren(...pairs.map(([tool, text]) => h("li", null, h("button", {
        type: "button", click: () => {
          copy(text, `the query as ${tool}`);
          menu.open = false;
          menu.querySelector("summary").focus();
        },
      }, tool))));
    });
    closes(menu);
    const saves = h("details", { class: "menu" }, h("summary", null, "Download"), h("ul", null,
      [...form.querySelectorAll("#format option")].map((option) => h("li", null, h("button", {
        type: "button", click: () => {
          saves.open = false;
          download(editor.getValue(), option.value);
        },
      }, option.textContent)))));
    closes(saves);
    const keys = h("p", { class: "where keys", id: `keys-${tab.getId()}` }, key("Ctrl", "Enter"), " runs. Names are offered as you type; ", key("Ctrl", "Space"), " offers more. ", key("Tab"), " leaves the editor, ", key("Ctrl", "]"), " indents.");
    editor.getInputField().setAttribute("aria-describedby", keys.id);
    const asked = h("p", { class: "asked" });
    tab.asked = asked;
    const wrapper = editor.rootEl.parentElement;
    wrapper.before(asked);
    wrapper.after(h("div", { class: "controls actions" }, runs, menu, h("button", { type: "button", class: "second", click: () => copy(link(tab).href, "the link to this query") }, "Copy link"), saves, status), keys);
    results.rootEl.setAttribute("role", "region");
    results.rootEl.setAttribute("aria-label", "Answer");
    results.headerEl.querySelector(".yasr_response_chip")?.setAttribute("role", "status");

    editor.on("query", () => {
      runs.busy = true;
      runs.textContent = "Stop";
      say("Running …");
      clear(editor);
      const now = link(tab);
      if (now.search !== location.search) history.pushState(null, "", now);
      refresh(editor.getValue());
      document.querySelector("#problem")?.remove();
    });
    const done = (words) => {
      runs.busy = false;
      runs.textContent = "Run";
      say(words);
    };
    editor.on("queryResponse", (_, response) => {
      done("");
      if (response instanceof Error && response.name !== "AbortError") mark(editor, read(response.message));
    });
    editor.on("queryAbort", () => done("Stopped."));
    editor.on("change", (_, change) => {
      if (change.origin !== "setValue" && editor.problemMarks?.length) clear(editor);
      describe();
    });
    results.on("drawn", () => queueMicrotask(() => {
      for (const button of results.headerEl.querySelectorAll(".yasr_btnGroup button")) {
        button.setAttribute("aria-pressed", String(button.classList.contains("selected")));
        button.disabled = button.classList.contains("disabled");
      }
    }));
    results.on("change", () => {
      const at = new URL(location.href);
      if (at.searchParams.get("query") === tab.getQuery()) history.replaceState(null, "", link(tab));
    });
    editor.on("autocompletionShown", () => {
      for (const list of box.querySelectorAll(".CodeMirror-hints")) list.setAttribute("aria-label", "Names that fit");
    });
    annotate(editor);
  }

  /** Show the plain words of the query in the active tab, if it is one of the examples. */
  function describe() {
    const tab = yasgui?.getTab();
    if (!tab?.asked || !tab.getYasqe()) return;
    const query = tab.getQuery().trim();
    const example = examples.find((e) => e.query.trim() === query);
    tab.asked.hidden = !example;
    if (example && tab.asked.dataset.name !== example.name) tab.asked.replaceChildren(h("strong", null, example.label), example.comment ? ` ${example.comment}` : "");
    tab.asked.dataset.name = example?.name ?? "";
    if (example && /^Query( \d+)?$/.test(tab.getName())) tab.setName(yasgui.createTabName(shorten(example.label, 28)));
  }

  function download(query, format) {
    form.querySelector("textarea").value = query;
    form.querySelector("#format").value = format;
    form.requestSubmit(form.querySelector("[formaction]"));
  }
}

function key(...names) {
  return h("span", null, names.map((name, i) => [i ? "+" : "", h("kbd", null, name)]).flat());
}

async function code(query) {
  const answer = await fetch(here("/query/code"), { method: "POST", body: new URLSearchParams({ query }) }).catch(() => null);
  return answer?.ok ? answer.json() : [];
}

/** Update the section of code at the foot of the page to the query that was run. */
async function refresh(query) {
  const places = [...document.querySelectorAll("#copy ~ details code")];
  if (!places.length) return;
  (await code(query)).forEach(([, text], i) => { if (places[i]) places[i].textContent = text; });
}

/** Close a menu on Escape, and when the focus or a click leaves it. */
function closes(menu) {
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
  });
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
}

/** Scroll the list of tabs, and nothing else, to the open tab. */
function showTab(list) {
  const tab = list.querySelector(".tab.active");
  if (!tab) return;
  const [outer, inner] = [list.getBoundingClientRect(), tab.getBoundingClientRect()];
  if (inner.left < outer.left) list.scrollLeft += inner.left - outer.left;
  else if (inner.right > outer.right) list.scrollLeft += inner.right - outer.right;
}

/** Give accessible names to the controls that YASGUI leaves without one. */
function label(box) {
  const list = box.querySelector(".tabsList");
  list.setAttribute("aria-label", "Queries");
  const add = list.querySelector(".addTab");
  // A tab list holds tabs alone (WAI-ARIA 1.2, tablist), so the button that adds one stands beside it;
  // YASGUI puts new tabs before that button.
  if (add) {
    const bar = h("div", { class: "tabsBar" });
    list.before(bar);
    bar.append(list, add.parentElement);
    list.insertBefore = (node, before) => Node.prototype.insertBefore.call(list, node, before?.parentNode === list ? before : null);
  }
  for (const field of list.querySelectorAll("input")) field.setAttribute("aria-label", "Name of this query");
}
