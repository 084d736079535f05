// A line above a refused form leads to its field: the field is shown and takes the focus.
export function mend(root) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-mend]");
    const field = link && root.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    const controls = "input:not([type=hidden]), select, textarea";
    const control = field.matches(controls) ? field : field.querySelector(controls) ?? field;
    field.scrollIntoView({ block: "center" });
    control.focus({ preventScroll: true });
  });
}
