// What the right side shows: suggestions, silence, templates, summary, chips. Each function makes elements, no more.

import { el, outside } from "./dom.js";
import { language, t } from "./words.js";

const SERVED = ["fr", "en", "es"];
const percent = (value) => `${Math.round(value * 100)} %`;

export function chips(answer) {
  const out = [];
  if (answer.intent) {
    const scope = answer.intent.out_of_scope >= 0.5 ? ` · ${t("outOfScope")}` : "";
    out.push(chip(t("intent"), `${answer.intent.label.replaceAll("_", " ")} · ${percent(answer.intent.confidence)}${scope}`));
  }
  if (answer.lang) out.push(chip(t("language"), answer.lang));
  return out;
}

function chip(label, value) {
  return el("span", { class: "chip" }, el("span", { class: "hidden" }, `${label} : `), value);
}

export function timings(answer) {
  const stages = Object.entries(answer.timing_ms);
  const total = answer.timing_ms.total ?? stages.reduce((sum, [, ms]) => sum + ms, 0);
  const rows = stages.map(([name, ms]) => el("li", {}, el("span", {}, name), el("span", {}, `${ms.toFixed(1)} ms`)));
  return el("details", { class: "timing" },
    el("summary", { "aria-label": `${t("stages")} : ${total.toFixed(1)} ms` }, `${total.toFixed(1)} ms`), el("ul", {}, ...rows));
}

export function suggestionCard(suggestion, index, { insert, open }) {
  const sources = suggestion.citations.map((citation, number) =>
    el("button", {
      type: "button", class: "cite", "aria-expanded": "false",
      "aria-label": `${t("sourceN")} ${number + 1} : ${citation.title}`, title: citation.title,
      onclick: (event) => open(citation, number + 1, event.currentTarget),
    }, String(number + 1)));
  const meter = el("span", { class: "meter", "aria-hidden": "true" }, el("i"));
  meter.firstChild.style.width = percent(suggestion.confidence).replace(" ", "");
  return el("article", { class: `card kind-${suggestion.kind}`, "aria-label": `${t(suggestion.kind)} ${index + 1}` },
    el("header", {},
      el("span", { class: "number", "aria-hidden": "true" }, String(index + 1)),
      el("h3", {}, t(suggestion.kind)),
      el("span", { class: "confidence", title: t("confidence") }, meter,
        el("span", { class: "hidden" }, `${t("confidence")} `), percent(suggestion.confidence))),
    el("p", { class: "text", lang: suggestion.lang }, suggestion.text),
    el("footer", {},
      el("span", { class: "cites" }, ...sources),
      el("button", { type: "button", class: "main", "aria-keyshortcuts": `Alt+${index + 1}`, onclick: () => insert(suggestion) },
        t("insert"))));
}

export function silenceCard(answer) {
  const { reason, detail } = answer.silence;
  return el("article", { class: "card silence" },
    el("header", {}, el("span", { class: "number", "aria-hidden": "true" }, "…"), el("h3", {}, t("silenceTitle")),
      el("code", { title: detail }, reason)),
    el("p", { class: "text" }, silenceText(answer)));
}

export function silenceText({ silence, lang }) {
  if (silence.reason !== "out_of_scope" || SERVED.includes(lang)) return t("silence")[silence.reason] || silence.reason;
  const known = /^[a-z]{2}$/.test(lang) ? new Intl.DisplayNames([language()], { type: "language" }).of(lang) : "";
  return t("notServed")(known);
}

export function sourcePanel(citation, number, close) {
  return [
    el("header", {},
      el("span", { class: "cite still", "aria-hidden": "true" }, String(number)),
      el("h2", { id: "source-title" }, `${t("source")} ${number}`),
      el("button", { type: "button", class: "quiet", id: "close-source", "aria-label": t("close"), onclick: close }, "✕")),
    el("h3", {}, citation.title),
    el("blockquote", {}, el("mark", {}, citation.quote)),
    el("p", { class: "note" }, citation.passage_id, el("br"), `${t("version")} ${citation.version.slice(0, 8)}`),
    citation.url ? el("p", {}, outside(citation.url, `${t("openSource")} ↗`)) : null,
  ];
}

export function templateCard(choice, { send, apply, copy }) {
  const inputs = choice.missing.map((name) =>
    el("label", { class: "field" }, el("span", {}, name), el("input", { name, maxlength: 500, autocomplete: "off" })));
  const form = inputs.length
    ? el("form", { class: "missing", onsubmit: (event) => { event.preventDefault(); apply(Object.fromEntries(new FormData(event.target))); } },
        el("p", { class: "note" }, t("missing")), ...inputs, el("button", { class: "main" }, t("apply")))
    : null;
  const body = JSON.stringify(choice.payload, null, 2);
  const payload = choice.payload
    ? el("details", { class: "payload" }, el("summary", {}, t("payload")), el("pre", { tabindex: 0 }, body),
        el("button", { type: "button", class: "quiet", onclick: () => copy(body) }, t("copy")))
    : null;
  return el("article", { class: "card template", "aria-label": `${t("template")} ${choice.name}` },
    el("header", {}, el("span", { class: "number", "aria-hidden": "true" }, "▤"), el("h3", {}, choice.name),
      el("span", { class: "chip" }, choice.category.toLowerCase()), el("span", { class: "chip" }, choice.lang)),
    el("p", { class: "text", lang: choice.lang }, ...withHoles(choice)),
    variables(choice.variables),
    form,
    choice.problems.length ? el("ul", { class: "limits" }, ...choice.problems.map((text) => el("li", {}, text))) : null,
    payload,
    choice.payload
      ? el("footer", {}, el("span"), el("button", { type: "button", class: "main", onclick: () => send(choice) }, t("sendTemplate")))
      : null);
}

function withHoles(choice) {
  return choice.text.split(/(\[[^\][]{1,80}\])/).map((part) => {
    const hole = part.startsWith("[") && choice.missing.includes(part.slice(1, -1));
    return hole ? el("mark", { class: "hole" }, part) : part;
  });
}

function variables(values) {
  const rows = Object.entries(values);
  if (!rows.length) return null;
  return el("dl", { class: "variables" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

export function summarySections(answer, numberOf, show) {
  return ["issue", "done", "resolution", "next_step"].map((name) =>
    el("section", {}, el("h3", {}, t(name)),
      answer[name].length
        ? el("ul", {}, ...answer[name].map((sentence) => el("li", {}, `${sentence.text} `, ...sentence.messages.map((id) => pointer(id, numberOf(id), show)))))
        : el("p", { class: "note" }, t("nothing"))));
}

function pointer(id, number, show) {
  return el("button", { type: "button", class: "point", "aria-label": `${t("message")} ${number}`, onclick: () => show(id) }, `#${number}`);
}
