// The loader: fetches and unpacks what the page needs, starts the worker and then the page, and says
// what failed and what to do. Everything is shipped as NAME.lzma, or inlined in the single file.
"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
  const site = read("site");
  const inlined = read("files");
  const line = document.getElementById("lab-line");

  const NEEDS = [
    ["WebAssembly", "WebAssembly"],
    ["Worker", "workers"],
    ["ResizeObserver", "resize observers"],
  ];

  // The machine that leaves nothing out; the first load's is half as large.
  const WHOLE = "whole";

  const say = (text, wrong) => {
    if (!line) return;
    line.textContent = text;
    line.className = wrong ? "wrong" : "";
    line.setAttribute("role", wrong ? "alert" : "status");
  };

  // An error whose text is for the reader.
  class Told extends Error {}

  const fetched = async (name) => {
    let answer;
    try {
      answer = await fetch(`${name}.lzma?${site.files[name][1]}`);
    } catch {
      const disk = location.protocol === "file:";
      throw new Told(
        disk
          ? "This page fetches its parts and cannot do so from a disk. Open the single-file version, or serve this folder."
          : `${name}.lzma could not be fetched. Check the connection and reload.`,
      );
    }
    if (!answer.ok)
      throw new Told(`${name}.lzma is missing from the server (${answer.status}). Whoever hosts this page should upload it whole.`);
    return new Uint8Array(await answer.arrayBuffer());
  };

  const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  // As it is shipped; the size that it will have stands at its byte 5.
  const packed = async (name) => {
    if (!Object.hasOwn(site.files, name)) throw new Told(`This build has no file ${name}.`);
    const bytes = inlined ? decoded(inlined[name]) : await fetched(name);
    if (bytes.length < 18 || new DataView(bytes.buffer).getUint32(5, true) !== site.files[name][0])
      throw new Told(`${name}.lzma is not the one that this page was built with. Reload without the cache.`);
    return bytes;
  };

  // What is wanted at once is asked for at once, and given out as it comes.
  const begun = new Map();
  const begin = (name) => {
    const promise = packed(name);
    promise.catch(() => {}); // Whoever takes it hears of it.
    begun.set(name, promise);
    return promise;
  };
  const take = (name) => {
    const promise = begun.get(name) ?? packed(name);
    begun.delete(name);
    return promise;
  };
  const asset = async (name) => unpack(await take(name));

  const script = (bytes) => URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));

  // The worker's script and machine, kept for another worker when one dies. The worker unpacks.
  let machine = null;
  const prepare = async (name) => {
    const wasm = take(`${name}.wasm`);
    machine = { name, wasm, url: script(await asset(`${name}.js`)) };
  };
  const launch = () => {
    const made = new Worker(machine.url);
    machine.wasm.then((wasm) => made.postMessage({ wasm })).catch(fail);
    return made;
  };
  // The first worker starts before the page asks; what it says meanwhile means that it is no good.
  let spare = null;
  const startWorker = async (name) => {
    await prepare(name);
    spare = launch();
    spare.onmessage = spare.onerror = () => (spare = null);
  };

  const fail = (error) => {
    console.error(error);
    const known = error instanceof Told;
    say(known ? error.message : `This page could not start (${error.message ?? error}). Reload; if it stays, try another browser.`, true);
  };

  const lab = (globalThis.lab = {
    build: site.build,
    home: site.home,
    versions: site.versions,
    catalogue: site.catalogue,
    early: "",
    asset,
    worker: () => {
      const made = spare ?? launch();
      made.onmessage = made.onerror = null;
      spare = null;
      return made;
    },
    // From now on workers leave nothing out: floating point, vectors, what the Inspect level reads.
    whole: async () => {
      if (machine.name !== WHOLE) await prepare(WHOLE);
    },
    ready: () => {
      performance.mark("ready");
      say("");
    },
  });
  listen(lab);

  // The still picture's button: what it asks for happens as soon as it can.
  document.getElementById("lab-follow")?.addEventListener("click", () => {
    lab.early = "follow";
    say("Starting the machines; it follows in a moment.");
  });

  const startPage = async () => {
    const styles = document.createElement("style");
    styles.textContent = new TextDecoder().decode(await asset("page.css"));
    document.head.append(styles);
    const glue = asset("page.js");
    const element = document.createElement("script");
    const loaded = new Promise((resolve, reject) => {
      element.onload = resolve;
      element.onerror = () => reject(new Told("The page's script was refused. Scripts from blob: must be allowed here."));
    });
    element.src = script(await glue);
    document.head.append(element);
    await loaded;
    return asset("page.wasm");
  };

  // A link that begins with what the first machine leaves out.
  const needsWhole = () => /[?&]level=inspect\b/.test(location.hash);

  const start = async () => {
    const missing = NEEDS.filter(([name]) => !(name in globalThis)).map(([, words]) => words);
    if (missing.length)
      throw new Told(`This browser is too old, or forbids what the page needs: ${missing.join(", ")}. Any current Firefox, Chrome, Edge or Safari will do.`);
    const first = site.catalogue.scenarios[0];
    const name = needsWhole() ? WHOLE : "machine";
    ["page.css", "page.js", "page.wasm", `${name}.js`, `${name}.wasm`].forEach(begin);
    const page = startPage();
    const worker = startWorker(name);
    if (first) [first.file, ...first.images.map((image) => image.file)].forEach(begin);
    const [wasm] = await Promise.all([page, worker]);
    await wasm_bindgen({ module_or_path: wasm }).catch((error) => {
      throw error instanceof WebAssembly.CompileError || /WebAssembly/.test(error.message)
        ? new Told(`WebAssembly is blocked here (${error.message}). The page's policy must allow 'wasm-unsafe-eval'.`)
        : error;
    });
    performance.mark("started");
  };
  start().catch(fail);
})();
