// Keeps what is typed into the contact form while this tab is open, so that a reload loses nothing.
// Session storage belongs to this tab, leaves with it, and is emptied as soon as the message is on its way.

const PLACE = "answerfirst-draft";
const KEPT = ["message", "name", "email", "subject"];

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE)) || {};
  } catch {
    return {}; // no storage, or nothing that we wrote
  }
}

function keep(form) {
  const draft = Object.fromEntries(KEPT.map((name) => [name, form.elements[name]?.value ?? ""]));
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(draft));
  } catch {
    // Private windows may refuse. The form works without.
  }
}

function restore(form) {
  const draft = read();
  for (const name of KEPT) {
    const field = form.elements[name];
    // What the server filled in is newer than what this tab remembers.
    if (field && !field.value && typeof draft[name] === "string" && draft[name]) {
      field.value = draft[name];
      field.dispatchEvent(new Event("input", { bubbles: true })); // answers are looked for as if it were typed
    }
  }
}

const form = document.querySelector("form[data-draft]");
if (form) {
  restore(form);
  form.addEventListener("input", () => keep(form));
}
if (document.querySelector("[data-draft-done]")) {
  try {
    sessionStorage.removeItem(PLACE);
  } catch {
    // Nothing was kept.
  }
}
