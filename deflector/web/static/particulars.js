// Particulars of a message that a script can know: the person's time zone, and what the answers to their words say of
// its topic and urgency. Without this script the desk's zone is used, and the topic is guessed when the message comes.
const form = document.querySelector("[data-suggest]");
if (form) {
  const { zone, guessed, category } = form.elements;
  if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

  const urgent = document.querySelector("[data-urgent]");
  const help = document.getElementById("category-help");
  const usual = category?.dataset.help;
  let chosen = Boolean(category?.value) && category.value !== guessed?.value; // by the person: then it is theirs
  let news = null; // what could not be shown yet
  category?.addEventListener("change", () => {
    chosen = true;
    guessed.value = "";
    help.textContent = usual;
  });

  // Nothing may grow or shrink above the field that is in use.
  const mayMove = (node) => {
    const inUse = document.activeElement;
    return !form.contains(inUse) || Boolean(node.compareDocumentPosition(inUse) & Node.DOCUMENT_POSITION_PRECEDING);
  };

  function tell() {
    if (!news) return;
    if (urgent && mayMove(urgent)) urgent.hidden = !news.urgent;
    if (!category || chosen || !mayMove(category)) return;
    const known = [...category.options].some(({ value }) => value && value === news.category);
    const guess = known ? news.category : "";
    if (guess === category.value) return;
    category.value = guessed.value = guess;
    help.textContent = guess ? category.dataset.guessedHelp : usual;
  }

  // Told by suggest.js with every reply.
  form.addEventListener("suggest:reply", ({ detail }) => {
    news = detail;
    tell();
  });
  form.addEventListener("focusin", tell);
}
