// The hierarchy as a tree with one tab stop (WAI-ARIA APG, "Navigation Treeview").
for (const box of document.querySelectorAll(".tree[data-label]")) {
  const top = box.querySelector("ul");
  if (!top) continue;
  top.role = "tree";
  top.setAttribute("aria-label", box.dataset.label);
  const items = [...top.querySelectorAll("a")];
  let number = 0;
  for (const item of items) {
    const line = item.closest("li");
    const below = line.querySelector(":scope > ul");
    const tag = line.querySelector(":scope > .tag");
    line.role = "none";
    item.role = "treeitem";
    item.tabIndex = -1;
    if (tag) {
      tag.id ||= `tree-tag-${number++}`;
      item.setAttribute("aria-describedby", tag.id);
    }
    if (below) {
      below.role = "group";
      below.id ||= `tree-group-${number++}`;
      item.setAttribute("aria-owns", below.id);
      item.setAttribute("aria-expanded", "true");
    }
  }
  const stop = (item) => {
    for (const other of items) other.tabIndex = other === item ? 0 : -1;
    return item;
  };
  stop(items.find((item) => item.hasAttribute("aria-current")) ?? items[0]);

  const visible = () => items.filter((item) => item.offsetParent !== null);
  const expand = (item, open) => {
    const below = item.closest("li").querySelector(":scope > ul");
    if (!below) return false;
    const changed = below.hidden === open;
    below.hidden = !open;
    item.setAttribute("aria-expanded", String(open));
    return changed;
  };
  const parent = (item) => item.closest("ul[role=group]")?.closest("li").querySelector("a");

  top.addEventListener("keydown", (event) => {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.altKey || event.ctrlKey || event.metaKey) return;
    const seen = visible();
    const at = seen.indexOf(item);
    let next = null;
    if (event.key === "ArrowDown") next = seen[at + 1];
    else if (event.key === "ArrowUp") next = seen[at - 1];
    else if (event.key === "Home") next = seen[0];
    else if (event.key === "End") next = seen.at(-1);
    else if (event.key === "ArrowRight") next = expand(item, true) ? item : item.getAttribute("aria-owns") && seen[at + 1];
    else if (event.key === "ArrowLeft") next = item.getAttribute("aria-expanded") === "true" && expand(item, false) ? item : parent(item);
    else if (event.key.length === 1 && /\S/.test(event.key)) {
      const letter = event.key.toLowerCase();
      next = [...seen.slice(at + 1), ...seen.slice(0, at)].find((i) => i.textContent.trim().toLowerCase().startsWith(letter));
    } else return;
    event.preventDefault();
    if (next) stop(next).focus();
  });
}
