// Query page: insert a term by its name, and go to the line of a mistake.
import { here } from "./address.js";

const editor = document.querySelector("textarea#query");
const finder = document.querySelector("#insert");

if (editor?.dataset.line) {
  const lines = editor.value.split("\n");
  const line = Math.min(Number(editor.dataset.line), lines.length);
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(start, start + lines[line - 1].length);
  editor.scrollTop = ((line - 3) / lines.length) * editor.scrollHeight;
}

if (editor && finder) {
  const list = document.querySelector("#insertable");
  const box = finder.closest("[hidden]");
  if (box) box.hidden = false;
  const known = new Map();

  finder.addEventListener("input", async () => {
    const hit = known.get(finder.value);
    if (hit) return insert(hit);
    if (finder.value.trim().length < 2) return;
    const answer = await fetch(here(`/suggest?q=${encodeURIComponent(finder.value)}`));
    if (!answer.ok) return;
    known.clear();
    list.replaceChildren(...(await answer.json()).filter((hit) => hit.curie).map((hit) => {
      const option = document.createElement("option");
      option.value = `${hit.label} (${hit.kind})`;
      known.set(option.value, hit);
      return option;
    }));
  });

  const insert = (hit) => {
    const [prefix] = hit.curie.split(":");
    editor.setRangeText(`${hit.curie} `, editor.selectionStart, editor.selectionEnd, "end");
    if (!new RegExp(`PREFIX\\s+${prefix}:`, "i").test(editor.value)) {
      const at = editor.selectionEnd;
      const line = `PREFIX ${prefix}: <${hit.namespace}>\n`;
      editor.setRangeText(line, 0, 0, "preserve");
      editor.setSelectionRange(at + line.length, at + line.length);
    }
    finder.value = "";
    editor.focus();
  };
}
