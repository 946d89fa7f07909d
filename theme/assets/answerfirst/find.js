// Finds answers in the site's own files where no deflector answers: a static host, an outage, a slow night.
// generator/site/search_index.py writes the files and says what is in them. Loaded only when it is needed.

const SCALE = 60; // as in generator/site/search_index.py
const NEAR = 4; // articles that are fetched and shown to the caller
const KIN = 12; // words of the index that one word of a question may stand for
const WIDEST = 2; // shelves that the forms of one word may lie on
const ENOUGH = 0.62; // share of a question's weight that an article must hold to be called an answer
const LEAST = 0.34; // below this nothing is shown
const SAME = 0.85; // how far another word of synonyms.yml stands for one of the question …
const PART = 0.5; // … and the longest word of another phrase,
const LONG = 4; // if it has so many letters

const MARKS = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093c]/g;
const UNSPACED = /^[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]{2,}$/;

// As generator/site/words.py.
export function words(text) {
  const plain = text.toLowerCase().normalize("NFKD").replace(MARKS, "").normalize("NFC");
  return (plain.match(/[\p{L}\p{N}]+/gu) ?? []).flatMap((found) => {
    const word = [...found].slice(0, 32).join("");
    if (UNSPACED.test(word)) return [...word].slice(1).map((_, at) => word.slice(at, at + 2));
    return word.startsWith("\u0627\u0644") && word.length > 4 ? [word.slice(2)] : [word];
  });
}

