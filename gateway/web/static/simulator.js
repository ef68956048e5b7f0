// The phone of the simulator page. The server decides and draws; this file turns keys into texts and asks what is new.

import { MODES, forget, tap, untap } from "./multitap.js";

const byId = (id) => document.getElementById(id);
const phone = byId("phone");
const glass = byId("glass");
const draft = byId("draft");
const answer = byId("answer");
const { line, dial, zone } = phone.dataset;

const NO_SIGNAL = "Sin señal.";
const ASK = 1000; // milliseconds between two looks for news

const phones = new Map(); // number → what this phone shows, so that two can be used in turn
let now; // the one in the hand

function inHand(number) {
  const fresh = { number, view: "home", draft: "", dialled: "", mode: "abc", session: "", history: "", said: "", goesOn: false, answer: "", html: "", came: null, seen: 0, note: "", busy: false };
  if (!phones.has(number)) phones.set(number, fresh);
  return phones.get(number);
}

async function post(path, body, accept = "application/json") {
  const headers = { "Content-Type": "application/json", Accept: accept };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(String(response.status));
  return response;
}

// What each view offers: the names of the two soft keys and what they, the green and the red key do.

const VIEWS = {
  home: { left: line ? ["Escribir", () => show("compose")] : ["", () => {}], right: line ? ["Mensajes", () => show("thread")] : ["", () => {}], end: () => {} },
  thread: { left: ["Responder", () => show("compose")], right: ["Volver", () => show("home")], end: () => show("home") },
  compose: { left: ["Enviar", send], right: ["Borrar", () => erase(draft)], end: () => show("home") },
  dial: { left: ["Llamar", call], right: ["Borrar", eraseDialled], end: () => { now.dialled = ""; show("home"); } },
  ussd: { left: ["Enviar", reply], right: ["Borrar", () => erase(answer)], end: hangUp },
};

function show(view) {
  now.view = view;
  forget();
  now.mode = view === "ussd" ? "123" : "abc";
  if (view === "thread") now.seen = now.came;
  paint();
  const field = { compose: draft, ussd: now.goesOn ? answer : null }[view];
  if (field) field.focus({ preventScroll: true });
  else if (phone.contains(document.activeElement)) document.activeElement.blur();
  if (view === "thread") showNewest();
  else glass.scrollTop = 0;
  pointOn();
}

