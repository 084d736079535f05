// Security keys (WebAuthn): a form, or a part of one, with data-keys asks the server for a challenge,
// the browser's key for an answer, and sends it in its hidden field. A part with data-on-submit asks
// when its form is sent without a code. Without this, or without keys, there are codes.
const CODE = "[autocomplete=one-time-code]";
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

async function challenge(form, { send, challenge }) {
  const sent = send ? { [send]: form.elements[send].value } : {};
  const answer = await fetch(challenge, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": form.elements.csrf_token.value },
    body: JSON.stringify(sent),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return readable(told.publicKey);
}

async function asked(form, told) {
  let publicKey;
  try {
    publicKey = await challenge(form, told);
  } catch (error) {
    throw new Error(error instanceof TypeError || error instanceof SyntaxError ? told.unreached : error.message);
  }
  try {
    return sendable(await navigator.credentials[told.keys]({ publicKey }));
  } catch (error) {
    throw new Error(error.name === "InvalidStateError" ? told.held : told.refused);
  }
}

async function send(form, part, button) {
  const rest = [...form.elements].filter((element) => !element.matches(CODE));
  if (!rest.every((element) => element.reportValidity())) return;
  const note = form.querySelector("[data-key-error]");
  note.textContent = "";
  button.disabled = true;
  try {
    form.elements.key.value = JSON.stringify(await asked(form, part.dataset));
    button.disabled = false;
    form.requestSubmit(button);
  } catch (error) {
    note.textContent = error.message;
  }
  button.disabled = false;
  form.elements.key.value = "";
}

function wanted(part, button) {
  if (!("onSubmit" in part.dataset)) return button?.matches("[data-key]");
  return !part.querySelector(CODE)?.value;
}

export function securityKeys(root) {
  if (!able()) return;
  for (const part of root.querySelectorAll("[data-with-keys]")) part.hidden = false;
  if (!root.querySelector("[data-keys]")) return;
  for (const part of root.querySelectorAll("[data-without-keys]")) part.hidden = true;
  for (const part of root.querySelectorAll("[data-keys]")) {
    const form = part.closest("form");
    form.elements.offers_keys.value = "yes";
    form.addEventListener("submit", (event) => {
      if (form.elements.key.value || !wanted(part, event.submitter)) return;
      event.preventDefault();
      send(form, part, event.submitter);
    });
  }
}
