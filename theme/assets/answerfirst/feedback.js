// "Was this helpful?" in place. Without this script the same form goes to a page of the deflector.

function attend(form) {
  const part = (name) => form.querySelector(`[data-feedback-${name}]`);
  const more = part("more").querySelector("fieldset");
  let waiting = false; // a "no" whose reason is still open

  const word = (helpful) => ({
    article: form.elements.article.value,
    version: Number(form.elements.version.value),
    lang: form.elements.lang.value,
    helpful,
    reason: helpful ? null : form.elements.reason.value || null,
    comment: helpful ? null : form.elements.comment.value.trim() || null,
  });

  const tell = (helpful) =>
    fetch(`${form.dataset.api}/feedback`, {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(word(helpful)),
    }).then((answer) => {
      if (!answer.ok) throw new Error(`status ${answer.status}`);
    });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    part("failed").hidden = true;
    const helpful = event.submitter?.value === "yes";
    if (!helpful && !waiting) {
      waiting = true;
      more.disabled = false;
      part("more").hidden = false;
      more.querySelector("legend").focus(); // said first, then the reasons below it
      return;
    }
    try {
      await tell(helpful);
    } catch {
      part("failed").hidden = false;
      return;
    }
    waiting = false;
    part("ask").hidden = part("more").hidden = true;
    part("thanks").hidden = false;
    part("thanks").focus();
  });

  // Who leaves without a reason has still said no.
  addEventListener("pagehide", () => {
    if (!waiting) return;
    waiting = false;
    tell(false).catch(() => {});
  });
}

for (const form of document.querySelectorAll("[data-feedback]")) attend(form);
