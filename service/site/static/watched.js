// While the sources are watched: reload the page when another release is served, and show what keeps an edit from being one.
import { here } from "./address.js";

const { release } = document.querySelector("script[data-release]").dataset;
const banner = document.createElement("aside");
banner.className = "notice";
banner.hidden = true;
const finding = document.createElement("p");
finding.className = "wrap";
finding.role = "alert";
banner.append(finding);
document.querySelector("header.site").before(banner);

async function look() {
  try {
    const state = await (await fetch(here("/watched.json"), { cache: "no-store" })).json();
    if (state.release !== release) return location.reload();
    banner.hidden = !state.finding;
    if (finding.textContent !== state.finding) finding.textContent = state.finding;
  } catch {} // the server is starting again
  setTimeout(look, 500);
}
look();
