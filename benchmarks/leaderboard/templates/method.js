"use strict";
// A method's page: its clips with the worst first, and the ground truth and the method played as one.

const data = JSON.parse(document.getElementById("data").textContent);
const choice = document.getElementById("choice");
const body = document.querySelector("#clip-table tbody");
const player = document.getElementById("player");
const truth = document.getElementById("truth");
const made = document.getElementById("made");
const MOST_DRIFT_S = 0.04; // a frame at 25 fps

function element(name, text, attributes = {}) {
  const node = Object.assign(document.createElement(name), { textContent: text });
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function clipAddress(clip) {
  return `#${encodeURIComponent(`${clip.dataset}:${clip.id}`)}`;
}

function showClips() {
  const column = data.columns[choice.elements.metric.value];
  const dataset = choice.elements.dataset.value;
  const order = column ? column.worst_first.filter((i) => !dataset || data.clips[i].dataset === dataset) : [];
  const scored = order.filter((i) => column.values[i] !== null).length;
  document.getElementById("clip-metric").textContent = column?.heading ?? "";
  document.getElementById("clip-caption").textContent = `${scored} of ${order.length} clips scored, the worst first`;
  const values = order.map((i) => column.values[i]).filter((value) => value !== null);
  const span = [Math.min(...values, 0), Math.max(...values, 0)];
  body.replaceChildren(...order.map((i) => clipRow(i, column, span)));
  markPlaying();
}

function clipRow(i, column, [low, high]) {
  const clip = data.clips[i];
  const row = element("tr", "", { "data-clip": i });
  const name = element("th", "", { scope: "row" });
  name.append(clip.truth ? element("a", clip.id, { href: clipAddress(clip) }) : clip.id);
  const value = column.values[i];
  const bar = element("td", "", { class: "bar" });
  if (value !== null) {
    const length = high > low ? (100 * Math.abs(value)) / (high - low) : 0;
    const mark = element("span", "");
    mark.style.width = `${length}%`;
    bar.append(mark);
  }
  const number = value === null ? element("td", column.reasons[i], { class: "text none" })
    : element("td", value.toFixed(column.decimals));
  row.append(name, element("td", data.datasets[clip.dataset], { class: "text" }), element("td", clip.person, { class: "text" }),
    number, bar);
  return row;
}

// The player: `truth` leads, `made` follows; both lists have one video where the page is the ground truth's own.
let current = null;
const videos = [truth, made].filter(Boolean);

function following() {
  return made && !made.hidden ? [truth, made] : [truth];
}

function select(clip, scroll) {
  pause();
  current = clip;
  truth.src = clip.truth;
  if (made) {
    const absent = document.getElementById("absent");
    made.hidden = !clip.made;
    absent.hidden = Boolean(clip.made);
    absent.textContent = clip.missing ?? "no video";
    if (clip.made) made.src = clip.made;
    else made.removeAttribute("src");
  }
  for (const video of videos) video.load();
  document.getElementById("playing").textContent = `${data.datasets[clip.dataset]}, ${clip.id}`;
  applySpeed();
  showTime();
  markPlaying();
  if (scroll) player.scrollIntoView({ block: "nearest" });
}

function markPlaying() {
  for (const row of body.rows) {
    const isCurrent = data.clips[row.dataset.clip] === current;
    row.classList.toggle("current", isCurrent);
    if (isCurrent) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

async function play() {
  if (truth.ended) seek(0);
  document.getElementById("play").textContent = "❚❚";
  document.getElementById("play").setAttribute("aria-label", "Pause");
  await Promise.all(following().map((video) => video.play())).catch(() => pause());
  requestAnimationFrame(keepTogether);
}

function pause() {
  for (const video of videos) video.pause();
  document.getElementById("play").textContent = "▶";
  document.getElementById("play").setAttribute("aria-label", "Play");
}

function keepTogether() {
  showTime();
  if (truth.ended) return pause();
  if (truth.paused) return;
  for (const video of following().slice(1)) {
    if (!video.ended && Math.abs(video.currentTime - truth.currentTime) > MOST_DRIFT_S) video.currentTime = truth.currentTime;
  }
  requestAnimationFrame(keepTogether);
}

function seek(seconds) {
  for (const video of following()) video.currentTime = seconds;
}

function showTime() {
  const slider = document.getElementById("seek");
  if (truth.duration) slider.max = truth.duration;
  slider.value = truth.currentTime;
  slider.setAttribute("aria-valuetext", `${truth.currentTime.toFixed(2)} seconds`);
  document.getElementById("time").textContent = `${truth.currentTime.toFixed(2)} s`;
}

function applySpeed() {
  const speed = Number(document.getElementById("speed").value);
  for (const video of videos) Object.assign(video, { defaultPlaybackRate: speed, playbackRate: speed });
}

function selectByAddress(scroll) {
  const found = data.clips.find((clip) => clip.truth && clipAddress(clip) === location.hash);
  if (found) select(found, scroll);
  return Boolean(found);
}

choice.addEventListener("input", showClips);
choice.addEventListener("submit", (event) => event.preventDefault());
showClips();
if (player) {
  document.getElementById("play").addEventListener("click", () => (truth.paused ? play() : pause()));
  document.getElementById("seek").addEventListener("input", (event) => seek(Number(event.target.value)));
  document.getElementById("speed").addEventListener("input", applySpeed);
  document.getElementById("sound").addEventListener("input", (event) => { truth.muted = !event.target.checked; });
  truth.muted = true;
  for (const event of ["loadedmetadata", "seeked"]) truth.addEventListener(event, showTime);
  window.addEventListener("hashchange", () => selectByAddress(true));
  const first = data.clips[data.columns[0]?.worst_first.find((i) => data.clips[i].truth)];
  if (!selectByAddress(false) && first) select(first, false);
}
