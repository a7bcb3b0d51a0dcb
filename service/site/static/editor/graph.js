// Rows or triples as a graph in SVG; names are links, and the table has the same content.
import { choice, h, icon, picture, s, shorten } from "./dom.js";
import { address, learn, named } from "./names.js";

const MOST = 80;
const NONE = "";

/** Edges `[from, words, to]` between IRIs. */
function edges(results, state) {
  const triples = results.getStatements();
  const all = triples
    ? triples.filter((t) => t.object.termType === "NamedNode" && t.subject.termType === "NamedNode").map((t) => [t.subject.value, t.predicate.value, t.object.value])
    : results.getBindings().filter((row) => row[state.from]?.type === "uri" && row[state.to]?.type === "uri")
      .map((row) => [row[state.from].value, state.by ? row[state.by]?.value ?? "" : "", row[state.to].value]);
  return all.filter(([from, , to]) => from !== to);
}

/** Lay out nodes by forces: nodes repel, edges attract, the middle attracts all. Deterministic. */
function settle(nodes, links, WIDTH, HEIGHT) {
  const count = nodes.length;
  const ideal = Math.sqrt((WIDTH * HEIGHT) / Math.max(count, 1)) * 0.72;
  nodes.forEach((node, i) => {
    const angle = i * 2.39996;
    const radius = ideal * 0.55 * Math.sqrt(i + 0.5);
    Object.assign(node, { x: Math.cos(angle) * radius, y: Math.sin(angle) * radius });
  });
  const rounds = count > 60 ? 200 : 320;
  for (let round = 0; round < rounds; round++) {
    const heat = ideal * 0.35 * (1 - round / rounds) + 0.5;
    for (const node of nodes) Object.assign(node, { dx: -node.x * 0.4, dy: -node.y * 0.6 });
    for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) {
      const [a, b] = [nodes[i], nodes[j]];
      const [x, y] = [a.x - b.x || 0.1 * (i - j), (a.y - b.y || 0.1) * 1.6];
      const force = (ideal * ideal) / (x * x + y * y + 1);
      a.dx += x * force; a.dy += y * force;
      b.dx -= x * force; b.dy -= y * force;
    }
    for (const [a, b] of links) {
      const [x, y] = [a.x - b.x, a.y - b.y];
      const pull = Math.hypot(x, y) / ideal / 2;
      a.dx -= x * pull; a.dy -= y * pull;
      b.dx += x * pull; b.dy += y * pull;
    }
    for (const node of nodes) {
      const length = Math.hypot(node.dx, node.dy) || 1;
      node.x += (node.dx / length) * Math.min(length, heat);
      node.y += (node.dy / length) * Math.min(length, heat);
    }
  }
  const [xs, ys] = [nodes.map((n) => n.x), nodes.map((n) => n.y)];
  const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const fit = (value, low, high, size, edge) => (high - low < 1 ? size / 2 : edge + ((value - low) / (high - low)) * (size - 2 * edge));
  for (const node of nodes) Object.assign(node, { x: fit(node.x, x0, x1, WIDTH, 110), y: fit(node.y, y0, y1, HEIGHT, 36) });
}

/** Place the names of the best joined nodes first; a name that would cover another shows on hover or focus. */
function names(nodes, degree) {
  const spots = nodes.map((node) => [node.x - 8, node.y - 8, node.x + 8, node.y + 8]);
  const taken = [];
  for (const [i, node] of [...nodes].sort((a, b) => degree.get(b.iri) - degree.get(a.iri)).entries()) {
    if (i === 12) taken.push(...spots);
    const half = shorten(node.label, 30).length * 3.6;
    node.above = null;
    for (const above of [true, false]) {
      const top = above ? node.y - 24 : node.y + 9;
      const area = [node.x - half, top, node.x + half, top + 15];
      if (taken.some(([x0, y0, x1, y1]) => x0 < area[2] && area[0] < x1 && y0 < area[3] && area[1] < y1)) continue;
      taken.push(area);
      node.above = above;
      break;
    }
  }
}

