// Buttons with data-dialog open a native dialog; Esc is the browser's own; focus goes back by itself.
export function dialogs(root) {
  root.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = root.getElementById(opener.dataset.dialog);
      if (dialog?.showModal) {
        event.preventDefault();
        opener.closest("details.menu")?.removeAttribute("open");
        dialog.showModal();
        dialog.querySelector(".body input:not([type=hidden]), .body select, .body textarea")?.focus();
      }
    }
    const closer = event.target.closest("[data-close]");
    if (closer) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
    for (const menu of root.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.removeAttribute("open");
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches("a[data-dialog]")) {
      event.preventDefault();
      event.target.click();
    }
    if (event.key !== "Escape") return;
    const menu = root.querySelector("details.menu[open]");
    if (!menu) return;
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
  root.querySelector("dialog[data-open]")?.showModal();
}
