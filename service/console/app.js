// The page: one state, one function that draws each part of it.

import { chips, silenceCard, silenceText, sourcePanel, suggestionCard, summarySections, templateCard, timings } from "./cards.js";
import { call, Problem, useKey } from "./client.js";
import { $, el, fill } from "./dom.js";
import { SAMPLES } from "./samples.js";
import { language, speak, t, translate } from "./words.js";

const FIELDS = ["first_name", "order_id"];
const state = { thread: [], next: 1, open: true, context: blank(), answer: null, templates: null, summary: null, bundle: "", busy: false };
let asked = null;
let opener = null;

function blank() {
  return FIELDS.map((name) => ({ name, value: "" }));
}

function knownFacts() {
  return Object.fromEntries(state.context.filter(({ name, value }) => name.trim() && value.trim()).map(({ name, value }) => [name.trim(), value.trim()]));
}

// --- the thread -----------------------------------------------------------------------------------------------------

function add(role, text, kind = "") {
  state.thread.push({ id: `m${state.next++}`, role, text, at: Date.now() / 1000, kind });
  state.summary = null;
}

function wire() {
  return state.thread.map(({ id, role, text, at }) => ({ id, role, text, at }));
}

function drawThread() {
  const clock = new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit" });
  const items = state.thread.map((message, index) =>
    el("li", { class: `bubble ${message.role} ${message.kind}`, id: message.id, tabindex: -1, data: { number: index + 1 } },
      el("span", { class: "hidden" }, `${t(message.role)} : `),
      message.kind ? el("span", { class: "tag" }, t("template")) : null,
      el("span", { class: "said" }, message.text),
      el("time", {}, `#${index + 1} · ${clock.format(message.at * 1000)}`)));
  fill($("thread"), ...(items.length ? items : [el("li", { class: "nothing" }, t("empty"))]));
  $("thread").scrollTop = $("thread").scrollHeight;
}

function showMessage(id) {
  const node = $(id);
  if (!node || !node.classList.contains("bubble")) return;
  for (const other of document.querySelectorAll(".bubble.pointed")) other.classList.remove("pointed");
  node.classList.add("pointed");
  node.scrollIntoView({ block: "center" });
  node.focus({ preventScroll: true });
}

// --- asking ---------------------------------------------------------------------------------------------------------

async function refresh() {
  asked?.abort();
  closeSource();
  state.answer = state.templates = null;
  const last = state.thread.at(-1);
  if (!last || (state.open && last.role !== "customer")) return drawAll();
  asked = new AbortController();
  state.busy = true;
  drawWhisper();
  const body = { thread: wire(), context: knownFacts(), channel: { window_open: state.open } };
  const answer = await attempt(() => call(state.open ? "/suggest" : "/template", body, asked.signal));
  if (answer === undefined) return undefined;
  state.busy = false;
  if (answer) {
    state[state.open ? "answer" : "templates"] = answer;
    state.bundle = answer.bundle.id;
  }
  drawWhisper();
  return undefined;
}

/** The answer, null after a problem that was shown, undefined when a newer question replaced this one. */
async function attempt(question) {
  try {
    const answer = await question();
    $("problem").hidden = true;
    return answer;
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    if (error instanceof Problem && error.body.status === 401) $("key-dialog").showModal();
    else report(error);
    return null;
  }
}

function report(error) {
  const body = error instanceof Problem ? error.body : { detail: t("offline"), errors: [], mend: "" };
  const fields = (body.errors || []).map(({ field, problem }) => `${field}: ${problem}`).join("; ");
  $("problem").textContent = [body.detail, fields, body.mend].filter(Boolean).join(" ");
  $("problem").hidden = false;
}

// --- what is whispered ----------------------------------------------------------------------------------------------

function drawWhisper() {
  const { answer, templates } = state;
  $("whisper-title").textContent = t(state.open ? "suggestions" : "templates");
  const shown = answer || templates;
  fill($("chips"), ...(shown ? [...chips(shown), timings(shown)] : []));
  fill($("suggestions"), ...cards());
  $("suggestions").setAttribute("aria-busy", String(state.busy));
  $("status").textContent = spoken();
  $("foot").textContent = state.bundle ? `${t("bundle")} ${state.bundle}` : "";
}

function cards() {
  if (state.busy) return [el("p", { class: "waiting thinking" }, t("thinking"))];
  if (state.answer?.silence) return [silenceCard(state.answer)];
  if (state.answer) return state.answer.suggestions.map((item, index) => suggestionCard(item, index, { insert, open: openSource }));
  if (state.templates?.templates.length) {
    return state.templates.templates.map((choice) => templateCard(choice, { send: sendTemplate, apply: applyFields, copy }));
  }
  if (state.templates) return [el("p", { class: "waiting" }, t("noTemplate"), " ", state.templates.reason || "")];
  return [el("p", { class: "waiting" }, t("waiting"))];
}

function spoken() {
  if (state.answer?.silence) return `${t("silenceTitle")}. ${silenceText(state.answer)}`;
  if (state.answer) return t("count")(state.answer.suggestions.length);
  if (state.templates) return `${t("templates")} : ${state.templates.templates.length}`;
  return "";
}

function insert(suggestion) {
  if (!state.open) return;
  const box = $("reply");
  box.value = box.value.trim() ? `${box.value.trimEnd()}\n${suggestion.text}` : suggestion.text;
  box.focus();
  $("status").textContent = t("inserted");
}

