// Rows as a chart in SVG: bars, a line or points; without a numeric column, the number of rows of each value.
import { choice, h, icon, picture, s, shorten } from "./dom.js";
import { learn, words } from "./names.js";
import { irisOf, isNumber } from "./table.js";

const MOST = 60;
/** Width of a chart, letters of a name that are shown, width of a letter: on wide and on narrow screens. */
const SIZES = { wide: [860, 42, 7], narrow: [460, 20, 8.6] };
const ROW = 26;
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
const COUNT = "number of rows";

/** Round steps for an axis from 0 (or below) to the greatest value. */
function ticks(low, high) {
  const rough = (high - low || 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((n) => n * power >= rough) * power;
  const steps = [];
  for (let at = Math.floor(low / step) * step; at <= high + step / 1e6; at += step) steps.push(at);
  if (steps.at(-1) < high) steps.push(steps.at(-1) + step);
  return steps;
}

function series(rows, label, value) {
  if (value !== COUNT) return rows.filter((row) => row[label] && isNumber(row[value])).map((row) => [words(row[label]), Number(row[value].value)]);
  const counts = new Map();
  for (const row of rows) if (row[label]) counts.set(words(row[label]), (counts.get(words(row[label])) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

function bars(points, [WIDTH, LONG, LETTER]) {
  const left = Math.min(320, 24 + LETTER * Math.max(...points.map(([name]) => Math.min(name.length, LONG))));
  const steps = ticks(Math.min(0, ...points.map((p) => p[1])), Math.max(0, ...points.map((p) => p[1])));
  const x = (value) => left + ((value - steps[0]) / (steps.at(-1) - steps[0])) * (WIDTH - left - 60);
  const height = points.length * ROW + 34;
  return s("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "chart" },
    steps.map((step) => [s("line", { class: "grid", x1: x(step), x2: x(step), y1: 4, y2: height - 24 }),
      s("text", { class: "tick", x: x(step), y: height - 8, "text-anchor": "middle" }, NUMBER.format(step))]).flat(),
    points.map(([name, value], i) => s("g", null, s("title", null, `${name}: ${NUMBER.format(value)}`),
      s("text", { x: left - 8, y: i * ROW + 22, "text-anchor": "end" }, shorten(name, LONG)),
      s("rect", { x: Math.min(x(0), x(value)), y: i * ROW + 8, width: Math.max(1, Math.abs(x(value) - x(0))), height: ROW - 8, rx: 3 }),
      s("text", { class: "tick", x: Math.max(x(0), x(value)) + 6, y: i * ROW + 22 }, NUMBER.format(value)))));
}

function plot(points, line, [WIDTH]) {
  const [left, top, bottom, height] = [64, 12, 110, 420];
  const steps = ticks(Math.min(0, ...points.map((p) => p[1])), Math.max(0, ...points.map((p) => p[1])));
  const x = (i) => left + 14 + (i / Math.max(1, points.length - 1)) * (WIDTH - left - 40);
  const y = (value) => top + (1 - (value - steps[0]) / (steps.at(-1) - steps[0])) * (height - top - bottom);
  const every = Math.ceil(points.length / (WIDTH / 36));
  return s("svg", { viewBox: `0 0 ${WIDTH} ${height}`, class: "chart" },
    steps.map((step) => [s("line", { class: "grid", x1: left, x2: WIDTH - 12, y1: y(step), y2: y(step) }),
      s("text", { class: "tick", x: left - 8, y: y(step) + 4, "text-anchor": "end" }, NUMBER.format(step))]).flat(),
    line ? s("polyline", { class: "line", points: points.map(([, value], i) => `${x(i)},${y(value)}`).join(" ") }) : [],
    points.map(([name, value], i) => s("g", null, s("title", null, `${name}: ${NUMBER.format(value)}`), s("circle", { cx: x(i), cy: y(value), r: 4 }),
      i % every ? [] : s("text", { class: "tick", transform: `translate(${x(i)} ${height - bottom + 16}) rotate(-40)`, "text-anchor": "end" }, shorten(name, 18)))));
}

export class Chart {
  label = "Chart";
  priority = 5;
  constructor(yasr) {
    this.yasr = yasr;
  }
  canHandleResults() {
    return Boolean(this.yasr.results?.getBindings()?.length);
  }
  getIcon() {
    return icon("M4 4v16h17M8 16v-5M13 16V7M18 16v-8");
  }
  download(filename) {
    return this.svg && picture(this.svg, filename);
  }
  async draw(settings) {
    const { results, resultsEl } = this.yasr;
    const rows = results.getBindings();
    const columns = results.getVariables();
    const filled = (name) => rows.some((row) => row[name]);
    const numbers = columns.filter((name) => filled(name) && rows.every((row) => !row[name] || isNumber(row[name])));
    const others = columns.filter((name) => filled(name) && !numbers.includes(name));
    const state = { label: others.at(-1) && numbers.length ? others[others.length > 1 ? others.length - 1 : 0] : others[0] ?? columns[0], value: numbers.at(-1) ?? COUNT, shape: "bars", ...settings };
    if (!columns.includes(state.label)) state.label = others[0] ?? columns[0];
    if (!numbers.includes(state.value)) state.value = numbers.at(-1) ?? COUNT;
    const box = h("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "Picture" });
    const note = h("p", { class: "where", role: "status" });
    const set = (name) => (value) => {
      state[name] = value;
      this.yasr.storePluginConfig("chart", { ...state });
      show();
    };
    resultsEl.append(h("div", { class: "controls" },
      h("span", null, choice("For each", columns.map((c) => [c, c]), state.label, set("label"))),
      h("span", null, choice("show", [...numbers.map((c) => [c, c]), [COUNT, COUNT]], state.value, set("value"))),
      h("span", null, choice("as", [["bars", "bars"], ["line", "a line"], ["points", "points"]], state.shape, set("shape")))), note, box);
    await learn(irisOf(rows));
    const show = () => {
      const all = series(rows, state.label, state.value);
      const points = all.slice(0, MOST);
      note.textContent = all.length > MOST ? `The first ${MOST} of ${all.length}; the table has all.` : `${all.length} value${all.length === 1 ? "" : "s"}; the table says the same.`;
      if (!points.length) return box.replaceChildren(h("p", { class: "empty" }, "There is nothing to draw in these columns."));
      const size = box.clientWidth < 560 ? SIZES.narrow : SIZES.wide;
      this.svg = state.shape === "bars" ? bars(points, size) : plot(points, state.shape === "line", size);
      this.svg.setAttribute("role", "img");
      this.svg.setAttribute("aria-label", `Chart: ${state.value} for each ${state.label}. ${points.slice(0, 5).map(([n, v]) => `${n}: ${NUMBER.format(v)}`).join("; ")}`);
      box.replaceChildren(this.svg);
    };
    show();
  }
}
