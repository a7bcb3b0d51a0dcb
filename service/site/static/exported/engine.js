// Queries one after another in the worker; a query that is given up ends it, and the next one starts another.
import { here } from "../address.js";

export const DATASET = here("/downloads/dataset.nq.gz");

let worker = null;
let last = Promise.resolve();

/** Evaluate a query; its result as text in a media type. Rejects with the message of the engine. */
export function ask(query, format, signal) {
  const answer = last.then(() => evaluate(query, format, signal));
  last = answer.catch(() => {});
  return answer;
}

function evaluate(query, format, signal) {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker?.terminate();
      worker = null;
      say("");
      reject(new DOMException("The query was stopped.", "AbortError"));
    };
    if (signal?.aborted) return void reject(new DOMException("The query was stopped.", "AbortError"));
    signal?.addEventListener("abort", end, { once: true });
    if (!worker) say("The first query loads the dataset and the engine (5 MB) …");
    worker ??= new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    const done = (settle, value, broken) => {
      signal?.removeEventListener("abort", end);
      say("");
      if (broken) {
        worker?.terminate();
        worker = null;
      }
      settle(value);
    };
    worker.onmessage = ({ data }) => {
      if (data.loaded) say("");
      else if (data.error === undefined) done(resolve, data.text, false);
      else done(reject, new Error(data.error), data.broken);
    };
    worker.onerror = (event) => done(reject, new Error(event.message ?? "This browser cannot run the engine."), true);
    worker.postMessage({ dataset: DATASET, query, format });
  });
}

function say(words) {
  const status = document.querySelector("#engine");
  if (status) status.textContent = words;
}
