// Columns of tables of class "sortable" can be sorted: by numbers where cells carry them, else by text.
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.order === undefined ? (cell.tagName === "TH" ? cell.textContent : null) : Number(cell.dataset.order);
  };
  const sort = (column) => {
    const head = heads[column];
    const down = head.getAttribute("aria-sort") !== "descending" && column > 0;
    const sign = down || head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const order = (a, b) => {
      const [x, y] = [value(a, column), value(b, column)];
      if (x === null || y === null) return (x === null) - (y === null); // what is missing stays last
      return sign * (typeof x === "number" ? x - y : x.localeCompare(y, "en", { numeric: true }));
    };
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
    body.append(...[...body.rows].sort(order));
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = "sort";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(column));
    head.append(button);
  });
}
