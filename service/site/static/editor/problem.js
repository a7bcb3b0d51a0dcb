// Problems of a query: in words, and marked at their line in the editor.
import { h } from "./dom.js";

/** The problem document (RFC 9457) in an answer, or one made from its status. */
export function read(text) {
  try {
    const problem = JSON.parse(text);
    if (problem && typeof problem.title === "string") return problem;
  } catch {
    // not JSON: the answer did not come from the service
  }
  if (/abort/i.test(text)) return { title: "Stopped", detail: "The query was stopped before it had an answer." };
  return { title: "The service did not answer", detail: text || "Is it running? Is the network there?" };
}

export const clear = (editor) => {
  for (const mark of editor.problemMarks ?? []) mark();
  editor.problemMarks = [];
};

/** Mark the place that a problem names: its line, and the word from its column on. */
export function mark(editor, problem) {
  clear(editor);
  if (!problem.line) return;
  const doc = editor.getDoc();
  const line = Math.min(problem.line, doc.lineCount()) - 1;
  const text = doc.getLine(line);
  const start = Math.min(Math.max((problem.column ?? 1) - 1, 0), text.length);
  const length = problem.token?.length || /^(\w+|\S|\s*)/.exec(text.slice(start))[0].length || 1;
  const handle = doc.addLineClass(line, "background", "problem-line");
  const word = doc.markText({ line, ch: problem.column ? start : 0 }, { line, ch: problem.column ? start + length : text.length }, { className: "problem-word" });
  const hint = h("div", { class: "problem-hint" }, problem.hint ?? problem.detail);
  const widget = doc.getEditor().addLineWidget(line, hint, { coverGutter: false, noHScroll: true });
  editor.problemMarks = [() => doc.removeLineClass(handle, "background", "problem-line"), () => word.clear(), () => widget.clear()];
}

export function go(editor, problem) {
  editor.focus();
  editor.getDoc().setCursor({ line: problem.line - 1, ch: Math.max((problem.column ?? 1) - 1, 0) });
  editor.scrollIntoView(null, 80);
}

/** The problem as a reader sees it among the results. */
export function explain(problem, editor) {
  const place = problem.line ? `Line ${problem.line}${problem.column ? `, column ${problem.column}` : ""}` : null;
  return h("div", { class: "alert", role: "alert" }, h("h2", null, problem.title), h("p", null, problem.detail),
    problem.hint ? h("p", null, problem.hint) : null,
    place ? h("p", null, h("button", { type: "button", class: "second", click: () => go(editor, problem) }, `Go to ${place.toLowerCase()}`)) : null,
    typeof problem.type === "string" && problem.type.includes("/problems/") ? h("p", { class: "where" }, h("a", { href: new URL(problem.type, location.href).pathname }, "What this means")) : null);
}
