// Answers while a person writes: in the contact form and in the site's search.
//
// A form with `data-suggest` holds a field with `data-suggest-field` and, below it, the area that
// deflector/web/templates/_suggest.html draws. The form says where the deflector is (`data-api`) and which
// language it speaks (`data-lang`); every word comes from the area. Without this script, or when the deflector does
// not answer, the form is an ordinary form; on the site (`data-index`) the site's own index answers instead.

import { blocks } from "./section.js";
import { Stopwatch, watcher } from "./seen.js";

const LEAST = 3; // characters before the first question
const PAUSE = 250; // ms after the last key
const SETTLED = 1500; // ms without a key: the person has said what they want to say
const LEAVING = 200; // ms after the field lost the focus; long enough for a click on Send to come first
const MOST = 3; // answers shown
const LONGEST = 1000; // characters of a message that are sent as the question
const HEDGE = 400; // ms of silence after which the site's own index is opened as well
const PATIENCE = 1200; // ms after which it answers in place of the deflector
const REST = 30_000; // ms for which a deflector that did not answer is left alone

const pause = (time, value) => new Promise((on) => setTimeout(on, time, value));

// --- the conversation with the deflector ----------------------------------------------------------------------

const eventId = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(36)).join("-");

// One pass through the form. It begins at the first settled question, so that a person who only looks at the page
// is not counted; its key lives in this page and in the form's hidden inputs, never in storage or a cookie.
class Enquiry {
  #api;
  #form;
  #beginning;

  constructor(form) {
    this.#form = form;
    this.#api = form.dataset.api.replace(/\/$/, "");
    const { enquiry, token } = this.#inputs();
    if (enquiry?.value && token?.value) {
      this.#beginning = Promise.resolve({ enquiry: enquiry.value, token: token.value });
    }
  }

  // What the deflector knows about `question`; null when it does not answer. A search of the site is counted as
  // that: it is no pass through the form.
  async ask(question, { settled, signal }) {
    // With a holdout, who sees nothing must see nothing from the first letter on: the enquiry begins there.
    const begins = settled || this.#form.dataset.begin === "first";
    const key = begins && !this.#isSite ? await this.#begin() : null;
    if (signal.aborted) return null;
    const query = new URLSearchParams({ q: question, lang: this.#form.dataset.lang, settled: settled ? "1" : "0" });
    if (key) query.set("enquiry", key.enquiry);
    if (this.#isSite) query.set("from", "site");
    try {
      const response = await fetch(`${this.#api}/suggest?${query}`, { headers: this.#token(key), signal });
      if (response.status === 403) this.#beginning = undefined; // the deflector has forgotten us: begin again
      return response.ok ? await response.json() : null;
    } catch {
      return null; // dropped, or no network: the form is there
    }
  }

  // Say what the person did with an answer. Outlives the page, since a click on a link leaves it.
  async tell(type, { article, version }, more = {}) {
    if (this.#isSite) return type === "solved" ? this.#praise(article, version) : undefined;
    const key = await this.#begin();
    if (!key) return undefined;
    try {
      await fetch(`${this.#api}/enquiries/${encodeURIComponent(key.enquiry)}/events`, {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json", ...this.#token(key) },
        // The id makes a repeat on the way the same event.
        body: JSON.stringify({ type, article, version, id: eventId(), ...more }),
      });
    } catch {
      // A figure is lost; the person is not disturbed.
    }
  }

  // "This solved it" outside of the form is a reader's word on the article.
  async #praise(article, version) {
    try {
      await fetch(`${this.#api}/feedback`, {
        method: "POST",
        keepalive: true,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ article, version, helpful: true, lang: this.#form.dataset.lang }),
      });
    } catch {
      // As above.
    }
  }

  get #isSite() {
    return "index" in this.#form.dataset;
  }

  #begin() {
    this.#beginning ??= this.#start();
    return this.#beginning;
  }

  async #start() {
    try {
      const response = await fetch(`${this.#api}/enquiries`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ lang: this.#form.dataset.lang, page: this.#form.elements.page?.value || null }),
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const key = await response.json();
      const { enquiry, token } = this.#inputs();
      if (enquiry && token) [enquiry.value, token.value] = [key.enquiry, key.token];
      return key;
    } catch {
      this.#beginning = undefined; // the next question tries again
      return null;
    }
  }

  #inputs() {
    const { enquiry, token } = this.#form.elements;
    return { enquiry, token };
  }

  #token(key) {
    return key ? { "X-Enquiry-Token": key.token } : {};
  }
}

// Asks the deflector, and the site's own index where it fails, is missing, or stays silent for too long.
class Sources {
  #enquiry;
  #index;
  #restsUntil = 0;

