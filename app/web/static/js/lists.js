// Addresses of filtered lists stay short: values left empty are not sent.
export function lists(root) {
  root.body.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get") return;
    const sent = event.detail.formData;
    for (const [name, value] of [...sent]) if (value === "") sent.delete(name);
  });
}
