// Light or dark as the reader chose, else as the system asks. Loaded in <head> without defer, so that no page flashes.
(() => {
  "use strict";
  const key = "answerfirst.appearance";
  const root = document.documentElement;

  const remembered = () => {
    try {
      const choice = localStorage.getItem(key);
      return choice === "light" || choice === "dark" ? choice : "system";
    } catch {
      return "system"; // storage is switched off
    }
  };

  const show = (choice) => {
    if (choice === "system") delete root.dataset.theme;
    else root.dataset.theme = choice;
  };

  const remember = (choice) => {
    try {
      if (choice === "system") localStorage.removeItem(key);
      else localStorage.setItem(key, choice);
    } catch {
      // The choice holds for this page only.
    }
  };

  const mark = (group, choice) => {
    for (const input of group.querySelectorAll("input")) input.checked = input.value === choice;
  };

  show(remembered());
  document.addEventListener("DOMContentLoaded", () => {
    const group = document.querySelector("[data-appearance]");
    if (!group) return;
    group.hidden = false;
    mark(group, remembered());
    group.addEventListener("change", (event) => {
      show(event.target.value);
      remember(event.target.value);
    });
    window.addEventListener("storage", (event) => {
      if (event.key !== key) return;
      show(remembered());
      mark(group, remembered());
    });
  });
})();
