// Reading view: pointing at a passage marks its statements, and pointing at those marks it.
for (const passage of document.querySelectorAll(".with-text .passage:not(.silent)")) {
  const mark = (on) => () => passage.classList.toggle("lit", on);
  for (const [event, on] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]])
    passage.addEventListener(event, mark(on));
}
