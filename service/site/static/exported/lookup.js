// Search over the index of an export: the same names as the served search has, ranked more plainly.

import { here } from "../address.js";

const LOSS = { synonym: 40, word: 45, mapped: 50, near: 250, keyword: 500 };
const STOP = new Set("a about against an and any are as at be by can do does for from has have how i in is it its me my of on or say says should that the their there these they this to was what when where which who why will with you your".split(" "));
const EXACT = 1000, CODE = 950, SINGULAR = 940, BEGINNING = 860, WORDS = 760, SENTENCE = 420, LOOSE = 340, TEXT = 150, SOME = 90;

/** Text without case, accents and punctuation; letters and digits are words apart. */
export const fold = (text) => (text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").match(/\p{L}+|\p{N}+/gu) ?? []).join(" ");

const stem = (word) => (word.length > 4 && word.endsWith("ies") ? `${word.slice(0, -3)}y` : word.length > 3 && /[^su]s$/.test(word) ? word.slice(0, -1) : word);
const stems = (text) => text.split(" ").map(stem).join(" ");
const code = (text) => text.toLowerCase().replace("_", ":");

let index;

/** The entries of the index, fetched once, with their words. */
export function entries() {
  index ??= fetch(here("/search-index.json")).then((answer) => answer.json()).then(({ entries, prefixes }) => entries.map((entry) => {
    const names = [["name", entry.label, []], ...entry.names].map(([why, text, where]) => ({ why, text, where, folded: fold(text), code: why === "code" && code(text) }));
    const words = new Set(`${names.map((name) => name.folded).join(" ")} ${fold(`${entry.definition} ${entry.text}`)}`.split(" ").flatMap((word) => [word, stem(word)]));
    return { ...entry, names, words: [...words], namespace: prefixes[entry.curie?.split(":")[0]] ?? null };
  }));
  return index;
}

/** What fits a typed text, best first: `{entry, score, why, matched, where}`; `partial` if nothing has all words. */
export async function search(text) {
  const all = await entries();
  const typed = fold(text);
  const every = typed.split(" ").filter(Boolean);
  const telling = every.filter((word) => !STOP.has(word));
  const words = telling.length ? telling : every;
  if (!words.length) return { hits: [], partial: false };
  for (const rank of [(entry) => exactly(entry, text, typed, words), (entry) => nearly(entry, typed), (entry) => partly(entry, words)]) {
    const hits = all.map(rank).filter(Boolean);
    if (hits.length) {
      const partial = hits[0].why === "some";
      return { hits: hits.sort((a, b) => b.score - a.score || b.entry.weight - a.entry.weight || a.entry.label.length - b.entry.label.length || (a.entry.label < b.entry.label ? -1 : 1)), partial };
    }
  }
  return { hits: [], partial: false };
}

const begins = (folded, words) => {
  const own = folded.split(" ");
  return words.every((word) => own.some((one) => one.startsWith(word) || stem(one) === stem(word)));
};

function exactly(entry, text, typed, words) {
  let best = null;
  const offer = (score, name) => {
    if (score - entry.loss > (best?.score ?? 0)) best = { entry, score: score - entry.loss, why: name?.why ?? "text", matched: !name || name.why === "name" ? "" : name.text, where: name?.where ?? [] };
  };
  for (const name of entry.names) {
    if (name.why === "code") {
      if (name.code === code(text.trim())) offer(CODE, name);
      continue;
    }
    const length = Math.min(name.folded.length, 60) / 2;
    let score = name.folded === typed ? EXACT : stems(name.folded) === stems(typed) ? SINGULAR : name.folded.startsWith(typed) ? BEGINNING - length : begins(name.folded, words) ? WORDS - length : 0;
    if (score && entry.sentence && name.why === "name" && score <= BEGINNING) score = Math.min(score, SENTENCE) + 20 * Math.min(1, words.length / name.folded.split(" ").length);
    if (score) offer(score - (LOSS[name.why] ?? 0), name);
  }
  if (!best && words.every((word) => entry.words.some((one) => one.startsWith(word) || one === stem(word)))) offer(TEXT);
  return best;
}

/** A name that differs from what was typed by one letter, or by two if it is long. */
function nearly(entry, typed) {
  if (typed.length < 5) return null;
  const most = typed.length > 7 ? 2 : 1;
  for (const name of entry.names) {
    if (name.why === "code" || entry.sentence) continue;
    for (const one of new Set([name.folded, ...name.folded.split(" ")])) {
      const edits = Math.abs(one.length - typed.length) > most ? most + 1 : distance(one, typed);
      if (edits <= most) return { entry, score: LOOSE - 60 * edits - (LOSS[name.why] ?? 0) / 10 - (one === name.folded ? 0 : 30), why: "spelling", matched: name.why === "name" ? "" : name.text, where: [] };
    }
  }
  return null;
}

function partly(entry, words) {
  const count = words.filter((word) => entry.words.includes(word) || entry.words.includes(stem(word))).length;
  return count ? { entry, score: (SOME * count) / words.length - entry.loss / 100, why: "some", matched: "", where: [] } : null;
}

/** How many letters must change to make one word of another (Levenshtein). */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
