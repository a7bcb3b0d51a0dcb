// Every page is complete without this file; each feature is a module of its own.
import "./suggest.js";
import "./tree.js";
import "./reading.js";
import "./query.js";

// On a narrow screen: the chosen place of the menu and the middle of a picture in view.
document.querySelector("nav.main [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
for (const box of document.querySelectorAll(".centred")) {
  box.scrollLeft = (box.scrollWidth - box.clientWidth) / 2;
}