  constructor(form, enquiry) {
    this.#enquiry = enquiry;
    this.#index = form.dataset.index && new URL(form.dataset.index, document.baseURI).href;
  }

  // Whether the last question had no deflector to go to.
  get isAlone() {
    return performance.now() < this.#restsUntil;
  }

  async ask(question, options) {
    if (!this.#index) return this.#enquiry.ask(question, options);
    if (!this.isAlone) {
      const reply = this.#enquiry.ask(question, options);
      let early = await Promise.race([reply, pause(HEDGE, "silence")]);
      if (early === "silence") {
        this.#finder().catch(() => {}); // opened meanwhile; a failure shows when it is asked
        early = await Promise.race([reply, pause(PATIENCE - HEDGE, null)]);
      }
      if (options.signal.aborted) return null;
      if (early) return this.#withNearest(early, question, options);
      this.#restsUntil = performance.now() + REST;
    }
    try {
      return await (await this.#finder()).ask(question);
    } catch {
      return null; // no index either: an ordinary form
    }
  }

  // Nothing found: the nearest topic is in our own index.
  async #withNearest(reply, question, { settled }) {
    if (!settled || reply.suggestions.length) return reply;
    try {
      const { nearest } = await (await this.#finder()).ask(question);
      return { ...reply, nearest };
    } catch {
      return reply;
    }
  }

  async #finder() {
    const { finder } = await import("./find.js");
    const found = finder(this.#index);
    await found.open();
    return found;
  }
}

// --- what is drawn --------------------------------------------------------------------------------------------

const keyOf = (answer) => JSON.stringify([answer.article, answer.lang, answer.heading, answer.url]);

const STOPS = "summary, .found__maybe > a, .suggest__maybe > a, [data-suggest-empty-item] a"; // where arrows go

const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"' };

// A snippet is escaped text with <mark> around matches. It is taken apart here and never handed to an HTML parser:
// whatever else stands in it is shown as the characters that it is.
function snippetOf(html) {
  const unescaped = (text) =>
    text.replace(/&(?:(amp|lt|gt|quot)|#(\d{1,7})|#x([\da-f]{1,6}));/gi, (whole, name, decimal, hex) => {
      if (name) return NAMED[name.toLowerCase()];
      const code = decimal ? Number(decimal) : parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    });
  const fragment = document.createDocumentFragment();
  html.split(/<mark>(.*?)<\/mark>/s).forEach((part, at) => {
    const marked = at % 2 === 1; // what the group caught
    const node = marked ? document.createElement("mark") : document.createTextNode("");
    node.textContent = unescaped(part).replaceAll(" | ", " · "); // cells of a table
    fragment.append(node);
  });
  return fragment;
}

// The parts of a snippet that our own index found: text, and whether it is a match.
function drawn(parts) {
  return parts.map(([text, isMatch]) => {
    if (!isMatch) return text.replaceAll(" | ", " · ");
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  });
}

function webAddress(text) {
  try {
    const url = new URL(text, document.baseURI);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

// The area below the field. It tells what the person does through `told(type, answer)` and never takes the focus,
// but for the button that a press removes from under it.
class Panel {
  #form;
  #field;
  #words;
  #told;
  #part;
  #answers = []; // as drawn
  #answerable = false;
  #waiting = null; // a reply that would move what the person is doing
  #dismissed = false; // closed by the person: it stays closed until they open it
  #declined = new Set(); // answers that they have read or put away
  #solved = null; // the answer that they said had solved it; the thank-you stands in the list
  #reading = new Map(); // how long each open answer has been in view
  #watch;

  constructor(form, field, area, told) {
    this.#form = form;
    this.#field = field;
    this.#told = told;
    this.#watch = watcher((answer) => told("impression", answer));
    this.#part = (name) => area.querySelector(`[data-suggest-${name}]`);
    this.#words = JSON.parse(this.#part("words").textContent);
    area.hidden = false;
    area.addEventListener("click", (event) => this.#pressed(event));
    area.addEventListener("toggle", (event) => this.#toggled(event), true); // toggle does not bubble
    area.addEventListener("keydown", (event) => this.#walk(event));
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing && !this.#part("panel").hidden) {
        event.preventDefault();
        this.#close();
      }
    });
    // Whatever waited is drawn when the person comes back to the field: the panel is below it and moves nothing.
    field.addEventListener("focus", () => this.#drawWaiting());
  }

  // True when the person has read or put away every answer that is on offer now: no need to offer them once more.
  get declined() {
    return this.#answerable && this.#answers.every((answer) => this.#declined.has(keyOf(answer)));
  }

  // `isSure`: these are better than an answer that is still open, which may go.
  show(reply, isSure) {
    if (!this.#mayMove()) {
      this.#waiting = { ...reply, isSure };
      if (this.#part("panel").hidden) this.#drawWaiting();
      return;
    }
    this.#waiting = null;
    this.#draw({ ...reply, isSure });
  }

  announce() {
    const text = this.#found();
    const status = this.#part("status");
    if (status.textContent !== text) status.textContent = text; // said once, not at every pause
  }

  // Another question is on its way, and wants its answers shown.
  expect() {
    this.#dismissed = false;
  }

  clear() {
    this.show({ answerable: false, suggestions: [] }, true);
    this.#part("status").textContent = "";
  }

  // Nothing was found: say so, and lead on to the nearest topic and to a person, with the question.
  admit(question, nearest) {
    const template = this.#part("empty");
    if (this.#answers.length) return;
    if (!template) {
      this.#part("idle").textContent = this.#part("status").textContent = this.#words.none;
      return;
    }
    if (!this.#mayMove() || this.#dismissed) return;
    const item = template.content.cloneNode(true).firstElementChild;
    const title = this.#words.categories[nearest];
    for (const node of item.querySelectorAll("[data-fill]")) {
      if (node.dataset.fill === "question") node.textContent = question;
      if (node.dataset.fill === "form") {
        node.href = `${this.#form.action}?${new URLSearchParams(new FormData(this.#form))}`;
      }
      if (node.dataset.fill === "topic") {
        node.textContent = title ?? "";
        if (title) node.href = `${this.#form.dataset.topics}${encodeURIComponent(nearest)}/`;
        node.parentElement.hidden = !title;
      }
    }
    this.#part("title").hidden = true;
    this.#part("list").replaceChildren(item);
    this.#part("panel").hidden = false;
    this.#part("status").textContent = item.textContent.replace(/\s+/g, " ").trim();
  }

  // Go from the field to the first thing below it; false where there is nothing.
  enter() {
    if (this.#part("panel").hidden && this.#answers.length) this.#open();
    const first = this.#part("panel").hidden ? null : this.#part("list").querySelector("summary, a");
    first?.focus();
    return Boolean(first);
  }

  // The panel may change its height only while nothing below it is in use.
  #mayMove() {
    const active = document.activeElement;
    return active === this.#field || !active || active === document.body;
  }

  #drawWaiting() {
    if (!this.#waiting) return;
    const reply = this.#waiting;
    this.#waiting = null;
    this.#draw(reply, { quietly: !this.#mayMove() });
  }

  // `quietly`: only the line, which is always there, says that something was found.
  #draw({ answerable, suggestions, isSure }, { quietly = false } = {}) {
    const answers = this.#withOpen(suggestions.slice(0, MOST), isSure);
    const verdict = suggestions.length ? answerable : this.#answerable && answers.length > 0;
    const same = verdict === this.#answerable && answers.map(keyOf).join() === this.#answers.map(keyOf).join();
    if (!same) this.#fill(answers, verdict);
    const wanted = answers.length > 0 && !this.#dismissed && !(quietly && this.#part("panel").hidden);
    this.#part("panel").hidden = !wanted;
    this.#line();
  }

  // An answer that is being read stays where it is: only surer ones take its place, and never another section of
  // its own article.
  #withOpen(answers, isSure) {
    const found = [...answers];
    this.#answers.forEach((open, at) => {
      if (!this.#isOpen(at)) return;
      const itself = found.findIndex((answer) => keyOf(answer) === keyOf(open));
      const section = found.findIndex(({ article, lang }) => article === open.article && lang === open.lang);
      const again = itself >= 0 ? itself : section;
      if (again < 0 && isSure) return;
      if (again >= 0) found.splice(again, 1);
      found.splice(at, 0, open);
    });
    return found.slice(0, MOST);
  }

  #isOpen(at) {
    if (this.#solved || this.#part("panel").hidden) return false; // put away, it holds no place
    return Boolean(this.#part("list").children[at]?.querySelector("details[open]"));
  }

  #fill(answers, answerable) {
    const list = this.#part("list");
    // An answer that stays keeps its element; one that is open keeps it whatever is thought of the others.
    const before = new Map();
    this.#answers.forEach((answer, at) => {
      const stays = !this.#solved && (answerable === this.#answerable || this.#isOpen(at));
      if (stays) before.set(keyOf(answer), list.children[at]);
    });
    const items = answers.map((answer) => before.get(keyOf(answer)) ?? this.#item(answer, answerable));
    for (const [key, clock] of this.#reading) {
      if (before.has(key) && answers.some((answer) => keyOf(answer) === key)) continue;
      clock.stop();
      this.#reading.delete(key); // it left the page open
    }
    this.#answers = answers;
    this.#answerable = answerable;
    this.#solved = null;
    list.replaceChildren(...items);
    this.#part("title").hidden = false;
    this.#part("title").textContent = answerable ? this.#words.answers_title : this.#words.maybe_title;
  }

  #item(answer, answerable) {
    const item = this.#part(answerable ? "answer" : "maybe").content.cloneNode(true).firstElementChild;
    const heading = answer.heading || answer.title;
    const source = [heading === answer.title ? "" : answer.title, this.#words.categories[answer.category] ?? ""];
    const fill = {
      heading: (node) => (node.textContent = heading),
      source: (node) => (node.textContent = source.filter(Boolean).join(" · ")),
      snippet: (node) =>
        node.replaceChildren(...(answer.parts ? drawn(answer.parts) : [snippetOf(answer.snippet ?? "")])),
      stale: (node) => (node.hidden = !answer.stale),
      text: (node) => node.replaceChildren(...blocks(answer.text ?? "")),
      url: (node) => {
        const address = webAddress(answer.url);
        if (address) node.href = address;
      },
    };
    for (const node of item.querySelectorAll("[data-fill]")) fill[node.dataset.fill](node);
    if (answer.lang) item.lang = answer.lang;
    this.#watch(item, answer);
    return item;
  }

  #found() {
    if (!this.#answers.length) return "";
    const count = this.#answers.length;
    const lang = this.#form.dataset.lang;
    const forms = this.#answerable ? this.#words.found : this.#words.maybe;
    const pattern = forms[new Intl.PluralRules(lang).select(count)] ?? forms.other;
    return pattern.replace("{count}", new Intl.NumberFormat(lang).format(count));
  }

  #line() {
    const open = !this.#part("panel").hidden;
    const toggle = this.#part("toggle");
    toggle.hidden = !this.#answers.length;
    toggle.textContent = `${this.#found()} · ${open ? this.#words.hide : this.#words.show}`;
    toggle.setAttribute("aria-expanded", String(open));
    this.#part("idle").hidden = this.#answers.length > 0;
    this.#part("idle").textContent = this.#words.idle ?? "";
  }

  #close() {
    const panel = this.#part("panel");
    const inside = panel.contains(document.activeElement);
    this.#dismissed = true;
    if (this.#answerable) for (const answer of this.#answers) this.#declined.add(keyOf(answer));
    panel.hidden = true;
    this.#line();
    if (inside) this.#field.focus(); // what had the focus is gone
  }

  #open() {
    this.#dismissed = false;
    this.#part("panel").hidden = false;
    this.#line();
  }

  #answerOf(node) {
    if (this.#solved) return this.#solved;
    const item = node.closest("[data-suggest-list] > li");
    return item ? this.#answers[[...item.parentElement.children].indexOf(item)] : undefined;
  }

  #pressed(event) {
    const pressed = event.target.closest("button, a");
    if (!pressed) return;
    const answer = this.#answerOf(pressed);
    if (pressed.closest("details[open]") && answer) this.#opened(answer);
    if (pressed.matches("[data-suggest-toggle]")) {
      if (this.#part("panel").hidden) this.#open();
      else this.#close();
    } else if (pressed.matches("[data-suggest-solved]")) {
      this.#thank(answer);
    } else if (pressed.matches("[data-suggest-anyway]")) {
      this.#sendAnyway();
    } else if (answer && pressed.matches("a")) {
      this.#told("opened", answer);
      this.#declined.add(keyOf(answer));
    }
  }

  #toggled(event) {
    const answer = this.#answerOf(event.target);
    if (!answer) return;
    const key = keyOf(answer);
    if (event.target.open) {
      this.#opened(answer);
    } else {
      this.#told("closed", answer, { seconds: this.#reading.get(key)?.stop() ?? 0 });
      this.#reading.delete(key);
    }
  }

  // A press on what is inside may come before the browser says that the answer was opened.
  #opened(answer) {
    const key = keyOf(answer);
    if (this.#reading.has(key)) return;
    this.#reading.set(key, new Stopwatch());
    this.#declined.add(key);
    this.#told("opened", answer);
  }

  // The thank-you stands where the answers stood; nothing else asks for attention.
  #thank(answer) {
    const thanks = this.#part("thanks").content.cloneNode(true).firstElementChild;
    this.#solved = answer;
    this.#part("title").hidden = true;
    this.#part("list").replaceChildren(thanks);
    thanks.focus(); // the pressed button is gone
    this.#told("solved", answer);
  }