export class Graph {
  label = "Graph";
  priority = 4;
  constructor(yasr) {
    this.yasr = yasr;
  }
  columns() {
    const { results } = this.yasr;
    const rows = results.getBindings() ?? [];
    return results.getVariables().filter((name) => rows.some((row) => row[name]?.type === "uri"));
  }
  canHandleResults() {
    const { results } = this.yasr;
    if (!results || results.hasError() || !results.getBindings()?.length) return false;
    return Boolean(results.getStatements()?.length) || this.columns().length > 1;
  }
  getIcon() {
    return icon("M6 8a3 3 0 1 0 0-.1M18 6a2.5 2.5 0 1 0 0-.1M15 20a3 3 0 1 0 0-.1M8.5 9l5 8M8.7 6.6l7-1M18 8.500l-2 8.500");
  }
  download(filename) {
    return this.svg && picture(this.svg, filename);
  }
  async draw(settings) {
    const { results, resultsEl } = this.yasr;
    const columns = this.columns();
    const triples = results.getStatements();
    const state = { from: columns[0], to: columns[Math.min(2, columns.length - 1)], by: columns.length > 2 ? columns[1] : NONE, ...settings };
    for (const [name, fallback] of [["from", columns[0]], ["to", columns.at(-1)]]) if (!columns.includes(state[name])) state[name] = fallback;
    if (state.by && !results.getVariables().includes(state.by)) state.by = NONE;
    const set = (name) => (value) => {
      state[name] = value;
      this.yasr.storePluginConfig("graph", { ...state });
      show();
    };
    const pairs = columns.map((c) => [c, c]);
    const box = h("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "Picture" });
    const note = h("p", { class: "where", role: "status" });
    let [zoom, width, height] = [1, 960, 640];
    const scale = (by) => () => {
      zoom = Math.min(4, Math.max(0.5, zoom * by));
      this.svg?.setAttribute("viewBox", `${(width - width / zoom) / 2} ${(height - height / zoom) / 2} ${width / zoom} ${height / zoom}`);
    };
    resultsEl.append(h("div", { class: "controls" },
      triples ? [] : [h("span", null, choice("From", pairs, state.from, set("from"))), h("span", null, choice("to", pairs, state.to, set("to"))),
        h("span", null, choice("joined by", [[NONE, "nothing"], ...results.getVariables().map((c) => [c, c])], state.by, set("by")))],
      h("span", { class: "spacer" }),
      h("span", { class: "pair" }, h("button", { type: "button", class: "second", click: scale(1.25) }, "Closer"), h("button", { type: "button", class: "second", click: scale(0.8) }, "Further"))), note, box);

    const show = async () => {
      const all = edges(results, state);
      const degree = new Map();
      for (const [a, , b] of all) for (const iri of [a, b]) degree.set(iri, (degree.get(iri) ?? 0) + 1);
      const kept = new Set([...degree].sort((x, y) => y[1] - x[1]).slice(0, MOST).map(([iri]) => iri));
      const drawn = all.filter(([a, , b]) => kept.has(a) && kept.has(b));
      await learn([...kept, ...drawn.map(([, by]) => by)]);
      if (!drawn.length) {
        note.textContent = "";
        return box.replaceChildren(h("p", { class: "empty" }, "No two things are joined in this answer."));
      }
      const joined = new Set(drawn.flatMap(([a, , b]) => [a, b]));
      const nodes = new Map([...joined].map((iri) => [iri, { ...named(iri) }]));
      const links = drawn.map(([a, by, b]) => [nodes.get(a), nodes.get(b), named(by).label]);
      [width, height] = nodes.size > 30 ? [1240, 820] : nodes.size > 8 ? [960, 600] : [760, 380];
      settle([...nodes.values()], links, width, height);
      names([...nodes.values()], degree);
      const busy = links.length > 25;
      const marks = [];
      const place = () => marks.forEach((mark) => mark());
      const set2 = (element, values) => { for (const [k, v] of Object.entries(values)) element.setAttribute(k, v); };
      const lines = links.map(([a, b, by]) => {
        const line = s("line", { class: "edge", "marker-end": "url(#arrow)" });
        const text = busy || !by ? null : s("text", { class: "tick", "text-anchor": "middle" }, shorten(by, 26));
        marks.push(() => {
          const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
          const [ux, uy] = [(b.x - a.x) / length, (b.y - a.y) / length];
          set2(line, { x1: a.x + ux * 8, y1: a.y + uy * 8, x2: b.x - ux * 12, y2: b.y - uy * 12 });
          if (text) set2(text, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 - 4 });
        });
        return s("g", null, s("title", null, `${a.label} ${by} ${b.label}`), line, text);
      });
      const spots = [...nodes.values()].map((node) => {
        const link = s("a", { href: address(node) }, s("title", null, node.curie ? `${node.label} (${node.curie})` : node.label), s("circle", { r: degree.get(node.iri) > 4 ? 9 : 7 }),
          s("text", { "text-anchor": "middle", y: node.above === false ? 21 : -12, class: node.above === null ? "quiet" : null }, shorten(node.label, 30)));
        marks.push(() => link.setAttribute("transform", `translate(${node.x} ${node.y})`));
        let moved = false;
        link.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          moved = false;
          link.setPointerCapture(event.pointerId);
        });
        link.addEventListener("pointermove", (event) => {
          if (!link.hasPointerCapture(event.pointerId)) return;
          const ratio = width / zoom / this.svg.getBoundingClientRect().width;
          if (event.movementX || event.movementY) moved = true;
          node.x += event.movementX * ratio;
          node.y += event.movementY * ratio;
          place();
        });
        link.addEventListener("click", (event) => { if (moved) event.preventDefault(); });
        return link;
      });
      place();
      const lost = degree.size - joined.size;
      note.textContent = `${nodes.size} things, ${links.length} links${lost ? `; ${lost} with the fewest links are left out` : ""}. The table says the same.`;
      this.svg = s("svg", { viewBox: `0 0 ${width} ${height}`, class: "graph", role: "group", "aria-label": "The answer as a graph" },
        s("defs", null, s("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" }, s("path", { d: "M0 0 8 4 0 8z" }))), lines, spots);
      box.replaceChildren(this.svg);
      box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
    };
    await show();
  }
}
