// Draws a section of an article from the plain text that the catalogue holds of it. generator/sections.py says how
// its lines read: "1. " begins a step, "- " a point, " | " parts the cells of a row. Everything else is a paragraph,
// and whatever stands in a line is shown as the characters that it is.

const WIDEST = 3; // cells of a row that a card has room for

const KINDS = [
  ["ol", (line) => line.match(/^\d+\. (.*)$/s)?.[1]],
  ["ul", (line) => line.match(/^- (.*)$/s)?.[1]],
  ["table", (line) => (line.includes(" | ") ? line : undefined)],
  ["p", (line) => line],
];

function make(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

function table(rows) {
  const cells = rows.map((row) => row.split(" | ").map((cell) => cell.trim()));
  const width = Math.max(...cells.map((row) => row.length));
  if (cells.length < 2 || width > WIDEST) return make("ul", ...cells.map((row) => make("li", row.join(" · "))));
  const [head, ...body] = cells;
  while (head.length < width) head.unshift(""); // the corner of a table is often empty
  const top = head.map((cell) => (cell ? make("th", cell) : make("td")));
  for (const cell of top) if (cell.localName === "th") cell.scope = "col";
  const drawn = make("table", make("thead", make("tr", ...top)), make("tbody"));
  drawn.tBodies[0].append(...body.map((row) => make("tr", ...row.map((cell) => make("td", cell)))));
  return drawn;
}

export function blocks(text) {
  const groups = [];
  for (const line of text.split("\n").filter((one) => one.trim())) {
    const [kind, read] = KINDS.find(([, test]) => test(line) !== undefined);
    const last = groups.at(-1);
    if (last?.kind === kind && kind !== "p") last.lines.push(read(line));
    else groups.push({ kind, lines: [read(line)] });
  }
  return groups.map(({ kind, lines }) => {
    if (kind === "p") return make("p", ...lines);
    return kind === "table" ? table(lines) : make(kind, ...lines.map((line) => make("li", line)));
  });
}