  // Nothing more stands between the person and Send; what is still empty gets the focus.
  #sendAnyway() {
    this.#told("not_solved", this.#solved);
    this.#close();
    this.#fill(this.#answers, this.#answerable);
    if (this.#form.checkValidity()) this.#form.requestSubmit();
    else this.#form.querySelector(":invalid").focus();
  }

  // Arrows go from answer to answer; Tab reaches everything without them.
  #walk(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches(STOPS)) return;
    const heads = [...this.#part("list").querySelectorAll(STOPS)];
    const next = heads[heads.indexOf(event.target) + step];
    event.preventDefault();
    (next ?? (step < 0 ? this.#field : event.target)).focus();
  }
}

// --- the field ------------------------------------------------------------------------------------------------

export function attach(form) {
  const field = form.querySelector("[data-suggest-field]");
  const area = form.querySelector("[data-suggest-area]");
  const enquiry = new Enquiry(form);
  const sources = new Sources(form, enquiry);
  let asked = ""; // the question whose answers are shown or on their way
  let counted = ""; // the last question that was settled
  let flight = null;
  let timers = [];

  const question = () => field.value.replace(/\s+/g, " ").trim().slice(0, LONGEST);
  const wait = () => timers.splice(0).forEach(clearTimeout);

  async function ask(settled) {
    const text = question();
    if (text.length < LEAST) {
      flight?.abort();
      asked = counted = "";
      panel.clear();
      return;
    }
    if (settled ? text === counted : text === asked) return; // a repeated question has the same answers
    flight?.abort(); // a late reply to an older question must not overwrite a newer one
    flight = new AbortController();
    const { signal } = flight;
    asked = text;
    if (settled) counted = text;
    const reply = await sources.ask(text, { settled, signal });
    if (signal.aborted) return;
    if (!reply) {
      asked = counted = ""; // ask again at the next pause
      return;
    }
    // Half a question finds nothing more often than a whole one: what stands is left until the question is settled.
    if (settled || reply.suggestions.length) panel.show(reply, settled && reply.answerable);
    form.dispatchEvent(new CustomEvent("suggest:reply", { detail: reply }));
    if (settled) panel.announce();
    if (settled) tellSeen();
    if (settled && !reply.suggestions.length) panel.admit(text, reply.nearest);
  }

  // Opening an answer settles the question that led to it. What is told arrives in the order in which it happened.
  let telling = Promise.resolve();
  const panel = new Panel(form, field, area, (type, answer, more) => {
    if (type === "impression") {
      seen.set(keyOf(answer), answer);
      tellSeen();
      return;
    }
    telling = telling.then(() => ask(true)).then(() => enquiry.tell(type, answer, more));
  });

  // Seeing an answer settles nothing: it is told once the question is counted.
  const seen = new Map();
  function tellSeen() {
    if (!counted || counted !== asked) return;
    for (const answer of seen.values()) telling = telling.then(() => enquiry.tell("impression", answer));
    seen.clear();
  }

  function heard() {
    wait();
    timers = [setTimeout(ask, PAUSE, false), setTimeout(ask, SETTLED, true)];
  }

  field.addEventListener("input", (event) => {
    if (!event.isComposing) heard(); // half a word of an input method is not a question
  });
  field.addEventListener("compositionend", heard);
  if (form.dataset.index) {
    field.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && !event.isComposing && panel.enter()) event.preventDefault();
    });
    // Whoever searches is led to what was found. Only where nobody answers is it an ordinary form, which a site
    // without a deflector has no place for.
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      wait();
      field.focus(); // from the button, so that the answers may open
      if (question().length < LEAST) return;
      await ask(true);
      if (!panel.enter() && !sources.isAlone) form.submit();
    });
    field.addEventListener("input", () => panel.expect());
  }
  field.addEventListener("blur", () => {
    wait();
    timers = [setTimeout(ask, LEAVING, true)];
  });
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    wait();
    flight?.abort(); // the deflector settles what is sent
  });
  form.addEventListener("formdata", (event) => {
    if (panel.declined) event.formData.set("declined", "1");
  });
  // A question that came with the address, or that the browser kept; not while problems are being mended.
  if (question().length >= LEAST && !form.querySelector("[aria-invalid]")) ask(false);
}

// --- answers that the page itself offers ----------------------------------------------------------------------

// A list with `data-answers-of` names the form whose enquiry its answers belong to; each item says which article it
// is. Without this script the answers open all the same, and only "This solved it" is told, by its own form.
export function watch(list) {
  const enquiry = new Enquiry(document.getElementById(list.dataset.answersOf));
  const tell = (type, node) => {
    const { article, version } = node.closest("[data-article]").dataset;
    enquiry.tell(type, { article, version: Number(version) });
  };
  list.addEventListener("toggle", ({ target }) => tell(target.open ? "opened" : "closed", target), true);
  list.addEventListener("click", ({ target }) => target.closest("a") && tell("opened", target));
}

for (const form of document.querySelectorAll("form[data-suggest]")) attach(form);
for (const list of document.querySelectorAll("[data-answers-of]")) watch(list);
