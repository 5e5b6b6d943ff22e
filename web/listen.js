// The public protocol: {exitless: 1, type, id, ...} to and from the page that embeds this one. Only
// window.parent is heard. web/embed/README.md says what each type means.
"use strict";
const listen = (lab) => {
  const VERSION = 1;
  const embedded = window.parent !== window;
  const early = []; // What came before the page was there.
  const waiting = new Map(); // Answers that lab.request waits for.
  let height = 0;

  const tell = (type, id, fields) => {
    const message = { exitless: VERSION, type, id: id ?? null, ...fields };
    if (waiting.has(id) && (type === "answer" || type === "report" || type === "error")) {
      waiting.get(id)(message);
      waiting.delete(id);
    }
    // The parent may be any origin, and nothing here is secret: a run of public images.
    if (embedded) window.parent.postMessage(message, "*");
    lab.overheard?.(message);
  };

  const answer = (message) => {
    const { exitless, type, id, ...fields } = message;
    if (type === "ping") tell("pong", id, { build: lab.build });
    else if (!lab.onrequest) early.push(message);
    else if (!lab.onrequest(String(type), String(id ?? ""), JSON.stringify(fields)))
      tell("error", id, { text: `unknown type "${type}"` });
  };

  lab.hand(({ source, data }) => {
    if (embedded && source === window.parent && data && data.exitless === VERSION) answer(data);
  });

  // The page's side.
  lab.tell = (type, id, fields) => tell(type, id === "" ? null : id, fields);
  // The page has set lab.onrequest.
  lab.listening = () => early.splice(0).forEach(answer);
  // The same protocol for a script of this very page.
  let serial = 0;
  lab.request = (type, fields) =>
    new Promise((resolve) => {
      const id = `r${++serial}`;
      waiting.set(id, resolve);
      answer({ exitless: VERSION, type, id, ...fields });
    });

  // Opens Perfetto's page in a tab of its own and hands it the run's trace, as that page's documentation on deep
  // links says: PING until it answers PONG, for messages before that are lost; then the bytes. False without a tab.
  lab.perfetto = (side, title) => {
    const there = "https://ui.perfetto.dev";
    const tab = window.open(there);
    if (!tab) return false;
    const trace = lab.request("exportTrace", { format: "perfetto", side });
    const ping = setInterval(() => (tab.closed ? stop() : tab.postMessage("PING", "*")), 100);
    const hear = async ({ source, origin, data }) => {
      if (source !== tab || origin !== there || data !== "PONG") return;
      stop();
      const { name, bytes } = await trace;
      if (bytes) tab.postMessage({ perfetto: { buffer: bytes.buffer, title, fileName: name, localOnly: true } }, there);
    };
    const stop = () => (clearInterval(ping), window.removeEventListener("message", hear));
    window.addEventListener("message", hear);
    return true;
  };

  if (embedded)
    new ResizeObserver(() => {
      const now = Math.ceil(document.documentElement.getBoundingClientRect().height);
      if (now !== height) tell("height", null, { height: (height = now) });
    }).observe(document.documentElement);
};