function openSource(citation, number, button) {
  const again = opener === button;
  closeSource();
  if (again) return;
  opener = button;
  button.setAttribute("aria-expanded", "true");
  fill($("source"), ...sourcePanel(citation, number, closeSource));
  $("source").hidden = false;
  $("desk").classList.add("with-source");
  $("source").focus({ preventScroll: true });
}

function closeSource() {
  if ($("source").hidden) return;
  $("source").hidden = true;
  $("desk").classList.remove("with-source");
  opener?.setAttribute("aria-expanded", "false");
  opener?.focus();
  opener = null;
}

// --- templates ------------------------------------------------------------------------------------------------------

function sendTemplate(choice) {
  add("agent", choice.text, "template");
  drawAll();
}

function applyFields(values) {
  for (const [name, value] of Object.entries(values)) {
    const known = state.context.find((field) => field.name === name);
    if (known) known.value = value;
    else state.context.push({ name, value });
  }
  drawContext();
  refresh();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    $("status").textContent = t("copied");
  } catch {
    // Without the right to the clipboard the text can still be selected by hand.
    $("status").textContent = "";
  }
}

// --- summary --------------------------------------------------------------------------------------------------------

async function summarize() {
  if (!state.thread.length) return;
  const answer = await attempt(() => call("/summarize", { thread: wire() }));
  if (answer) state.summary = answer;
  drawSummary();
}

function drawSummary() {
  const numberOf = (id) => state.thread.findIndex((message) => message.id === id) + 1;
  fill($("summary"), ...(state.summary ? summarySections(state.summary, numberOf, showMessage) : [el("p", { class: "note" }, t("summaryHint"))]));
  $("summarize").disabled = !state.thread.length;
}

// --- window, context, samples ---------------------------------------------------------------------------------------

function drawWindow() {
  $("window").checked = state.open;
  $("window-state").textContent = t(state.open ? "windowOpen" : "windowClosed");
  for (const node of $("reply-form").querySelectorAll("textarea, button")) node.disabled = !state.open;
  $("reply-note").textContent = t("replyClosed");
  $("reply-note").hidden = state.open;
  document.body.classList.toggle("closed", !state.open);
}

function drawContext() {
  const rows = state.context.map((field, index) => {
    const given = FIELDS.includes(field.name) && index < FIELDS.length;
    const name = el("input", { value: field.name, readonly: given, maxlength: 200, "aria-label": `${t("fieldName")} ${index + 1}`, autocomplete: "off" });
    const value = el("input", { value: field.value, maxlength: 500, "aria-label": `${t("fieldValue")} ${field.name || index + 1}`, autocomplete: "off" });
    name.addEventListener("change", () => { field.name = name.value; refresh(); });
    value.addEventListener("change", () => { field.value = value.value; drawCount(); refresh(); });
    return el("div", { class: "pair" }, name, value);
  });
  fill($("context"), ...rows);
  drawCount();
}

function drawCount() {
  const count = Object.keys(knownFacts()).length;
  $("context-count").textContent = count ? String(count) : "";
}

function drawSamples() {
  fill($("sample"), el("option", { value: "" }, t("samplePick")), ...SAMPLES.map((sample, index) => el("option", { value: index, lang: sample.lang }, sample.name)));
}

function load(sample) {
  Object.assign(state, { thread: [], next: 1, open: true, context: blank(), summary: null });
  for (const [name, value] of Object.entries(sample?.context || {})) state.context.find((field) => field.name === name).value = value;
  for (const message of sample?.thread || []) add(message.role, message.text);
  $("reply").value = "";
  drawAll();
  refresh();
}

function drawAll() {
  translate();
  drawThread();
  drawWindow();
  drawContext();
  drawSummary();
  drawWhisper();
}

// --- events ---------------------------------------------------------------------------------------------------------

$("customer-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("customer").value.trim();
  if (!text) return;
  $("customer").value = "";
  state.open = true; // a customer's message opens the window again
  add("customer", text);
  drawAll();
  refresh();
});
$("reply-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("reply").value.trim();
  if (!text || !state.open) return;
  $("reply").value = "";
  add("agent", text);
  drawAll();
  refresh();
});
$("reply").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  $("reply-form").requestSubmit();
});
$("window").addEventListener("change", () => { state.open = $("window").checked; drawWindow(); refresh(); });
$("sample").addEventListener("change", () => { const chosen = SAMPLES[$("sample").value]; $("sample").value = ""; if (chosen) load(chosen); });
$("clear").addEventListener("click", () => { load(null); $("customer").focus(); });
$("add-field").addEventListener("click", () => { state.context.push({ name: "", value: "" }); drawContext(); $("context").lastChild.firstChild.focus(); });
$("summarize").addEventListener("click", summarize);
$("key-dialog").addEventListener("close", () => { if ($("key").value) { useKey($("key").value); $("key").value = ""; greet(); refresh(); } });
for (const button of document.querySelectorAll("[data-lang]")) {
  button.addEventListener("click", () => { speak(button.dataset.lang); drawSamples(); closeSource(); drawAll(); });
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeSource();
  // by code, not by key: on a Mac Alt+1 types another character
  const digit = /^(?:Digit|Numpad)([1-3])$/.exec(event.code);
  if (!event.altKey || !digit) return;
  const suggestion = state.answer?.suggestions[Number(digit[1]) - 1];
  if (suggestion) { event.preventDefault(); insert(suggestion); }
});

async function greet() {
  const health = await attempt(() => call("/health"));
  if (health) { state.bundle = health.bundle; drawWhisper(); }
}

drawSamples();
drawAll();
greet();
$("customer").focus();
