// Two metrics against each other, better always up and to the right, and the methods that no other beats on both.

const KIND_SHAPES = {
  ours: "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z",
  baseline: "M-5,0a5,5 0 1,0 10,0a5,5 0 1,0 -10,0Z",
  videos: "M-5,-5H5V5H-5Z",
  submission: "M0,-6.5L6.5,0L0,6.5L-6.5,0Z",
  ablation: "M-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0Z",
  reference: "M-5,-5L5,5M-5,5L5,-5",
};
const MARGIN = { left: 58, right: 16, top: 14, bottom: 46 };

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Those that compete and that no other such point equals or beats on both axes and beats on one; by rising `across`.
function paretoFront(points) {
  const beats = (a, b) => a.goodness[0] >= b.goodness[0] && a.goodness[1] >= b.goodness[1]
    && (a.goodness[0] > b.goodness[0] || a.goodness[1] > b.goodness[1]);
  const competing = points.filter((point) => point.method.competes);
  const front = competing.filter((point) => !competing.some((other) => beats(other, point)));
  return front.sort((a, b) => a.goodness[0] - b.goodness[0]);
}

function pointsOf(table, names) {
  const cells = data.cells[table.dataset.dataset];
  const signs = names.map((name) => (data.metrics[name].higher ? 1 : -1));
  return [...table.querySelectorAll("tr[data-key]")].flatMap((row) => {
    const both = names.map((name) => cells[row.dataset.key][name]);
    if (both.some((cell) => cell.value === null)) return [];
    const goodness = both.map((cell, axis) => signs[axis] * cell.value);
    return [{ method: data.methods[row.dataset.key], both, goodness, hidden: row.hidden }];
  });
}

// A linear scale over values and interval ends, from `begin` to `end` in pixels, turned so that better lies at `end`.
function scaleOf(points, axis, begin, end) {
  const cells = points.map((point) => point.both[axis]);
  const values = cells.flatMap((cell) => [cell.value, cell.low ?? cell.value, cell.high ?? cell.value]);
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const room = (high - low || 1) * 0.06;
  [low, high] = [low - room, high + room];
  return { low, high, at: (value, higher) => {
    const share = (value - low) / (high - low);
    return begin + (higher ? share : 1 - share) * (end - begin);
  } };
}

function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k += 1) found.push([k * step, (k * step).toFixed(decimals)]);
  return found;
}

function drawPareto(table) {
  const names = ["across", "up"].map((name) => document.getElementById("axes").elements[name].value);
  const metrics = names.map((name) => data.metrics[name]);
  const all = pointsOf(table, names);
  const front = paretoFront(all);
  const points = all.filter((point) => !point.hidden);
  const plot = document.getElementById("plot");
  document.getElementById("pareto-dataset").textContent = data.datasets[table.dataset.dataset];
  const list = front.map((point) => point.method.label).join(", ");
  document.getElementById("front").textContent = list ? `On the front: ${list}.` : "No method has both numbers.";
  if (!points.length) return plot.replaceChildren();
  const width = Math.max(plot.clientWidth, 280);
  const height = Math.round(Math.min(0.62 * width, 480)) + 40;
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  const drawn = front.filter((point) => !point.hidden);
  const scales = [scaleOf(points, 0, MARGIN.left, right), scaleOf(points, 1, bottom, MARGIN.top)];
  const place = (point) => point.both.map((cell, axis) => scales[axis].at(cell.value, metrics[axis].higher));
  const picture = svg("svg", { width, height, role: "img", "aria-label": `${metrics[1].title} against ${metrics[0].title}` });
  picture.append(...axesOf(scales, metrics, width, height));
  picture.append(svg("path", { class: "front", d: stairs(drawn.map(place)) }));
  for (const point of points) picture.append(markOf(point, scales, metrics, place(point), front.includes(point)));
  plot.replaceChildren(picture);
  placeLabels(picture, points.map((point) => [point, place(point)]), right);
}

// What the front's methods reach: a step at each, down on its right side.
function stairs(corners) {
  return corners.map(([x, y], i) => (i ? `V${y}H${x}` : `M${x},${y}`)).join("");
}

function axesOf(scales, metrics, width, height) {
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  const across = ticks(scales[0].low, scales[0].high, width / 110).flatMap(([value, text]) => {
    const x = scales[0].at(value, metrics[0].higher);
    return [svg("line", { class: "grid", x1: x, x2: x, y1: MARGIN.top, y2: bottom }),
      svg("text", { x, y: bottom + 17, "text-anchor": "middle" }, text)];
  });
  const up = ticks(scales[1].low, scales[1].high, height / 80).flatMap(([value, text]) => {
    const y = scales[1].at(value, metrics[1].higher);
    return [svg("line", { class: "grid", x1: MARGIN.left, x2: right, y1: y, y2: y }),
      svg("text", { x: MARGIN.left - 7, y: y + 4, "text-anchor": "end" }, text)];
  });
  const titles = [
    svg("text", { class: "title", x: right, y: height - 8, "text-anchor": "end" }, `${metrics[0].heading}, better →`),
    svg("text", { class: "title", x: -MARGIN.top, y: 13, transform: "rotate(-90)", "text-anchor": "end" },
      `${metrics[1].heading}, better →`),
  ];
  return [...across, ...up, ...titles];
}

function markOf(point, scales, metrics, [x, y], isFront) {
  const ends = point.both.map((cell, axis) => cell.low === null ? null
    : [cell.low, cell.high].map((value) => scales[axis].at(value, metrics[axis].higher)));
  const parts = [];
  if (ends[0]) parts.push(svg("line", { class: "error", x1: ends[0][0], x2: ends[0][1], y1: y, y2: y }));
  if (ends[1]) parts.push(svg("line", { class: "error", x1: x, x2: x, y1: ends[1][0], y2: ends[1][1] }));
  parts.push(svg("path", { class: "mark", d: KIND_SHAPES[point.method.kind], transform: `translate(${x},${y})` }));
  const link = svg("a", { href: point.method.page, "aria-label": point.method.label }, ...parts);
  link.setAttribute("class", `point ${point.method.kind}${isFront ? " on-front" : ""}`);
  return link;
}

// Beside each mark, at the first of some places that is free of other labels and marks.
function placeLabels(picture, placed, right) {
  const taken = placed.map(([, [x, y]]) => [x - 6, y - 6, x + 6, y + 6]);
  const isFree = (box) => box[0] > 4 && box[2] < right + 10
    && !taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
  for (const [point, [x, y]] of placed) {
    const label = svg("text", { class: `label ${point.method.kind}` }, point.method.label);
    picture.append(label);
    const length = label.getComputedTextLength();
    const corners = [[x + 7, y - 21], [x - 7 - length, y - 21], [x + 7, y + 6], [x - 7 - length, y + 6],
      [x + 9, y - 8], [x - 9 - length, y - 8], [x + 7, y - 35], [x + 7, y + 20]];
    const boxes = corners.map(([left, top]) => [left, top, left + length, top + 15]);
    const box = boxes.find(isFree) ?? boxes[0];
    taken.push(box);
    label.setAttribute("x", box[0]);
    label.setAttribute("y", box[1] + 12);
  }
}

start();
