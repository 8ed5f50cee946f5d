// Lets an officer prove herself with a passkey: shows its button, asks the browser, sends its answer in the form.

/** @param {string} text base64url @returns {ArrayBuffer} */
function bytes(text) {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0)).buffer;
}

/** @param {ArrayBuffer|null} raw @returns {string|null} base64url */
function text(raw) {
  if (!raw) return null;
  return btoa(String.fromCharCode(...new Uint8Array(raw)))
    .replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const named = (list = []) => list.map((each) => ({ ...each, id: bytes(each.id) }));

/** What the engine wrote, with bytes where the browser wants bytes. @param {any} ask */
function question(ask) {
  const made = { ...ask, challenge: bytes(ask.challenge) };
  if (ask.user) made.user = { ...ask.user, id: bytes(ask.user.id) };
  if (ask.allowCredentials) made.allowCredentials = named(ask.allowCredentials);
  if (ask.excludeCredentials) made.excludeCredentials = named(ask.excludeCredentials);
  return made;
}

/** The browser's answer as text. @param {any} credential */
function answer(credential) {
  const { response } = credential;
  const said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    said.userHandle = text(response.userHandle);
  }
  const { id, type, rawId } = credential;
  return JSON.stringify({ id, type, rawId: text(rawId), response: said, clientExtensionResults: {} });
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const [button, alert] = [form.querySelector('button'), form.querySelector('[role=alert]')];
  const how = form.dataset.passkey;
  button.hidden = !window.PublicKeyCredential;
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    alert.hidden = true;
    try {
      const publicKey = question(JSON.parse(form.dataset.ask));
      const credential = await navigator.credentials[how]({ publicKey });
      form.elements.kunci.value = answer(credential);
      form.submit();
    } catch (failure) {
      console.error(failure);
      alert.hidden = false;
    }
  });
}
