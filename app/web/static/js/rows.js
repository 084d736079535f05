// Rows of a form are added and taken away; without this, three spare rows and emptied ones do.
let added = 0;

function number(part, at) {
  for (const element of part.querySelectorAll("*")) {
    for (const attribute of element.attributes) {
      attribute.value = attribute.value.replace("__at__", at);
    }
  }
}

export function rows(root) {
  const offer = (part) => part.querySelectorAll("[data-row-add], [data-row-drop]").forEach((button) => { button.hidden = false; });
  offer(root);
  root.addEventListener("click", (event) => {
    const add = event.target.closest("[data-row-add]");
    if (add) {
      const holder = add.closest("[data-rows-of]");
      const part = holder.querySelector("template").content.cloneNode(true);
      number(part, String(100000 + added++));
      offer(part);
      const list = holder.querySelector("ol");
      list.append(part);
      list.lastElementChild.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    }
    const drop = event.target.closest("[data-row-drop]");
    if (drop) {
      const list = drop.closest("ol");
      drop.closest("li").remove();
      (list.querySelector("input:not([type=hidden]), select, textarea") ?? list.closest("fieldset").querySelector("[data-row-add]"))?.focus();
    }
  });
  root.addEventListener("input", (event) => {
    if (event.target.matches("[data-group]")) return;
    const group = event.target.closest("fieldset.group")?.querySelector("[data-group]");
    if (group) group.checked = true;
    const given = event.target.closest("[data-rows-of] li.row")?.querySelector("legend input[type=checkbox]");
    if (given && event.target !== given) given.checked = true;
  });
}
