// A button that copies a number. It shows only where copying works.
for (const button of document.querySelectorAll("[data-copy]")) {
  const status = document.querySelector("[data-copy-status]");
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      status.textContent = button.dataset.copied;
    } catch {
      button.hidden = true; // not allowed here; the number can still be selected
    }
  });
}
