// Narrow screens: scroll to the current entry of the menu, fold parts of pictures, and keep the roles of tables whose
// rows stack.
const menu = document.querySelector("nav.main ul");
const chosen = menu?.querySelector("[aria-current]");
if (chosen) menu.scrollLeft = chosen.offsetLeft + chosen.offsetWidth / 2 - menu.clientWidth / 2;

// Pictures: the parts that matter most stay unfolded.
if (matchMedia("(max-width: 45.99rem)").matches) {
  for (const part of document.querySelectorAll(".comb:not(.brief)")) part.open = false;
}

// Some browsers drop the roles of a table whose CSS display is not that of a table.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };
for (const table of document.querySelectorAll(".stack, .compare, .matrix")) {
  for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
    part.role = ROLES[part.tagName] ?? (part.scope === "row" ? "rowheader" : "columnheader");
  }
}
