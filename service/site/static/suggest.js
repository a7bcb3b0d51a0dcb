// Suggestions while typing: a combobox (WAI-ARIA APG, "Editable Combobox With List Autocomplete").
import { here } from "./address.js";

const input = document.querySelector("#q");
const form = input?.form;

if (input) {
  const list = document.createElement("ul");
  list.id = "suggestions";
  list.role = "listbox";
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  form.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
  })) input.setAttribute(name, value);

  let latest = 0;
  let chosen = -1;

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    const options = [...list.children];
    chosen = options.length ? (index + options.length) % options.length : -1;
    options.forEach((option, i) => option.setAttribute("aria-selected", String(i === chosen)));
    if (chosen >= 0) {
      input.setAttribute("aria-activedescendant", options[chosen].id);
      options[chosen].scrollIntoView({ block: "nearest" });
    }
  };

  const show = (hits) => {
    list.replaceChildren(...hits.map((hit, i) => {
      const option = document.createElement("li");
      option.id = `suggestion-${i}`;
      option.role = "option";
      option.dataset.address = here(hit.path);
      option.setAttribute("aria-selected", "false");
      const kind = document.createElement("span");
      kind.className = "kind";
      kind.textContent = hit.matched ? `${hit.kind}, also called ${hit.matched}` : hit.kind;
      option.append(hit.label, " ", kind);
      return option;
    }));
    if (!hits.length) return close();
    list.hidden = false;
    chosen = -1;
    input.setAttribute("aria-expanded", "true");
  };

  input.addEventListener("input", async () => {
    const number = ++latest;
    const text = input.value.trim();
    if (text.length < 2) return close();
    try {
      const answer = await fetch(here(`/suggest?q=${encodeURIComponent(text)}`));
      if (answer.ok && number === latest) show(await answer.json());
    } catch {
      close(); // without suggestions the form still searches
    }
  });

  input.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown") choose(chosen + 1);
    else if (event.key === "ArrowUp") choose(chosen < 0 ? -1 : chosen - 1);
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) location.assign(list.children[chosen].dataset.address);
    else return;
    event.preventDefault();
  });

  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) location.assign(option.dataset.address);
    event.preventDefault();
  });
  input.addEventListener("blur", close);
}
