// What a reader has seen of an answer: whether half of its head was in view for a second, and for how long it was
// open while the page was in view. Nothing of it is kept.

const HALF = 0.5;
const LONG_ENOUGH = 1000; // ms

// Calls `seen(answer)` once for each element whose head was half in view for a second. An open answer may be taller
// than the window; its head is not.
export function watcher(seen) {
  const answers = new WeakMap();
  const timers = new WeakMap();
  if (!("IntersectionObserver" in window)) return () => {};
  const watching = new IntersectionObserver(
    (entries) => {
      for (const { target, isIntersecting, intersectionRatio } of entries) {
        clearTimeout(timers.get(target));
        if (!isIntersecting || intersectionRatio < HALF) continue;
        const noted = () => {
          if (!target.isConnected || document.visibilityState !== "visible") return;
          watching.unobserve(target);
          seen(answers.get(target));
        };
        timers.set(target, setTimeout(noted, LONG_ENOUGH));
      }
    },
    { threshold: HALF },
  );
  return (element, answer) => {
    const head = element.querySelector("summary") ?? element;
    answers.set(head, answer);
    watching.observe(head);
  };
}

// Counts seconds while the page is in view.
export class Stopwatch {
  #sum = 0;
  #since = null;
  #turn = () => this.#count(document.visibilityState === "visible");

  constructor() {
    this.#turn();
    document.addEventListener("visibilitychange", this.#turn);
  }

  stop() {
    this.#count(false);
    document.removeEventListener("visibilitychange", this.#turn);
    return Math.round(this.#sum / 100) / 10;
  }

  #count(on) {
    const now = performance.now();
    if (this.#since !== null) this.#sum += now - this.#since;
    this.#since = on ? now : null;
  }
}
