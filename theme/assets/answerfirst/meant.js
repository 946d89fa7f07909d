// The page for wrong addresses looks for what the address meant, and offers it. It goes nowhere by itself.
import { finder } from "./find.js";

const MOST = 3;

async function offer(place) {
  const search = document.querySelector("form[data-suggest]");
  const asked = new URLSearchParams(location.search).get("q"); // a question that found no form
  const path = decodeURIComponent(location.pathname).replace(/\.html?$/, "");
  const question = asked ?? path.replace(/[^\p{L}\p{N}]+/gu, " ").replace(/^ ?(\p{L}{2} )?/u, "").trim();
  if (!question) return;
  if (asked) search.elements.q.value = asked;
  const { suggestions } = await finder(new URL(place.dataset.meant, document.baseURI).href).ask(`${question} `);
  const links = suggestions.slice(0, MOST).map(({ title, url }) => {
    const link = document.createElement("a");
    link.className = "af-link";
    link.href = url.replace(/#.*/, "");
    link.textContent = title;
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  place.querySelector("ul").replaceChildren(...links);
  place.hidden = !links.length;
}

// Without an index, or with an address that no browser can read, the page is as it was.
for (const place of document.querySelectorAll("[data-meant]")) offer(place).catch(() => {});
