// Parts of the page that need to know nothing but what they show.

export const $ = (id) => document.getElementById(id);

export function say(text, kind = "") {
  $("status").textContent = text;
  $("status").className = `status ${kind}`;
}

export function showProgress({ all, done, mine, others, reading }) {
  $("done").textContent = done;
  $("all").textContent = all;
  $("whose").textContent = `· yours ${mine}, others’ ${others}${reading ? " · still reading the folder" : ""}`;
  $("bar").max = Math.max(all, 1);
  $("bar").value = done;
  $("of").textContent = `of ${all}`;
}

export function showEnd({ all, done, mine }) {
  $("end-title").textContent = all ? "Every cine has its labels" : "There is nothing to label";
  const yours = `${done} of ${all} are done, ${mine} of them by you.`;
  $("end-text").textContent = all ? yours : "No file in the folder could be read; the terminal says why.";
  $("second").hidden = mine === all;
  $("stay").hidden = all === 0;
  $("end").showModal();
}

export function viewButton({ name, key, title }) {
  const button = document.createElement("button");
  const [text, small, sign] = ["b", "small", "kbd"].map((tag) => document.createElement(tag));
  const words = document.createElement("span");
  [text.textContent, small.textContent, sign.textContent] = [name, title, key];
  Object.assign(button, { type: "button", value: name });
  button.setAttribute("aria-keyshortcuts", key);
  words.append(text, ...(title ? [small] : []));
  button.append(sign, words);
  return button;
}

export function pieceButton({ first, last, view }, isCurrent) {
  const button = document.createElement("button");
  button.type = "button";
  button.style.flexGrow = last - first + 1;
  button.textContent = view || "no label yet";
  button.title = `Frames ${first + 1} to ${last + 1}: ${view || "no label yet"}`;
  button.setAttribute("aria-label", button.title);
  button.className = view ? "labelled" : "";
  if (isCurrent) button.setAttribute("aria-current", "true");
  return button;
}

export function showSpeed(item, speed) {
  const fps = item?.fps ? `${Math.round(item.fps)} fps` : "fps unknown, 25 taken";
  $("speed").textContent = item?.frames > 1 ? `${fps} · ${speed}×` : "";
}

export function isName(name) {
  return /^[\p{L}\p{N}_][\p{L}\p{N}_ .-]{0,29}$/u.test(name);
}
