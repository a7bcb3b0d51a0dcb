// Completion from the release: prefixes, and terms, classes and relations by their labels and synonyms.
import { here } from "../address.js";
import { h } from "./dom.js";
import { fold, vocabulary } from "./names.js";

const KEYWORDS = new Set(("select construct ask describe where from named prefix base distinct reduced filter optional union minus graph bind values undef " +
  "order by asc desc group having limit offset as in not exists service silent true false count sum min max avg sample separator group_concat").split(" "));
const CLASS_AFTER = /^(a|rdf:type|rdfs:subClassOf|rdfs:domain|rdfs:range|<http:\/\/www\.w3\.org\/1999\/02\/22-rdf-syntax-ns#type>)$/;
const LIMIT = 40;

/** The words before the cursor: `{ prefix, phrases }`, or null where no name can stand. */
function typed(editor) {
  const cursor = editor.getDoc().getCursor();
  const token = editor.getTokenAt(cursor);
  if (/comment|string$|variable-3|atom/.test(token.type ?? "")) return null;
  const before = editor.getDoc().getLine(cursor.line).slice(0, cursor.ch);
  if (/^\s*(prefix|base)\b/i.test(before) || /<[^\s>]*$/.test(before)) return null;
  const name = /(?:^|[^\w?$:])([A-Za-z][\w-]*):([\w.-]*)$/.exec(before);
  if (name) {
    const start = cursor.ch - name[1].length - name[2].length - 1;
    return { line: cursor.line, end: cursor.ch, prefix: name[1], phrases: [{ text: name[2], start }] };
  }
  const run = /(?:^|[^\p{L}\p{N}?$:@"'<#_-])(\p{L}[\p{L}\p{N}'’-]*(?: [\p{L}\p{N}'’-]+)*)$/u.exec(before);
  if (!run) return null;
  const phrases = [];
  let start = cursor.ch - run[1].length;
  for (const word of run[1].split(" ")) {
    const text = before.slice(start);
    if (!KEYWORDS.has(text.toLowerCase())) phrases.push({ text, start });
    start += word.length + 1;
  }
  return { line: cursor.line, end: cursor.ch, prefix: null, phrases };
}

/** The synonym that fits the typed words, if they do not begin a word of the label. */
function also(thing, text) {
  const typedText = fold(text);
  if (` ${thing.folded[0]}`.includes(` ${typedText}`)) return "";
  const i = thing.folded.findIndex((name) => ` ${name}`.includes(` ${typedText}`));
  return i > 0 ? `, also called ${thing.synonyms[i - 1]}` : "";
}

/** The role of a name at the cursor, which depends on the tokens before it. */
function expected(editor, line, start) {
  const text = editor.getDoc().getRange({ line: Math.max(0, line - 40), ch: 0 }, { line, ch: start })
    .replace(/#[^\n<>]*$/gm, "").replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/([{}.;,()|/^!])(?=\s|$)/g, " $1 ");
  const parts = text.trim().split(/\s+/);
  const [before, last] = [parts.at(-2), parts.at(-1)];
  if (!last || /^[{}.)]$/.test(last) || /[.{}]$/.test(last)) return "term";
  if (CLASS_AFTER.test(last)) return "class";
  if (/[;|/^!]$/.test(last)) return "relation";
  if (!before || /[.{})]$/.test(before) || KEYWORDS.has(before.toLowerCase())) return "relation";
  return "term";
}

function score(thing, typedText, role) {
  let best = Infinity;
  thing.folded.forEach((name, i) => {
    const at = name === typedText ? 0 : name.startsWith(typedText) ? 1 : ` ${name}`.includes(` ${typedText}`) ? 2 : typedText.length > 3 && name.includes(typedText) ? 4 : Infinity;
    best = Math.min(best, at + (i ? 0.5 : 0));
  });
  if (thing.local.startsWith(typedText.replaceAll(" ", ""))) best = Math.min(best, 1);
  const fits = thing.role === role || (role === "class" && thing.role === "term");
  return best + (fits ? 0 : 3);
}

function matches(things, text, role) {
  const typedText = fold(text);
  if (!typedText) return [];
  return things.map((thing) => [score(thing, typedText, role), thing]).filter(([points]) => points < Infinity)
    .sort(([a, x], [b, y]) => a - b || y.uses - x.uses || x.label.length - y.label.length || (x.label < y.label ? -1 : 1))
    .map(([, thing]) => thing);
}

/** Names that the search finds in spite of other spelling or order. */
async function resembling(text, byCurie) {
  if (fold(text).length < 4) return [];
  try {
    const answer = await fetch(here(`/suggest?q=${encodeURIComponent(text)}`));
    return answer.ok ? (await answer.json()).map((hit) => byCurie.get(hit.curie)).filter(Boolean) : [];
  } catch {
    return [];
  }
}

async function candidates(editor, context) {
  const { things, byCurie, prefixes } = await vocabulary;
  const role = expected(editor, context.line, context.phrases[0]?.start ?? context.end);
  if (context.prefix) {
    const [{ text, start }] = context.phrases;
    const ofPrefix = things.filter((thing) => thing.curie.startsWith(`${context.prefix}:`));
    const hits = text ? matches(ofPrefix, text, role) : ofPrefix.filter((t) => t.role === role).sort((x, y) => y.uses - x.uses);
    return { text, start, prefixes, hits: hits.filter((thing) => thing.curie !== `${context.prefix}:${text}`) };
  }
  for (const { text, start } of context.phrases) {
    if (text.length < 2) continue;
    const hits = matches(things, text, expected(editor, context.line, start));
    if (hits.length) return { text, start, prefixes, hits };
  }
  for (const { text, start } of context.phrases) {
    const hits = await resembling(text, byCurie);
    if (hits.length) return { text, start, prefixes, hits };
  }
  return { text: "", start: context.end, prefixes, hits: [] };
}

/** Put a name into the query, and its prefix at the top if it is not declared. */
export function insert(editor, thing, prefixes, from, to) {
  editor.getDoc().replaceRange(thing.curie, from, to, "complete");
  const prefix = thing.curie.slice(0, thing.curie.indexOf(":"));
  if (prefixes[prefix] && !new RegExp(`PREFIX\\s+${prefix}:`, "i").test(editor.getValue()))
    editor.addPrefixes({ [prefix]: prefixes[prefix] });
}

/** Register the completers with Yasqe, without its own, which ask other hosts. */
export function register(Yasqe) {
  const offers = new WeakMap();
  Yasqe.registerAutocompleter({
    name: "names",
    bulk: false,
    autoShow: true,
    isValidCompletionPosition: (editor) => {
      const context = typed(editor);
      return Boolean(context && (context.prefix || context.phrases.some(({ text }) => text.length > 2)));
    },
    get: async (editor) => {
      const context = typed(editor);
      if (!context) return [];
      const offer = await candidates(editor, context);
      offers.set(editor, { ...offer, line: context.line, end: context.end });
      return offer.hits.slice(0, LIMIT).map((thing) => thing.curie);
    },
    postprocessHints: (editor, hints) => {
      const offer = offers.get(editor);
      return hints.map((hint, i) => {
        const thing = offer.hits[i];
        const from = { line: offer.line, ch: offer.start };
        return {
          ...hint, from, to: { line: offer.line, ch: offer.end },
          render: (element) => element.append(h("span", { class: "hint-name" }, thing.label), " ",
            h("span", { class: "hint-kind" }, thing.kind, also(thing, offer.text)), " ", h("code", null, thing.curie)),
          hint: (cm) => insert(editor, thing, offer.prefixes, from, cm.getDoc().getCursor()),
        };
      });
    },
  }, false);
  Yasqe.forkAutocompleter("prefixes", {
    name: "our-prefixes",
    persistenceId: null,
    get: async () => Object.entries((await vocabulary).prefixes).map(([prefix, iri]) => `${prefix}: <${iri}>`),
  }, false);
  Yasqe.defaults.autocompleters = ["variables", "our-prefixes", "names"];
}

/** Write the label of a term after its CURIE: `CDMO:0000306` tells a reader nothing. */
export async function annotate(editor) {
  const { byCurie } = await vocabulary;
  const doc = editor.getDoc();
  let marks = [];
  const draw = () => doc.getEditor().operation(() => {
    for (const mark of marks) mark.clear();
    marks = [];
    doc.eachLine((handle) => {
      if (handle.text.length > 2000) return;
      for (const match of handle.text.matchAll(/(?<![\w<?$:])[A-Za-z]+:(?=\w*\d)[\w-]+/g)) {
        const thing = byCurie.get(match[0]);
        if (!thing) continue;
        const widget = h("span", { class: "named" }, thing.label);
        marks.push(doc.setBookmark({ line: handle.lineNo(), ch: match.index + match[0].length }, { widget, insertLeft: false }));
      }
    });
  });
  let waiting;
  editor.on("changes", () => {
    clearTimeout(waiting);
    waiting = setTimeout(draw, 200);
  });
  draw();
}
