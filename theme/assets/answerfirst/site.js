// Small conveniences of every page. Without this script everything still works.
(() => {
  "use strict";
  const openMenus = () => document.querySelectorAll("details.af-menu[open]");

  // A link to a question opens its answer; opening one puts its link into the address.
  const openTarget = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.matches("details.faq__item")) target.open = true;
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  for (const item of document.querySelectorAll("details.faq__item")) {
    item.addEventListener("toggle", () => item.open && history.replaceState(null, "", `#${item.id}`));
  }

  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("focusin", (event) => {
    for (const menu of openMenus()) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of openMenus()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
      return;
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const field = document.querySelector(".af-search__input");
      if (!field) return;
      event.preventDefault();
      field.focus();
    }
  });
})();
