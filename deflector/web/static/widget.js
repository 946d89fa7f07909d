// Help on any page: a button, and the contact form that answers first, in a shadow tree of its own.
//
//   <script src="https://help.example.com/widget.js" data-lang="en" defer></script>
//
// It needs nothing of the page and changes nothing in it. Under a Content Security Policy it asks for
// `script-src` and `connect-src` of the help desk's address, and for no inline style or script.
// The page's address goes along with a message, without what stands behind "?" or "#".
(() => {
  "use strict";
  const script = document.currentScript;
  const home = new URL(".", script.src).href;
  const wanted = script.dataset.lang || document.documentElement.lang || "";
  const PAUSE = 300; // ms after the last key
  const SETTLED = 1500; // ms without a key: the person has said what they want to say
  const LEAST = 3; // characters before the first question
  const PATIENCE = 8000; // ms that Send waits for a proof of work

  const CSS = `
    :host { all: initial; --ink: #1d2530; --muted: #56606e; --paper: #fff; --line: #86837a; --hair: #d8d4c8;
      --accent: #0a6a5e; --on: #fff; --mark: #ffe9a8; --error: #a4262c;
      font: 16px/1.5 -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", system-ui, sans-serif;
      color: var(--ink); color-scheme: light dark; }
    @media (prefers-color-scheme: dark) { :host { --ink: #e9edf1; --muted: #a7b2bf; --paper: #1b222a; --line: #7c8997;
      --hair: #36414e; --accent: #5fd0bd; --on: #06231f; --mark: #6b5510; --error: #ff9a94; } }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    button, input, textarea { font: inherit; color: inherit; }
    button, summary { cursor: pointer; }
    :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
    .open { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; z-index: 2147483000; min-block-size: 48px;
      padding: 0 20px; border: 0; border-radius: 24px; background: var(--accent); color: var(--on); font-weight: 600;
      box-shadow: 0 2px 10px rgb(0 0 0 / 30%); }
    dialog { position: fixed; inset: auto; inset-block-end: 20px; inset-inline-end: 20px; margin: 0; padding: 20px;
      inline-size: min(400px, calc(100vw - 24px)); max-block-size: calc(100vh - 40px); overflow: auto;
      border: 1px solid var(--hair); border-radius: 12px; background: var(--paper); color: var(--ink);
      box-shadow: 0 12px 40px rgb(0 0 0 / 30%); }
    dialog::backdrop { background: rgb(0 0 0 / 25%); }
    header { display: flex; align-items: center; justify-content: space-between; gap: 12px; }
    h2 { margin: 0; font-size: 20px; line-height: 1.3; }
    h3 { margin: 12px 0 8px; font-size: 16px; }
    p { margin: 0 0 8px; }
    label { display: block; margin-block-start: 12px; font-weight: 600; }
    .said { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .quiet { color: var(--muted); font-size: 14px; }
    .bad { color: var(--error); font-weight: 600; font-size: 14px; }
    input, textarea { display: block; inline-size: 100%; min-block-size: 44px; margin-block: 4px; padding: 8px 12px;
      border: 1px solid var(--line); border-radius: 8px; background: transparent; }
    textarea { min-block-size: 96px; resize: vertical; }
    .button { min-block-size: 44px; padding: 8px 16px; border: 1px solid var(--line); border-radius: 8px;
      background: transparent; font-weight: 600; }
    .main { border-color: var(--accent); background: var(--accent); color: var(--on); }
    .row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin-block-start: 12px; }
    .close { min-inline-size: 44px; margin-inline-end: -10px; padding: 8px; border: 0; font-size: 24px; line-height: 1; }
    ol { margin: 0; padding: 0; list-style: none; }
    li { margin-block-end: 8px; border: 1px solid var(--hair); border-radius: 8px; }
    summary { position: relative; padding: 10px 12px; padding-inline-end: 36px; list-style: none; color: var(--accent); font-weight: 600; }
    summary small { display: block; color: var(--muted); font-weight: 400; font-size: 14px; }
    summary::-webkit-details-marker { display: none; }
    summary::after { content: ""; position: absolute; inset-block-start: 17px; inset-inline-end: 15px; inline-size: 8px;
      block-size: 8px; border: solid var(--muted); border-width: 0 2px 2px 0; rotate: 45deg; }
    [open] > summary::after { inset-block-start: 21px; rotate: 225deg; }
    .text { padding: 0 12px; white-space: pre-line; overflow-wrap: anywhere; }
    .under { padding: 0 12px 12px; }
    a { color: var(--accent); }
    .number { font: 600 22px ui-monospace, monospace; user-select: all; }`;

  // An element; nothing that comes from elsewhere is ever handed to an HTML parser.
  function make(tag, given = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value === true) element.setAttribute(name, "");
      else if (value !== false && value != null) element.setAttribute(name, value);
    }
    element.append(...children.filter((child) => child != null));
    return element;
  }

  async function call(path, { body, headers = {}, method = body ? "POST" : "GET", ...more } = {}) {
    const given = body ? { "Content-Type": "application/json", ...headers } : headers;
    const answer = await fetch(new URL(path, home), {
      method, headers: given, body: body && JSON.stringify(body), credentials: "omit", ...more,
    });
    const text = await answer.text();
    return { status: answer.status, ok: answer.ok, json: text ? JSON.parse(text) : null };
  }

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

  // ALTCHA's proof of work; a message without it is taken all the same, and its sender asked by mail.
  async function prove() {
    const { ok, json: task } = await call("api/challenge");
    if (!ok || !task?.challenge || !crypto.subtle) return undefined;
    const bytes = new TextEncoder();
    for (let number = 0; number <= task.maxnumber; number++) {
      if (hex(await crypto.subtle.digest(task.algorithm, bytes.encode(task.salt + number))) === task.challenge) {
        const { algorithm, challenge, salt, signature } = task;
        return btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
      }
    }
    return undefined;
  }

  function begin({ lang, dir, words }) {
    const page = location.origin + location.pathname;
    let enquiry = null; // one pass through the form, begun by the first settled question
    let proof = null;
    let key = crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now();
    let asked = "";
    let timers = [];
    let flight = null;

    const token = async () => {
      enquiry ??= call("api/enquiries", { body: { lang, page } }).then(({ json }) => json).catch(() => null);
      return (await enquiry) ?? {};
    };
    const tell = async (type, { article, version }) => {
      const { enquiry: id, token: secret } = await token();
      if (!id) return;
      const headers = { "X-Enquiry-Token": secret };
      call(`api/enquiries/${id}/events`, { body: { type, article, version }, headers, keepalive: true }).catch(() => {});
    };

    const answers = make("ol");
    const found = make("section", { hidden: true, "aria-labelledby": "found" },
      make("h3", { id: "found" }, words.panel_answers), answers);
    const status = make("p", { role: "status", class: "said" });
    const message = make("textarea", { id: "message", required: true, "aria-describedby": "message-help", dir: "auto" });
    const name = make("input", { id: "name", autocomplete: "name", dir: "auto" });
    const email = make("input", { id: "email", type: "email", autocomplete: "email", dir: "ltr", "aria-describedby": "email-help" });
    const fields = { message, name, email };
    const failed = make("p", { class: "bad", role: "alert", hidden: true });
    const send = make("button", { class: "button main" }, words.send_message);
    const anyway = make("button", { class: "button main", hidden: true, value: "1" }, words.none_helped);
    const form = make("form", { novalidate: true, onsubmit: submit },
      make("label", { for: "message" }, words.message_label),
      make("p", { class: "quiet", id: "message-help" }, words.message_help), message,
      status, found,
      make("label", { for: "name" }, words.name_label), name,
      make("label", { for: "email" }, words.email_label),
      make("p", { class: "quiet", id: "email-help" }, words.email_help), email,
      failed, make("div", { class: "row" }, send, anyway));
    const title = make("h2", { id: "title", tabindex: "-1" }, words.form_title);
    const body = make("div", {}, form);
    const dialog = make("dialog", { "aria-labelledby": "title", lang, dir },
      make("header", {}, title,
        make("button", { class: "button close", type: "button", "aria-label": words.widget_close, onclick: () => dialog.close() }, "×")),
      body);
    const button = make("button", { class: "open", type: "button", lang, dir, "aria-haspopup": "dialog", onclick: open }, words.widget_help);

    const host = make("answerfirst-help");
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    root.append(make("div", { lang, dir }, button), dialog);
    document.body.append(host);

    let before = null; // where the focus was
    function open() {
      before = document.activeElement === host ? button : document.activeElement;
      dialog.showModal();
      message.focus();
    }
    dialog.addEventListener("close", () => before?.focus());
    document.addEventListener("answerfirst:open", open); // for a page's own link to help

    message.addEventListener("input", (event) => {
      proof ??= prove().catch(() => undefined);
      if (event.isComposing) return;
      timers.forEach(clearTimeout);
      timers = [setTimeout(ask, PAUSE, 0), setTimeout(ask, SETTLED, 1)];
    });

    async function ask(settled) {
      const question = message.value.trim().slice(0, 1000);
      if (question.length < LEAST || (!settled && question === asked)) return;
      asked = question;
      flight?.abort();
      const { signal } = (flight = new AbortController());
      try {
        const own = settled ? await token() : {};
        const query = new URLSearchParams({ q: question, lang, settled });
        if (own.enquiry) query.set("enquiry", own.enquiry);
        const headers = own.token ? { "X-Enquiry-Token": own.token } : {};
        const { ok, json } = await call(`api/suggest?${query}`, { headers, signal });
        if (ok && !signal.aborted) show(json.answerable ? json.suggestions : [], settled && json.answerable);
      } catch {
        // No answer: the form is there.
      }
    }

    // An answer that is being read stays where it is, until surer ones take its place.
    function show(list, isSure) {
      const kept = new Map([...answers.children].map((item) => [item.dataset.key, item]));
      const items = list.map((one) => kept.get(`${one.article}#${one.heading}`) ?? card(one));
      [...answers.children].forEach((item, at) => {
        if (!item.querySelector("[open]") || (isSure && !items.includes(item))) return;
        if (items.includes(item)) items.splice(items.indexOf(item), 1);
        items.splice(at, 0, item);
      });
      items.splice(3);
      answers.replaceChildren(...items);
      found.hidden = !items.length;
      const text = items.length ? words.panel_answers : "";
      if (status.textContent !== text && document.activeElement === host) status.textContent = text;
    }

    function card(one) {
      const link = make("a", { target: "_blank", rel: "noopener", onclick: () => tell("opened", one) },
        `${words.open_article} (${words.new_tab})`);
      try {
        const url = new URL(one.url, home);
        if (url.protocol.startsWith("http")) link.href = url.href;
      } catch {
        // An address that is none stays text.
      }
      const source = one.heading && one.heading !== one.title ? make("small", {}, one.title) : null;
      const details = make("details", { ontoggle: () => tell(details.open ? "opened" : "closed", one) },
        make("summary", {}, one.heading || one.title, source),
        make("p", { class: "text", dir: "auto" }, one.text ?? ""),
        make("div", { class: "under row" },
          make("button", { class: "button", type: "button", onclick: () => solved(one) }, words.solved_it), link));
      return make("li", { "data-key": `${one.article}#${one.heading}` }, details);
    }

    function say(heading, ...parts) {
      title.textContent = heading;
      body.replaceChildren(...parts);
      title.focus();
    }

    function solved(one) {
      tell("solved", one);
      say(words.thanks_title, make("p", {}, words.thanks_text), make("div", { class: "row" },
        make("button", { class: "button", type: "button", onclick: () => { tell("not_solved", one); say(words.form_title, form); } }, words.send_anyway)));
    }

    function complain(problems) {
      for (const old of form.querySelectorAll(".bad[id]")) old.remove();
      for (const field of Object.values(fields)) field.removeAttribute("aria-invalid");
      for (const { field, message: text } of problems) {
        const input = fields[field];
        if (!input) continue;
        input.setAttribute("aria-invalid", "true");
        input.after(make("p", { class: "bad", id: `${field}-problem`, role: "alert" }, text));
      }
      fields[problems[0]?.field]?.focus();
    }

    async function submit(event) {
      event.preventDefault();
      const declined = event.submitter === anyway;
      timers.forEach(clearTimeout);
      failed.hidden = true;
      send.disabled = anyway.disabled = true;
      try {
        proof ??= prove().catch(() => undefined);
        const altcha = await Promise.race([proof, new Promise((on) => setTimeout(on, PATIENCE))]);
        const own = await token();
        const { status: code, json } = await call("api/tickets", {
          headers: { "Idempotency-Key": key, ...(own.token ? { "X-Enquiry-Token": own.token } : {}) },
          body: { enquiry: own.enquiry ?? null, name: name.value, email: email.value, message: message.value,
            lang, page, declined, ...(altcha ? { altcha } : {}) },
        });
        complain(code === 422 ? json.problems : []);
        if (code === 409) offer(json.suggestions);
        else if (code === 201) received(json);
        else if (code !== 422) throw new Error(`status ${code}`);
      } catch {
        failed.textContent = words.widget_failed;
        failed.hidden = false;
      }
      send.disabled = anyway.disabled = false;
    }

    // The second step: answers first, then "send anyway".
    function offer(list) {
      show(list, true);
      send.hidden = true;
      anyway.hidden = false;
      status.textContent = words.answers_lead;
      answers.querySelector("summary")?.focus();
      message.addEventListener("input", () => ((send.hidden = false), (anyway.hidden = true)), { once: true });
    }

    function received({ ticket, answer_by: by }) {
      const when = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "short" }).format(new Date(by));
      say(words.received_title,
        make("p", { class: "quiet" }, words.received_number), make("p", { class: "number" }, ticket),
        make("p", {}, words.next_by.replace("{when}", when), ": ", words.next_answer_text));
      [message.value, asked, enquiry, proof] = ["", "", null, null];
      key = crypto.randomUUID?.() ?? String(Math.random()).slice(2) + Date.now();
      show([], true);
      [send.hidden, anyway.hidden] = [false, true];
      dialog.addEventListener("close", () => { title.textContent = words.form_title; body.replaceChildren(form); }, { once: true });
    }
  }

  const start = () =>
    call(`widget.json?${new URLSearchParams({ lang: wanted })}`)
      .then(({ ok, json }) => ok && begin(json))
      .catch(() => {}); // no help desk, no button
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start);
})();
