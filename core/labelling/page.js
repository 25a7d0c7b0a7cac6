// The labelling page: what keys and buttons do, and what is shown of the answers.

import { $, isName, pieceButton, say, showEnd, showProgress, showSpeed, viewButton } from "/parts.js";
import { Player } from "/player.js";
import { ask as send } from "/server.js";

const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];
const LOOK_MS = 15000; // tells the server that the cine is still looked at

const state = { labeller: "", second: false, item: null, undo: null, piece: 0, busy: false, ready: false };
const player = new Player($("canvas"), onFrame, onUnreadable);
let setup = null;

const ask = (action, fields = {}) => send(action, { labeller: state.labeller, ...fields });

// One thing at a time: what comes while an answer is on its way is dropped, so that no cine gets a
// label before it was seen.
async function alone(work) {
  if (state.busy) return;
  state.busy = true;
  try {
    await work();
  } catch (error) {
    say(error.message, "wrong");
  } finally {
    state.busy = false;
    render();
  }
}

async function write(action, fields, done) {
  const said = await ask(action, fields);
  take(said);
  if (said.conflict) return say(said.conflict, "wrong");
  say(done, "good");
  if (action === "skip" || (action === "label" && unlabelled() < 0)) await next();
}

async function next() {
  const said = await ask("next", { second: state.second });
  take(said);
  if (said.item) return;
  if (said.progress.reading) {
    say("Reading the folder …");
    setTimeout(() => alone(next), 400);
  } else {
    showEnd(said.progress);
  }
}

const open = (number) => alone(async () => take(await ask("open", { number })));

// ---- what keys and buttons do

const here = () => ({ item: state.item.id, version: state.item.version });
const piece = () => state.item.pieces[state.piece];
const unlabelled = () => state.item.pieces.findIndex(({ view }) => !view);
const named = () => `Cine ${state.item.number}`;

function label(view) {
  if (!state.item || !state.ready) return;
  const { first, last } = piece();
  const which = state.item.pieces.length > 1 ? `${named()}, frames ${first + 1} to ${last + 1}` : named();
  alone(() => write("label", { ...here(), frame: first, view }, `${which}: ${view}`));
}

const skip = () => state.item && alone(() => write("skip", here(), `${named()} comes back later`));

function split() {
  if (!state.item || !canSplit()) return;
  const frame = player.shown;
  alone(() => write("split", { ...here(), frame }, `Cut before frame ${frame + 1}: label each piece`));
}

function undo() {
  if (!state.undo) return;
  const { id: item, version } = state.undo;
  alone(() => write("undo", { item, version }, `Taken back: your last step on cine ${state.undo.number}`));
}

const canSplit = () => state.ready && player.shown > piece().first && player.shown <= piece().last;

function select(index) {
  state.piece = index;
  player.range(piece());
  render();
}

const nextPiece = () => state.item && select((state.piece + 1) % state.item.pieces.length);

function toggle() {
  player.playing = !player.playing;
  render();
}

function step(by) {
  player.step(by);
  render();
}

function speed(by) {
  const place = SPEEDS.indexOf(player.speed) + by;
  player.speed = SPEEDS[Math.min(Math.max(place, 0), SPEEDS.length - 1)];
  render();
}

// ---- what is shown

function take(said) {
  const former = state.item;
  Object.assign(state, { item: said.item, undo: said.undo });
  showProgress(said.progress);
  if (!said.item) {
    player.blank();
  } else if (former?.id !== said.item.id) {
    state.ready = false;
    state.piece = Math.max(unlabelled(), 0);
    player.playing = true;
    $("veil").hidden = true;
    player.load(said.item, piece());
  } else if (former.version !== said.item.version) {
    select(unlabelled() < 0 ? Math.min(state.piece, said.item.pieces.length - 1) : unlabelled());
  }
  render();
}

function render() {
  const { item } = state;
  $("play").firstElementChild.textContent = player.playing ? "Pause" : "Play";
  for (const id of ["back", "forth", "play", "slower", "faster"]) $(id).disabled = !item;
  $("skip").disabled = !item;
  $("undo").disabled = !state.undo;
  $("unknown").disabled = !item;
  $("undo").lastElementChild.textContent = state.undo && state.undo.id !== item?.id ? `Undo (${state.undo.number})` : "Undo";
  $("undo").title = state.undo ? `Takes back your last step, on cine ${state.undo.number}` : "";
  $("split").disabled = !item || !canSplit();
  for (const button of [...$("views").children, $("unknown")]) {
    button.disabled = !item;
    if (!item) button.ariaPressed = "false";
  }
  showSpeed(item, player.speed);
  if (!item) {
    $("frame").textContent = "";
    return $("line").replaceChildren();
  }
  if (document.activeElement !== $("number")) $("number").value = item.number;
  const shared = item.shared ? "another labeller looks at it too" : "";
  $("machine").textContent = [item.machine || "Machine unknown", shared].filter(Boolean).join(" · ");
  showPieces(item);
}

function showPieces({ pieces }) {
  const buttons = pieces.map((part, index) => {
    const button = pieceButton(part, index === state.piece);
    button.addEventListener("click", () => select(index));
    return button;
  });
  const head = document.createElement("i");
  head.id = "head";
  const focused = [...$("line").children].indexOf(document.activeElement);
  $("line").replaceChildren(...buttons, head);
  if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)].focus();
  const { view } = piece();
  $("question").textContent = pieces.length > 1 ? `Which view is piece ${state.piece + 1} of ${pieces.length}?` : "Which view is it?";
  for (const button of $("views").children) button.setAttribute("aria-pressed", String(button.value === view));
  $("unknown").setAttribute("aria-pressed", String(view === setup.unknown));
  showHead();
}

