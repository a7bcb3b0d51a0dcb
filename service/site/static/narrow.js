// What a narrow screen needs: the chosen place of the menu and the middle of a picture in view,
// and tables that stay tables where their rows stack.
const menu = document.querySelector("nav.main ul");
const chosen = menu?.querySelector("[aria-current]");
if (chosen) menu.scrollLeft = chosen.offsetLeft + chosen.offsetWidth / 2 - menu.clientWidth / 2;

for (const box of document.querySelectorAll(".centred")) {
  box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
}

// Some browsers forget what a table is once its rows are laid out otherwise.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
for (const table of document.querySelectorAll(".stack, .compare")) {
  for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
    part.role = ROLES[part.tagName] ?? (part.scope === "row" ? "rowheader" : "columnheader");
  }
}
