// Copy buttons: data-copy names the element whose text is taken.
export function copies(root) {
  root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    const source = button && root.getElementById(button.dataset.copy);
    if (!source) return;
    try {
      await navigator.clipboard.writeText(source.innerText.trim());
    } catch {
      getSelection().selectAllChildren(source);
      return;
    }
    button.classList.add("done");
    button.lastElementChild.textContent = button.dataset.done;
  });
}