// Slips of the finger between two words: letters that are wrong, missing, too many or swapped (optimal string
// alignment); `most` + 1 where there are more.
function slips(one, other, most) {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let [before, last, row] = [[], [], Array.from({ length: other.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= one.length; i++) {
    [before, last, row] = [last, row, [i]];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    if (Math.min(...row) > most) return most + 1;
  }
  return row[other.length];
}

// How far a word of the index stands for a word of the question; 0: not at all.
function kinship(asked, word, isLast) {
  if (word === asked) return 1;
  if (isLast && word.startsWith(asked)) return 0.6 + (0.3 * asked.length) / word.length; // still being typed
  let shared = 0;
  while (shared < asked.length && asked[shared] === word[shared]) shared++;
  const ending = Math.max(asked.length, word.length) - shared;
  return shared >= 4 && ending <= 3 && ending < shared ? 0.8 - 0.1 * ending : 0; // refund, refunded, refunds
}

class Finder {
  #base;
  #index;
  #synonyms;
  #shelves = new Map();
  #articles = new Map();

  constructor(base) {
    this.#base = base;
  }

  #load(name, fresh = false) {
    const address = new URL(name, this.#base);
    return fetch(address, { credentials: "omit", cache: fresh ? "no-cache" : "default" }).then((answer) => {
      if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
      return answer.json();
    });
  }

  open() {
    this.#index ??= this.#load("index.json", true).then((index) => ({ ...index, words: index.words.split(" ") }));
    this.#index.catch(() => (this.#index = undefined)); // the next question tries again
    return this.#index;
  }

  // Groups of phrases that say the same, each phrase as its words. The search works without them.
  #groups() {
    this.#synonyms ??= this.#load("synonyms.json", true).catch(() => []);
    return this.#synonyms;
  }

  // Where a phrase of synonyms.yml stands in the question: for each of its words, the words of the others.
  async #others(asked) {
    const others = asked.map(() => new Map());
    const isSame = (word, other) => Boolean(word) && kinship(word, other, false) >= 0.6;
    const stands = (phrase, at) => phrase.every((word, step) => isSame(asked[at + step], word));
    for (const group of await this.#groups()) {
      for (const phrase of group) {
        const found = asked.flatMap((_, at) => (stands(phrase, at) ? phrase.map((__, step) => at + step) : []));
        const same = group.filter((other) => other !== phrase);
        for (const at of found) {
          for (const other of same) {
            // Of several words the longest says most: "can't remember" is about remembering.
            const word = other.reduce((most, one) => (one.length > most.length ? one : most), "");
            if (word.length >= LONG || other.length === 1) others[at].set(word, other.length > 1 ? PART : SAME);
          }
        }
      }
    }
    return others;
  }

  async #exact(word) {
    const shelf = (await this.#shelvesOf(word)).find((one) => Object.hasOwn(one, word));
    return shelf ? shelf[word] : null;
  }

  async #kept(place, name) {
    const { revision } = await this.open();
    if (!place.has(name)) place.set(name, this.#load(`${name}.json?${revision}`));
    try {
      return await place.get(name);
    } catch (fault) {
      place.delete(name);
      throw fault;
    }
  }

  // The words of the index that begin with these letters lie on these shelves.
  async #shelvesOf(start) {
    const { shelves } = await this.open();
    let first = 0;
    while (first + 1 < shelves.length && shelves[first + 1] <= start) first++;
    let last = first;
    while (last + 1 < shelves.length && shelves[last + 1].startsWith(start) && last - first + 1 < WIDEST) last++;
    const numbers = Array.from({ length: shelves.length ? last - first + 1 : 0 }, (_, at) => first + at);
    return Promise.all(numbers.map((number) => this.#kept(this.#shelves, `words-${number}`)));
  }

  // What one word of the question stands for: [word, its line on the shelf, how far].
  async #kin(asked, isLast) {
    const start = asked.length > 5 ? asked.slice(0, asked.length - 3) : asked.slice(0, isLast ? asked.length : 4);
    const found = [];
    for (const shelf of await this.#shelvesOf(start)) {
      for (const word of Object.keys(shelf)) {
        const far = kinship(asked, word, isLast);
        if (far) found.push([word, shelf[word], far]);
      }
    }
    if (found.length || asked.length < 4) return found.sort((a, b) => b[2] - a[2]).slice(0, KIN);
    const most = asked.length < 8 ? 1 : 2;
    const near = (await this.open()).words
      .map((word) => [word, slips(asked, word, most)])
      .filter(([, count]) => count <= most)
      .sort((a, b) => a[1] - b[1])
      .slice(0, 3);
    const mended = await Promise.all(
      near.map(async ([word, count]) => {
        const line = await this.#exact(word);
        return line ? [[word, line, 0.9 - 0.2 * count]] : [];
      }),
    );
    return mended.flat();
  }

  async ask(question) {
    const { articles: total } = await this.open();
    const asked = [...new Set(words(question))].slice(0, 24);
    const isTyping = /[\p{L}\p{N}]$/u.test(question);
    const rarity = (count) => Math.log(1 + (total - count + 0.5) / (count + 0.5));
    const others = await this.#others(asked);
    const groups = await Promise.all(
      asked.map(async (word, at) => {
        const kin = await this.#kin(word, isTyping && at === asked.length - 1);
        const known = new Set(kin.map(([one]) => one));
        const meant = [...others[at]].filter(([other]) => !known.has(other)).slice(0, KIN);
        const lines = await Promise.all(meant.map(async ([other, far]) => [other, await this.#exact(other), far]));
        return [...kin, ...lines.filter(([, line]) => line)];
      }),
    );

    const scores = new Map(); // article number → score
    const held = new Map(); // article number → weight of the question's words that it has
    const telling = []; // [word, weight] to choose and mark sections by
    let whole = 0;
    for (const kin of groups) {
      const weight = kin.length ? Math.max(...kin.map(([, [count]]) => rarity(count))) : rarity(1);
      whole += weight;
      const best = new Map();
      for (const [word, [, ...steps], far] of kin) {
        telling.push([word, weight * far]);
        let number = 0;
        for (const step of steps) {
          number += Math.floor(step / (SCALE + 1));
          const value = far * (step % (SCALE + 1));
          if (value > (best.get(number) ?? 0)) best.set(number, value);
        }
      }
      for (const [number, value] of best) {
        scores.set(number, (scores.get(number) ?? 0) + (weight * value) / SCALE);
        held.set(number, (held.get(number) ?? 0) + weight * Math.min(1, value / 12));
      }
    }
    // An article that holds all of the question comes before one that says one word of it often.
    const share = (number) => held.get(number) / whole;
    const ranked = [...scores]
      .map(([number, score]) => [number, score * (0.5 + share(number))])
      .sort((a, b) => b[1] - a[1] || a[0] - b[0])
      .slice(0, NEAR);
    const found = await Promise.all(ranked.map(([number]) => this.#kept(this.#articles, String(number))));
    const marked = new Map(telling.filter(([, weight]) => weight > 0.4));
    const answers = found.map((article, at) => this.#answer(article, marked, share(ranked[at][0])));
    const shown = answers.filter(({ confidence }) => confidence >= LEAST);
    return {
      question,
      answerable: shown.length > 0 && shown[0].confidence >= ENOUGH,
      suggestions: shown,
      nearest: answers[0]?.category ?? null,
    };
  }

  // The section that says most of the question's rare words; what stands first where none does.
  #answer(article, marked, confidence) {
    const weigh = (text) => {
      const there = new Set(words(text));
      return [...marked].reduce((sum, [word, weight]) => sum + (there.has(word) ? weight : 0), 0);
    };
    let [best, most] = [article.sections[0] ?? ["", article.title, article.summary], 0];
    for (const section of article.sections) {
      const weight = weigh(section[1]) + weigh(section[2]);
      if (weight > most * 1.05) [best, most] = [section, weight];
    }
    const [anchor, heading, text] = best;
    const url = new URL(`../../..${article.url}${anchor ? `#${encodeURIComponent(anchor)}` : ""}`, this.#base).href;
    return { ...article, sections: undefined, heading, text, url, confidence, parts: snippet(text, marked) };
  }
}

const AROUND = 170; // characters of a snippet

// The stretch of a text with the most of the question in it: [text, whether it is a match] …
function snippet(text, marked) {
  const flat = text.replace(/\s+/g, " ");
  const hits = [...flat.matchAll(/[\p{L}\p{N}\p{M}]+/gu)].filter(([word]) => words(word).some((one) => marked.has(one)));
  const inside = (from) => hits.filter(({ index }) => index >= from && index < from + AROUND);
  const worth = (from) => new Set(inside(from).map(([word]) => word.toLowerCase())).size;
  let from = 0;
  for (const { index } of hits) if (worth(index) > worth(from)) from = index;
  if (from) from = flat.lastIndexOf(" ", Math.max(0, from - 30)) + 1;
  const to = flat.length <= from + AROUND ? flat.length : flat.lastIndexOf(" ", from + AROUND);
  const end = to > from ? to : from + AROUND;
  const parts = from ? [["… ", false]] : [];
  let at = from;
  for (const { 0: word, index } of inside(from).filter(({ 0: word, index }) => index + word.length <= end)) {
    parts.push([flat.slice(at, index), false], [word, true]);
    at = index + word.length;
  }
  parts.push([flat.slice(at, end) + (end < flat.length ? " …" : ""), false]);
  return parts.filter(([part]) => part);
}

const finders = new Map();

// The finder of an index; `base` is the address of its folder, with a slash at the end.
export function finder(base) {
  if (!finders.has(base)) finders.set(base, new Finder(base));
  return finders.get(base);
}
