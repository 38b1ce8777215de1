"use strict";
// The table of the shown dataset: tabs, sorting, filters, columns, and where a number comes from.

const data = JSON.parse(document.getElementById("data").textContent);
const filters = document.getElementById("filters");
const tabs = [...document.querySelectorAll("[role=tab]")];
const tables = [...document.querySelectorAll("table.board")];
let shown = 0; // position of the chosen dataset's tab

function chosenTable() {
  return tables[shown];
}

function showDataset(position) {
  shown = position;
  tabs.forEach((tab, i) => {
    tab.setAttribute("aria-selected", i === position);
    tab.tabIndex = i === position ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = i !== position;
  });
  refresh();
}

function sortTable(header, order) {
  const row = header.parentElement;
  const column = [...row.children].indexOf(header);
  for (const other of row.children) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", order);
  const sign = order === "ascending" ? 1 : -1;
  const isText = column === 0;
  const compare = (a, b) => {
    const [left, right] = [a.children[column].dataset.sort, b.children[column].dataset.sort];
    if (left === "" || right === "") return (left === "") - (right === ""); // what has no value stays last
    return sign * (isText ? left.localeCompare(right, "en") : left - right);
  };
  for (const body of row.closest("table").tBodies) {
    body.append(...[...body.querySelectorAll("tr[data-key]")].sort(compare));
  }
}

function nextOrder(header) {
  const now = header.getAttribute("aria-sort");
  if (!now) return header.dataset.first;
  return now === "ascending" ? "descending" : "ascending";
}

function isWanted(row) {
  const wanted = new FormData(filters);
  const text = wanted.get("text").trim().toLowerCase();
  return wanted.getAll("kind").includes(row.dataset.kind)
    && (!wanted.get("trained") || wanted.get("trained") === row.dataset.trained)
    && data.methods[row.dataset.key].label.toLowerCase().includes(text);
}

function refresh() {
  const columns = new Set(data.groups[filters.elements.group.value]);
  const table = chosenTable();
  for (const cell of table.querySelectorAll("th[data-column], td[data-metric]")) {
    const name = cell.dataset.column ?? cell.dataset.metric;
    cell.hidden = name !== "" && !columns.has(name);
  }
  let count = 0;
  for (const body of table.tBodies) {
    const rows = [...body.querySelectorAll("tr[data-key]")];
    for (const row of rows) row.hidden = !isWanted(row);
    const left = rows.filter((row) => !row.hidden).length;
    body.hidden = left === 0;
    count += left;
  }
  const all = table.querySelectorAll("tr[data-key]").length;
  document.getElementById("count").textContent = `${count} of ${all} methods`;
  enterAtFirstNumber(table);
  drawPareto(table);
}

// One tab stop for all numbers of a table; arrow keys go from number to number.
function enterAtFirstNumber(table) {
  const numbers = [...table.querySelectorAll("button.value")];
  for (const number of numbers) number.tabIndex = -1;
  const first = numbers.find((number) => number.offsetParent);
  if (first) first.tabIndex = 0;
}

function moveBetweenNumbers(event) {
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!step || !event.target.matches("button.value")) return;
  const table = event.currentTarget;
  const rows = [...table.querySelectorAll("tr[data-key]")].filter((row) => row.offsetParent);
  const numbersOf = (row) => [...row.querySelectorAll("button.value")].filter((number) => number.offsetParent);
  const here = event.target.closest("tr");
  const row = rows[rows.indexOf(here) + step[0]];
  const next = row && numbersOf(row)[numbersOf(here).indexOf(event.target) + step[1]];
  event.preventDefault();
  if (!next) return;
  event.target.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function showOrigin(button) {
  const cell = button.closest("td");
  const [dataset, key, name] = [chosenTable().dataset.dataset, cell.parentElement.dataset.key, cell.dataset.metric];
  const method = data.methods[key];
  const metric = data.metrics[name];
  const found = data.cells[dataset][key][name];
  const dialog = document.getElementById("origin");
  dialog.querySelector("h2").textContent = `${method.label}, ${metric.heading}, ${data.datasets[dataset]}`;
  const lines = [...originOf(found, metric), ...Object.entries({ ...data.origins, ...method.hashes })];
  dialog.querySelector("dl").replaceChildren(...lines.flatMap(([term, text]) => [
    Object.assign(document.createElement("dt"), { textContent: term }),
    Object.assign(document.createElement("dd"), { textContent: text }),
  ]));
  dialog.showModal();
}

function originOf(cell, metric) {
  const number = (value) => value.toFixed(metric.decimals);
  const lines = [["metric", metric.id]];
  if (cell.value !== null) lines.unshift(["mean", number(cell.value)]);
  if (cell.low !== null) lines.push(["interval", `${number(cell.low)} to ${number(cell.high)}`]);
  if (cell.reason) lines.push([cell.value === null ? "no value" : "no interval", cell.reason]);
  if (cell.standing) lines.push(["rank", `${cell.standing.rank}; ${cell.standing.low} to ${cell.standing.high} cannot be excluded`]);
  lines.push(["compared on", `${cell.clips} clips of ${cell.persons} persons`]);
  lines.push(["coverage", `${cell.scored} of ${cell.expected} clips scored`]);
  if (cell.found_share !== null) lines.push(["face found", `in ${(100 * cell.found_share).toFixed(1)} % of frames`]);
  if (cell.explain) lines.push(["more", `speak explain "${cell.explain}"`]);
  return lines;
}

function start() {
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => {
      history.replaceState(null, "", `#${encodeURIComponent(tab.dataset.dataset)}`);
      showDataset(i);
    });
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) tabs[(i + step + tabs.length) % tabs.length].focus();
      if (step) document.activeElement.click();
    });
  });
  for (const table of tables) {
    for (const header of table.querySelectorAll("thead th")) {
      header.querySelector("button").addEventListener("click", () => sortTable(header, nextOrder(header)));
    }
    const first = table.querySelector("thead th[data-column]:nth-child(2)");
    if (first) sortTable(first, first.dataset.first);
    table.addEventListener("keydown", moveBetweenNumbers);
    table.addEventListener("click", (event) => event.target.matches("button.value") && showOrigin(event.target));
  }
  filters.addEventListener("input", refresh);
  filters.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("origin-close").addEventListener("click", () => document.getElementById("origin").close());
  document.getElementById("axes").addEventListener("input", () => drawPareto(chosenTable()));
  new ResizeObserver(() => drawPareto(chosenTable())).observe(document.getElementById("plot"));
  const wanted = tabs.findIndex((tab) => `#${encodeURIComponent(tab.dataset.dataset)}` === location.hash);
  if (tabs.length) showDataset(Math.max(wanted, 0));
}
