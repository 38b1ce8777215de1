"use strict";
// One step of a session: play the video to its end, then send the answers until the server says that they are stored.

const RETRY_MS = 2000;
const JUMP_S = 0.3; // further ahead than this was not watched
const form = document.querySelector("form");
const video = document.getElementById("video");
const play = document.getElementById("play");
const message = document.getElementById("message");

function say(text) {
  message.textContent = text;
  message.hidden = text === "";
}

function answers() {
  const numbers = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, Number(value)]));
  const { position, video: name } = form.dataset;
  return position ? { position: Number(position), video: name, scores: numbers } : numbers;
}

async function send(event) {
  event.preventDefault();
  const button = form.querySelector("button[type=submit]");
  const body = JSON.stringify(answers());
  button.disabled = true;
  for (;;) {
    try {
      const reply = await fetch(form.dataset.post, { method: "POST", headers: { "Content-Type": "application/json" }, body });
      if (reply.ok) return location.reload();
      if (reply.status < 500) {
        say((await reply.json()).error);
        button.disabled = false;
        return;
      }
    } catch {
      // no connection: the answers are kept here and sent again
    }
    say("This could not be saved yet. Trying again …");
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

function preparePlayer() {
  let watched = 0;
  const answerable = document.querySelector(".answers");
  const failed = () => say("The video could not be loaded. Please load the page again.");
  play.addEventListener("click", () => {
    play.disabled = true;
    play.textContent = "Loading …";
    video.play().catch(failed);
  });
  video.addEventListener("playing", () => { play.textContent = "Playing …"; });
  video.addEventListener("pause", () => {
    play.disabled = false;
    play.textContent = video.ended ? "Play again" : "Go on playing";
  });
  video.addEventListener("timeupdate", () => {
    if (!video.seeking && video.currentTime <= watched + 1) watched = Math.max(watched, video.currentTime);
  });
  video.addEventListener("seeking", () => {
    if (video.currentTime > watched + JUMP_S) video.currentTime = watched;
  });
  video.addEventListener("ratechange", () => {
    if (video.playbackRate !== 1) video.playbackRate = 1;
  });
  video.addEventListener("ended", () => {
    if (!answerable.disabled) return;
    answerable.disabled = false;
    const hint = document.getElementById("watch");
    if (hint) hint.textContent = "Now answer. You may watch it again.";
    answerable.querySelector("input").focus();
  });
  video.addEventListener("error", failed);
}

function answerByDigit(event) {
  const question = event.target.closest?.(".question");
  const choice = question?.querySelector(`input[value="${CSS.escape(event.key)}"]`);
  if (!choice || event.ctrlKey || event.altKey || event.metaKey) return;
  choice.checked = true;
  choice.focus();
}

if (form) form.addEventListener("submit", send);
if (video) preparePlayer();
document.addEventListener("keydown", answerByDigit);
