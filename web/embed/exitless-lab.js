// <exitless-lab scenario="lab" at="nic:17" level="explain" panels="timeline,log">: the Lab in a frame on
// this script's own origin. A thin wrapper: README.md beside it has the protocol that it speaks.

const VERSION = 1;
const HERE = import.meta.url;
// Attributes that are parameters of the link, as they are.
const PARAMETERS = ["at", "level", "panels", "seed", "cfg", "speed", "mode", "theme", "lang"];
// What a fragment holds as it is (RFC 3986, 3.5), so that links stay readable.
const READABLE = /%(3A|2C|2F|3D|25)/g;
// What the page says of itself; each is also a DOM event of that name.
const TOLD = ["ready", "state", "event", "report", "error", "height"];

const STYLE = `
  :host { display: block; height: 640px; border: 1px solid #8886; border-radius: 12px; overflow: hidden; }
  :host([hidden]) { display: none; }
  iframe { display: block; width: 100%; height: 100%; border: 0; }
`;

const written = (value) =>
  encodeURIComponent(value.trim().replace(/\s*,\s*/g, ",")).replace(READABLE, decodeURIComponent);

export class ExitlessLab extends HTMLElement {
  static observedAttributes = ["site", "link", "scenario", "lesson", ...PARAMETERS];

  #frame = null;
  #serial = 0;
  #waiting = new Map();
  #ready = null;
  #there = null;
  #hear = (event) => this.#heard(event);

  connectedCallback() {
    window.addEventListener("message", this.#hear);
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    this.#frame = Object.assign(document.createElement("iframe"), {
      src: this.link,
      title: this.getAttribute("title") ?? "Exitless: an interactive machine",
      loading: "lazy",
      allow: "clipboard-write; fullscreen",
    });
    this.#ready = new Promise((resolve) => this.addEventListener("ready", resolve, { once: true }));
    this.#there = new Promise((resolve) => this.#frame.addEventListener("load", resolve, { once: true }));
    root.replaceChildren(Object.assign(document.createElement("style"), { textContent: STYLE }), this.#frame);
  }

  disconnectedCallback() {
    window.removeEventListener("message", this.#hear);
    for (const { reject } of this.#waiting.values()) reject(new Error("the element was removed"));
    this.#waiting.clear();
    this.#frame = null;
  }

  attributeChangedCallback(_name, before, after) {
    if (this.#frame && before !== after) this.#frame.src = this.link;
  }

  // The page's address, with what the attributes ask for: the whole fragment of `link`, in which each of the
  // others has the last word.
  get link() {
    const link = this.getAttribute("link") ?? "";
    const [path, query = ""] = link.slice(link.indexOf("#") + 1).replace(/^\//, "").split("?");
    const name = this.getAttribute("lesson") ?? this.getAttribute("scenario");
    const asked = new Map(query.split("&").filter(Boolean).map((pair) => pair.split(/=(.*)/s, 2)));
    if ((asked.get("mode") ?? "full") === "full") asked.set("mode", "embed");
    for (const key of PARAMETERS) if (this.hasAttribute(key)) asked.set(key, written(this.getAttribute(key)));
    if (!asked.has("v")) asked.set("v", String(VERSION));
    const pairs = [...asked].map(([key, value]) => `${key}=${value ?? ""}`);
    const site = this.getAttribute("site");
    const page = new URL("index.html", site === null ? new URL("../", HERE) : new URL(site, document.baseURI));
    return `${page}#/${name === null ? path : encodeURIComponent(name)}?${pairs.join("&")}`;
  }

  // Resolves when the first picture is there.
  get ready() {
    return this.#ready;
  }

  // Asks the page; resolves with its answer, rejects with what it says went wrong. What is asked of a frame that
  // would load when it is scrolled to has it load now.
  ask(type, fields = {}) {
    const frame = this.#frame;
    if (!frame) return Promise.reject(new Error("the element is in no document"));
    frame.loading = "eager";
    const id = `e${++this.#serial}`;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      // Nothing secret is sent, and a sandboxed frame has no origin to name.
      this.#there.then(() => frame.contentWindow?.postMessage({ ...fields, exitless: VERSION, type, id }, "*"));
    });
  }

  ping() { return this.ask("ping"); }
  load(what) { return this.ask("load", what); }
  run(how = {}) { return this.ask("run", how); }
  pause() { return this.ask("pause"); }
  step(unit = "event") { return this.ask("step", { unit }); }
  stepBack(unit = "event") { return this.ask("stepBack", { unit }); }
  seek(at) { return this.ask("seek", { at }); }
  set(key, value) { return this.ask("set", { key, value }); }
  subscribe(events) { return this.ask("subscribe", { events }); }
  hash() { return this.ask("hash"); }
  getReport() { return this.ask("getReport"); }
  exportTrace(format, side) { return this.ask("exportTrace", { format, side }); }

  #heard({ source, data }) {
    if (!this.#frame || source !== this.#frame.contentWindow || data?.exitless !== VERSION) return;
    const { type, id } = data;
    const waiting = this.#waiting.get(id);
    if (waiting) {
      this.#waiting.delete(id);
      if (type === "error") waiting.reject(new Error(data.text));
      else waiting.resolve(data);
    } else if (TOLD.includes(type)) {
      if (type === "height" && this.hasAttribute("autoheight")) this.style.height = `${data.height}px`;
      this.dispatchEvent(new CustomEvent(type, { detail: data }));
    }
  }
}

if (!customElements.get("exitless-lab")) customElements.define("exitless-lab", ExitlessLab);