function showHead() {
  const { first, last } = piece();
  const button = $("line").children[state.piece];
  const share = ((player.shown ?? first) - first + 0.5) / (last - first + 1);
  $("head").style.left = `${button.offsetLeft + button.offsetWidth * Math.min(Math.max(share, 0), 1)}px`;
}

function onFrame(index) {
  const first = !state.ready;
  state.ready = true;
  $("canvas").dataset.frame = index;
  $("frame").textContent = state.item.frames > 1 ? `Frame ${index + 1} of ${state.item.frames}` : "Still image";
  showHead();
  if (first) render();
  $("split").disabled = !canSplit();
}

function onUnreadable(message) {
  state.ready = true; // so that it can be called unknown
  $("veil").textContent = `This cine cannot be shown: ${message}. Label it unknown, or skip it.`;
  $("veil").hidden = false;
  render();
}

// ---- keys

const KEYS = {
  " ": toggle,
  ArrowLeft: (event) => step(event.shiftKey ? -10 : -1),
  ArrowRight: (event) => step(event.shiftKey ? 10 : 1),
  ArrowUp: () => speed(1),
  ArrowDown: () => speed(-1),
  PageUp: () => state.item && open(state.item.number - 1),
  PageDown: () => state.item && open(state.item.number + 1),
  U: () => label(setup.unknown),
  S: skip,
  C: split,
  Z: undo,
  N: nextPiece,
};
const REPEATING = ["ArrowLeft", "ArrowRight"]; // while held; a label is given once a stroke

function onKey(event) {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const taken = document.querySelector("dialog[open]") || event.target.matches("input");
  const pressesButton = [" ", "Enter"].includes(key) && event.target.matches("button:focus-visible, a");
  const undoing = (event.ctrlKey || event.metaKey) && key === "Z";
  if (taken || pressesButton || event.altKey || ((event.ctrlKey || event.metaKey) && !undoing)) return;
  const act = KEYS[key];
  if (!act) return;
  event.preventDefault();
  if (!event.repeat || REPEATING.includes(key)) act(event);
}

// ---- the beginning

function addViews({ views, unknown }) {
  for (const view of views) {
    const { name, key } = view;
    const button = viewButton(view);
    button.addEventListener("click", () => label(name));
    $("views").append(button);
    KEYS[key] = () => label(name);
  }
  $("views").classList.toggle("many", views.length > 10);
  const keys = views.map(({ key }) => key);
  $("keys").textContent = keys.length > 1 ? `${keys[0]}–${keys.at(-1)}` : keys[0];
  $("unknown").addEventListener("click", () => label(unknown));
}

function begin(name) {
  state.labeller = name;
  sessionStorage.setItem("labeller", name);
  $("labeller").textContent = name;
  say(`Hello, ${name}. Press the key of the view, or click it.`);
  alone(next);
}

function onName(event) {
  event.preventDefault();
  const name = $("name").value.trim();
  $("name-error").textContent = isName(name) ? "" : "Letters, digits, spaces, points, - and _, please.";
  if (!isName(name)) return;
  $("hello").close();
  begin(name);
}

function onNumber(event) {
  if (event.key === "Escape") event.target.blur();
  if (event.key !== "Enter") return;
  event.target.blur();
  open(Number.parseInt(event.target.value, 10) || 0);
}

async function keepLooking() {
  if (!state.item || state.busy) return;
  const { id, version } = state.item;
  try {
    const said = await ask("look", { item: id });
    if (state.busy || state.item?.id !== id) return;
    take(said);
    if (said.item.version !== version) say("You labelled this cine in another window.", "wrong");
  } catch (error) {
    say(error.message, "wrong");
  }
}

async function start() {
  if (location.search) history.replaceState(null, "", "/"); // the token is in a cookie by now
  setup = await (await fetch("/api/setup")).json();
  addViews(setup);
  const clicks = { play: toggle, back: () => step(-1), forth: () => step(1), slower: () => speed(-1), faster: () => speed(1), skip, split, undo };
  for (const [id, act] of Object.entries(clicks)) $(id).addEventListener("click", act);
  $("rename").addEventListener("click", () => $("hello").showModal());
  $("name-form").addEventListener("submit", onName);
  $("number").addEventListener("keydown", onNumber);
  $("hello").addEventListener("cancel", (event) => state.labeller || event.preventDefault());
  $("second").addEventListener("click", () => { $("end").close(); state.second = true; alone(next); });
  $("stay").addEventListener("click", () => { $("end").close(); open(1); });
  document.addEventListener("keydown", onKey);
  // A button that was clicked gives the focus back, so that Space goes on to pause and play.
  document.addEventListener("click", (event) => event.detail && event.target.closest("main button")?.blur());
  setInterval(keepLooking, LOOK_MS);
  render();
  const name = sessionStorage.getItem("labeller") || setup.labeller;
  if (name) begin(name);
  else $("hello").showModal();
}

start().catch(() => say("The labelling program does not answer: start it, and open the address that it prints.", "wrong"));
