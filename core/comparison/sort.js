// A click on a heading sorts its table by that column, a second one the other way round.
"use strict";

const number = (text) => parseFloat(text.replace(/[,\s]/g, "").replace("\u2212", "-"));

const byColumn = (place, numeric, way) => (a, b) => {
  const [x, y] = [a, b].map((row) => row.cells[place].textContent.trim());
  if (!numeric) return way * x.localeCompare(y, "en", { numeric: true });
  const [p, q] = [x, y].map(number);
  if (isNaN(p) || isNaN(q)) return isNaN(p) - isNaN(q); // what is unknown comes last
  return way * (p - q);
};

for (const heading of document.querySelectorAll(".sortable thead th")) {
  const button = document.createElement("button");
  button.append(...heading.childNodes);
  heading.append(button);
  button.addEventListener("click", () => {
    const body = heading.closest("table").tBodies[0];
    const numeric = heading.classList.contains("number");
    const falling = heading.getAttribute("aria-sort");
    const way = falling === null ? (numeric ? -1 : 1) : falling === "descending" ? 1 : -1;
    for (const each of heading.parentNode.cells) each.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", way > 0 ? "ascending" : "descending");
    body.append(...[...body.rows].sort(byColumn(heading.cellIndex, numeric, way)));
  });
}
