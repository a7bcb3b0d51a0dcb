// Codes near a title: a button beside each copies it, where the browser lets pages copy.
const boxes = navigator.clipboard ? document.querySelectorAll("section.codes") : [];
for (const box of boxes) {
  const status = box.appendChild(document.createElement("p"));
  status.setAttribute("role", "status");
  for (const item of box.querySelectorAll("li")) {
    const code = item.querySelector("code").textContent;
    const button = item.appendChild(document.createElement("button"));
    button.type = "button";
    button.className = "second";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${code}`);
    button.addEventListener("click", async () => {
      status.textContent = "";
      try {
        await navigator.clipboard.writeText(code);
        status.textContent = `Copied ${code}`;
      } catch {
        status.textContent = `The browser did not allow it. Select ${code} and copy it`;
      }
    });
  }
}
