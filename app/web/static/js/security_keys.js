// Security keys (WebAuthn): a form with data-keys asks the server for a challenge, the browser's key
// for an answer, and sends it in its hidden field. Without this, or without keys, there are codes.
const able = () => window.isSecureContext && window.PublicKeyCredential && navigator.credentials;

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function readable(options) {
  const named = (keys) => (keys ?? []).map((key) => ({ ...key, id: bytes(key.id) }));
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) read.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) read.allowCredentials = named(options.allowCredentials);
  return read;
}

function sendable(key) {
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (key.response[part]?.byteLength) response[part] = text(key.response[part]);
  }
  return { id: key.id, rawId: text(key.rawId), type: key.type, response };
}

async function challenge(form) {
  const sent = form.dataset.send ? { [form.dataset.send]: form.elements[form.dataset.send].value } : {};
  const answer = await fetch(form.dataset.challenge, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf_token.value },
    body: JSON.stringify(sent),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return readable(told.publicKey);
}

async function asked(form) {
  let publicKey;
  try {
    publicKey = await challenge(form);
  } catch (error) {
    throw new Error(error instanceof TypeError || error instanceof SyntaxError ? form.dataset.unreached : error.message);
  }
  try {
    return sendable(await navigator.credentials[form.dataset.keys]({ publicKey }));
  } catch (error) {
    throw new Error(error.name === "InvalidStateError" ? form.dataset.held : form.dataset.refused);
  }
}

async function send(form, button) {
  const rest = [...form.elements].filter((element) => element.name !== "code");
  if (!rest.every((element) => element.reportValidity())) return;
  const note = form.querySelector("[data-key-error]");
  note.textContent = "";
  button.disabled = true;
  try {
    form.elements.key.value = JSON.stringify(await asked(form));
    button.disabled = false;
    form.requestSubmit(button);
  } catch (error) {
    note.textContent = error.message;
  }
  button.disabled = false;
  form.elements.key.value = "";
}

export function securityKeys(root) {
  if (!able()) return;
  for (const part of root.querySelectorAll("[data-with-keys]")) part.hidden = false;
  if (!root.querySelector("form[data-keys]")) return;
  for (const part of root.querySelectorAll("[data-without-keys]")) part.hidden = true;
  for (const form of root.querySelectorAll("form[data-keys]")) {
    form.elements.offers_keys.value = "yes";
    form.addEventListener("submit", (event) => {
      if (form.elements.key.value || !event.submitter?.matches("[data-key]")) return;
      event.preventDefault();
      send(form, event.submitter);
    });
  }
}
