// Particulars of a message that a script can know: the person's time zone, and the topic that the answers to their
// words point to. Without this script the desk's zone is used, and the topic is guessed when the message arrives.
const form = document.querySelector("[data-suggest]");
if (form) {
  const { zone, guessed, category } = form.elements;
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

  const urgent = document.querySelector("[data-urgent]");
  const help = document.getElementById("category-help");
  const usual = help?.textContent;
  let chosen = Boolean(category?.value) && category.value !== guessed?.value; // by the person: then it is theirs
  category?.addEventListener("change", () => {
    chosen = true;
    guessed.value = "";
    help.textContent = usual;
  });

  // Told by suggest.js with every reply.
  form.addEventListener("suggest:reply", ({ detail }) => {
    if (urgent) urgent.hidden = !detail.urgent;
    if (!category || chosen) return;
    const known = [...category.options].some(({ value }) => value && value === detail.category);
    const guess = known ? detail.category : "";
    if (guess === category.value || category === document.activeElement) return;
    category.value = guessed.value = guess;
    help.textContent = guess ? category.dataset.guessedHelp : usual;
  });
}