function paint() {
  for (const part of document.querySelectorAll("[data-view]")) part.hidden = part.dataset.view !== now.view;
  const waiting = now.came === null ? 0 : now.came - now.seen;
  const typing = now.view === "compose" || (now.view === "ussd" && now.goesOn);
  const over = now.view === "ussd" && !now.goesOn;
  if (draft && draft.value !== now.draft) draft.value = now.draft;
  if (answer.value !== now.answer) answer.value = now.answer;
  answer.hidden = !now.goesOn;
  byId("dialled").textContent = now.dialled;
  byId("said").textContent = now.said;
  byId("news").textContent = now.note || (waiting ? `${waiting} ${waiting === 1 ? "mensaje nuevo" : "mensajes nuevos"}` : "");
  byId("mark").textContent = typing ? (now.view === "compose" ? `${now.draft.length} ${now.mode}` : now.mode) : waiting ? `✉${waiting}` : "";
  byId("title").textContent = { thread: "SMS", compose: "SMS nuevo", dial: "Marcar", ussd: dial }[now.view] ?? byId("title").dataset.name;
  label("left", over ? "Aceptar" : VIEWS[now.view].left[0]);
  label("right", over ? "" : VIEWS[now.view].right[0]);
  const time = (form) => new Intl.DateTimeFormat("es-BO", { timeZone: zone, ...form }).format(Date.now());
  byId("hour").textContent = time({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  byId("day").textContent = time({ weekday: "short", day: "numeric", month: "short" }).replace(/[.,]/g, "");
}

function pointOn() {
  const { scrollTop, scrollHeight, clientHeight } = glass;
  const below = scrollTop + clientHeight < scrollHeight - 2;
  byId("more").textContent = scrollTop > 2 ? (below ? "▲▼" : "▲") : below ? "▼" : "";
}

function label(side, words) {
  byId(side).textContent = words;
  phone.querySelector(`[data-key=${side}] span`).textContent = words || "Sin función";
}

const tell = (words) => (byId("heard").textContent = words);

// SMS

async function send() {
  const text = now.draft.trim();
  if (!text || now.busy) return;
  const from = now;
  from.busy = true;
  try {
    await post("/simulator/sms", { from: from.number, text });
    from.draft = "";
    from.note = "";
    if (from === now) show("thread");
    tell("Mensaje enviado.");
    await refresh();
  } catch {
    from.note = `${NO_SIGNAL} Su texto sigue aquí.`;
    if (from === now) show("home");
    tell(from.note);
  } finally {
    from.busy = false;
  }
}

async function refresh() {
  const from = now;
  const drawn = post("/simulator/thread", { from: from.number }, "text/html").then((response) => response.text());
  const html = await drawn.catch(() => from.html); // the next look may find it
  if (from !== now || html === from.html) return;
  from.html = html;
  const page = new DOMParser().parseFromString(html, "text/html");
  byId("deeds").replaceChildren(...page.getElementById("new-deeds").childNodes);
  if (!line) return;
  byId("thread").replaceChildren(...page.getElementById("new-thread").childNodes);
  const { came, code } = byId("thread").querySelector("[data-came]").dataset;
  if (from.came === null) from.seen = Number(came); // what was there before this page is no news
  const known = from.came ?? Number(came);
  from.came = Number(came);
  if (from.came > known) tell(`Mensaje nuevo: ${[...document.querySelectorAll("#thread .theirs .words")].at(-1).textContent}`);
  if (from.view === "thread") from.seen = from.came;
  if (code) {
    byId("code").textContent = code;
    Object.assign(byId("ask"), { disabled: false }).dataset.write = code;
  }
  paint();
  if (from.view === "thread") showNewest();
}

function showNewest() {
  const newest = byId("thread").querySelector("li:last-child");
  if (newest) glass.scrollTop = newest.offsetTop;
  pointOn();
}

// USSD: the whole history goes with every answer, as carriers send it.

async function call() {
  const code = now.dialled || dial;
  const stem = dial.slice(0, -1);
  const inner = code.startsWith(`${stem}*`) && code.endsWith("#") ? code.slice(stem.length + 1, -1) : null;
  if (!dial || (code !== dial && inner === null)) {
    now.note = dial ? `Aquí solo contesta ${dial}` : "Aquí nadie contesta";
    now.dialled = "";
    return show("home");
  }
  now.session = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  now.dialled = "";
  await hop(inner ?? "");
}

async function reply() {
  if (!now.goesOn) return show("home");
  const words = now.answer.trim();
  if (words) await hop(now.history ? `${now.history}*${words}` : words);
}

async function hop(text) {
  if (now.busy) return;
  const from = now;
  from.busy = true;
  try {
    const { screen, ends } = await (await post("/simulator/ussd", { from: from.number, session: from.session, text })).json();
    Object.assign(from, { said: screen, goesOn: !ends, history: text, answer: "", note: "" });
  } catch {
    Object.assign(from, { said: `${NO_SIGNAL} Marque otra vez.`, goesOn: false });
  } finally {
    from.busy = false;
  }
  if (from !== now) return;
  show("ussd");
  tell(from.said);
  await refresh();
}

function hangUp() {
  if (now.goesOn) post("/simulator/ussd", { from: now.number, session: now.session, text: now.history, hangs_up: true }).catch(() => {});
  Object.assign(now, { goesOn: false, answer: "" });
  show("home");
}

// Keys

function press(key) {
  const { left, right, end } = VIEWS[now.view];
  now.note = "";
  if (key === "left") return left[1]();
  if (key === "right") return now.view === "ussd" && !now.goesOn ? undefined : right[1]();
  if (key === "end") return end();
  if (key === "call") return now.view === "home" ? call() : now.view === "thread" ? undefined : left[1]();
  if (key === "up" || key === "down") return glass.scrollBy({ top: (key === "up" ? -4 : 4) * parseFloat(getComputedStyle(glass).lineHeight) });
  if (now.view === "compose") return type(draft, key);
  if (now.view === "ussd") return now.goesOn ? type(answer, key) : undefined;
  now.dialled = (now.view === "dial" ? now.dialled : "") + key;
  show("dial");
}

function type(field, key) {
  if (key === "#") {
    now.mode = MODES[(MODES.indexOf(now.mode) + 1) % MODES.length];
    return paint();
  }
  tap(field, key, now.mode);
  keep(field);
}

function erase(field) {
  if (!field.value) return field === draft ? show("home") : hangUp();
  untap(field);
  keep(field);
}

function eraseDialled() {
  now.dialled = now.dialled.slice(0, -1);
  show(now.dialled ? "dial" : "home");
}

function keep(field) {
  if (field === draft) now.draft = field.value;
  else now.answer = field.value;
  paint();
}

const KEYBOARD = { Enter: "left", Backspace: "right", Escape: "end", ArrowUp: "up", ArrowDown: "down" };

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target === draft || event.target === answer;
  if (!typing && event.target.closest("input, textarea")) return;
  if (!typing && event.target.closest("a, button") && (event.key === "Enter" || event.key === " ")) return;
  const key = KEYBOARD[event.key] ?? (/^[0-9*#]$/.test(event.key) ? event.key : null);
  if (typing && event.key !== "Enter" && event.key !== "Escape") return;
  if (key) {
    event.preventDefault();
    phone.querySelector(`[data-key="${key}"]`).toggleAttribute("data-down", true);
    press(key);
  } else if (line && now.view === "home" && /^\p{L}$/u.test(event.key)) {
    show("compose");
  }
});
glass.addEventListener("scroll", pointOn);
document.addEventListener("keyup", () => {
  for (const key of phone.querySelectorAll("[data-down]")) key.removeAttribute("data-down");
});
for (const key of phone.querySelectorAll("[data-key]")) {
  key.addEventListener("pointerdown", (event) => event.preventDefault()); // what is being written keeps the caret
  key.addEventListener("click", () => press(key.dataset.key));
}
for (const field of [draft, answer]) field?.addEventListener("input", () => keep(field));
byId("compose")?.addEventListener("submit", (event) => event.preventDefault());
byId("ussd").addEventListener("submit", (event) => event.preventDefault());

// Beside the phone

for (const button of document.querySelectorAll("[data-write]"))
  button.addEventListener("click", () => {
    now.draft = button.dataset.write;
    show("compose");
  });
byId("call")?.addEventListener("click", () => {
  now.dialled = dial;
  show("dial");
});

function take(number) {
  now = inHand(number);
  for (const link of document.querySelectorAll("[data-number]")) {
    if (link === phone) continue;
    if (link.dataset.number === number) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  now.html = "";
  show(now.view);
  refresh();
}

for (const link of document.querySelectorAll(".phones a"))
  link.addEventListener("click", (event) => {
    event.preventDefault();
    take(link.dataset.number);
  });
byId("other").addEventListener("submit", (event) => {
  event.preventDefault();
  take(byId("other-number").value);
});

byId("title").dataset.name = byId("title").textContent;
take(phone.dataset.number);
(async function look() {
  if (!document.hidden) await refresh();
  setTimeout(look, ASK);
})();
