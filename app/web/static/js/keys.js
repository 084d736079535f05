// "/" goes to the search field; j and k walk the rows; Enter opens the row.
const TYPING = "input, textarea, select, [contenteditable]";

function rows(root) {
  return [...root.querySelectorAll("[data-rows] > tbody > tr")].filter((row) => !row.hidden && row.querySelector("a"));
}

function walk(root, step) {
  const all = rows(root);
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("here"));
  const next = Math.min(Math.max(at + step, 0), all.length - 1);
  all[at]?.classList.remove("here");
  all[next].classList.add("here");
  all[next].querySelector("a").focus({ preventScroll: true });
  all[next].scrollIntoView({ block: "nearest" });
}

export function keys(root) {
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest(TYPING) || root.querySelector("dialog[open]")) return;
    if (event.key === "/") {
      const field = root.querySelector("[data-search-rows]") || root.querySelector("[data-search]") || root.querySelector(".filters input[type=search]");
      if (!field) return;
      field.focus();
      field.select();
    } else if (event.key === "j") walk(root, 1);
    else if (event.key === "k") walk(root, -1);
    else return;
    event.preventDefault();
  });
  root.addEventListener("change", (event) => {
    const name = event.target.dataset.all;
    if (!name) return;
    for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]")) {
      if (box.name === name) box.checked = event.target.checked;
    }
  });
}
