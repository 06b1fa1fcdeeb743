"use strict";
(() => {
  const table = document.getElementById("all-drafts");
  const search = document.getElementById("search");
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const sums = [...table.tFoot.rows[0].cells];
  const language = document.documentElement.lang;
  const texts = new Intl.Collator(language, { numeric: true });
  const amounts = new Intl.NumberFormat(language, language === "de"
    ? { style: "currency", currency: "EUR" } : { minimumFractionDigits: 2 });
  const counts = new Intl.NumberFormat(language);
  const value = (row, place) => Number(row.cells[place].dataset.value);

  function sumUp() {
    const shown = [...body.rows].filter((row) => !row.hidden);
    sums.forEach((cell, place) => {
      const kind = heads[place].dataset.sum;
      if (kind === "rows") cell.textContent = counts.format(shown.length);
      if (kind !== "cents" && kind !== "count") return;
      const counted = shown.filter((row) => !("deleted" in row.dataset));
      const sum = counted.reduce((total, row) => total + value(row, place), 0);
      cell.textContent = kind === "cents" ? amounts.format(sum / 100) : counts.format(sum);
    });
  }

  search.hidden = false;
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
    sumUp();
  });

  heads.forEach((head, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.ariaSort === "ascending";
      heads.forEach((other) => { other.ariaSort = "none"; });
      head.ariaSort = down ? "descending" : "ascending";
      const rows = [...body.rows].sort((one, other) => "value" in one.cells[place].dataset
        ? value(one, place) - value(other, place)
        : texts.compare(one.cells[place].textContent, other.cells[place].textContent));
      body.append(...(down ? rows.reverse() : rows));
    });
  });
})();
