// Unsaved words are not lost silently: a warning on leaving, and drafts saved while typing.
const IDLE = 1500;

async function save(form, note) {
  const body = new FormData(form);
  const headers = form.dataset.etag ? { "If-Match": form.dataset.etag } : {};
  note.textContent = note.dataset.saving;
  try {
    const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers, redirect: "error" });
    if (answer.ok) {
      form.dataset.etag = answer.headers.get("ETag") || form.dataset.etag || "";
      form.removeAttribute("data-dirty");
    }
    const word = answer.ok ? "saved" : answer.status === 409 || answer.status === 412 ? "conflict" : "failed";
    note.textContent = note.dataset[word];
    note.classList.toggle("tone-red", !answer.ok);
  } catch {
    note.textContent = note.dataset.failed;
    note.classList.add("tone-red");
  }
}

export function drafts(root) {
  const timers = new WeakMap();
  root.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-guard]");
    if (!form) return;
    form.dataset.dirty = "yes";
    const note = form.querySelector("[data-autosave-state]");
    if (!form.dataset.autosave || !note) return;
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => save(form, note), IDLE));
  });
  root.addEventListener("submit", (event) => {
    event.target.removeAttribute("data-dirty");
    clearTimeout(timers.get(event.target));
  });
  window.addEventListener("beforeunload", (event) => {
    if (root.querySelector("form[data-guard][data-dirty]")) event.preventDefault();
  });
}
