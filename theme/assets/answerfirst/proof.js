// Solves ALTCHA's proof of work (SHA-256) while the person types: which number, after the salt, has this hash?
// The page and the worker that counts are the same file. Without it the message is taken all the same.

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function solve({ algorithm, challenge, salt, maxnumber }) {
  const text = new TextEncoder();
  for (let number = 0; number <= maxnumber; number++) {
    if (hex(await crypto.subtle.digest(algorithm, text.encode(salt + number))) === challenge) return number;
  }
  return null;
}

function inBackground(task) {
  return new Promise((done, failed) => {
    const worker = new Worker(import.meta.url, { type: "module" });
    worker.onmessage = ({ data }) => (worker.terminate(), done(data));
    worker.onerror = (fault) => (fault.preventDefault(), worker.terminate(), failed(fault));
    worker.postMessage(task);
  });
}

const PATIENCE = 5000; // ms that a press of the button waits for a proof that is nearly done

function guard(form) {
  let proof = null;
  let settled = Boolean(form.elements.altcha);

  async function prove() {
    const answer = await fetch(form.dataset.proof, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const task = await answer.json();
    const number = await inBackground(task);
    if (number === null) return;
    const { algorithm, challenge, salt, signature } = task;
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "altcha";
    field.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
    form.append(field);
  }

  const begin = () => {
    if (!settled) proof ??= prove().catch(() => {}).finally(() => (settled = true));
  };
  form.addEventListener("input", begin, { once: true });
  if (form.elements.message.value) begin();
  form.addEventListener("submit", async (event) => {
    if (settled || event.defaultPrevented) return;
    begin();
    event.preventDefault();
    await Promise.race([proof, new Promise((on) => setTimeout(on, PATIENCE))]);
    settled = true;
    form.requestSubmit(event.submitter);
  });
}

if (typeof document === "undefined") {
  onmessage = async ({ data }) => postMessage(await solve(data));
} else if (crypto.subtle) {
  document.querySelectorAll("form[data-proof]").forEach(guard);
}
