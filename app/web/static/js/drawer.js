// The side panel: focus moves to its heading, Esc closes it, focus goes back to the row.
export function drawer(root) {
  const panel = root.getElementById("drawer");
  if (!panel) return;
  let from = null;

  function close() {
    panel.replaceChildren();
    for (const row of root.querySelectorAll("tr[aria-selected]")) row.removeAttribute("aria-selected");
    if (from?.isConnected) from.focus();
    from = null;
  }

  root.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== panel) return;
    from = event.detail.requestConfig?.elt ?? null;
    for (const row of root.querySelectorAll("tr[aria-selected]")) row.removeAttribute("aria-selected");
    from?.closest("tr")?.setAttribute("aria-selected", "true");
    panel.querySelector("h2")?.focus();
  });
  panel.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-drawer]")) close();
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || root.querySelector("dialog[open], details.menu[open]")) return;
    if (panel.childElementCount) close();
  });
}
