// The grading sheet: rows are filtered and searched, c ticks, w shows why, a reason is asked for where
// a row leaves its proposal or is judged anew, how far a refusal reaches where it is filed elsewhere.
// Without this every row stands with every control.
const VIEWS = {
  all: () => true,
  open: (row) => row.confirmed === "0",
  unsure: (row) => row.confirmed === "0" && Number(row.sure) < 95,
  personal: (row) => row.personal === "1",
  high: (row) => Number(row.level) >= 3,
  against: (row) => row.against === "1",
};

function departs(row) {
  const [category, level] = row.dataset.proposed.split("|");
  const said = (name) => row.querySelector(`[name$=".${name}"]`).value;
  const refiled = Boolean(category) && said("category") !== category;
  return {refiled, other: refiled || Boolean(level) && said("grade") !== level};
}

function fill(select, root) {
  const group = select.querySelector("[data-all-categories]");
  const all = root.querySelector("template[data-categories-of]");
  if (all && group && !group.childElementCount) group.append(all.content.cloneNode(true));
}

export function gradings(root) {
  const form = root.querySelector("[data-gradings]");
  if (!form) return;
  const rows = [...form.querySelectorAll("tbody tr")];
  const views = [...root.querySelectorAll("[data-view]")];
  const search = root.querySelector("[data-search-rows]");
  const told = root.querySelector("[data-shown]");

  function count() {
    const shown = rows.filter((row) => !row.hidden).length;
    const ticked = rows.filter((row) => row.querySelector(".tick [type=checkbox]").checked).length;
    told.textContent = told.dataset.words.replace("{shown}", shown).replace("{all}", rows.length).replace("{ticked}", ticked);
  }

  function show() {
    const view = VIEWS[views.find((one) => one.getAttribute("aria-pressed") === "true").dataset.view];
    const text = search.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !(view(row.dataset) && row.dataset.text.includes(text));
    form.querySelector("[data-none]").hidden = rows.some((row) => !row.hidden);
    count();
  }

  function touch(row, event) {
    const box = row.querySelector(".tick [type=checkbox]");
    if (event && event.target !== box) box.checked = true;
    const {refiled, other} = departs(row);
    row.classList.toggle("refiled", refiled);
    row.classList.toggle("other", other || (row.dataset.confirmed === "1" && box.checked));
    count();
  }

  for (const part of root.querySelectorAll("[data-views]")) part.hidden = false;
  form.classList.add("live");
  for (const row of rows) touch(row);
  for (const one of views) {
    one.addEventListener("click", () => {
      for (const other of views) other.setAttribute("aria-pressed", String(other === one));
      show();
    });
  }
  search.addEventListener("input", show);
  form.addEventListener("input", (event) => touch(event.target.closest("tr"), event));
  for (const kind of ["focusin", "pointerdown"]) {
    form.addEventListener(kind, (event) => {
      const select = event.target.closest("select[data-categories]");
      if (select) fill(select, form);
    });
  }
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select") || root.querySelector("dialog[open]")) return;
    const here = form.querySelector("tr.here:not([hidden])");
    if (!here) return;
    if (event.key === "c") here.querySelector(".tick [type=checkbox]").click();
    else if (event.key === "w") here.querySelector("details.because summary")?.click();
    else return;
    event.preventDefault();
  });
  count();
}
