// The loader: fetches and unpacks what the page needs, starts the worker and then the page, and says
// what failed and what to do. Everything is shipped as NAME.gz, or inlined in the single file.
"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
  const site = read("site");
  const inlined = read("files");
  const line = document.getElementById("lab-line");

  const NEEDS = [
    ["WebAssembly", "WebAssembly"],
    ["DecompressionStream", "gzip streams"],
    ["Worker", "workers"],
    ["ResizeObserver", "resize observers"],
  ];

  const say = (text, wrong) => {
    if (!line) return;
    line.textContent = text;
    line.className = wrong ? "wrong" : "";
    line.setAttribute("role", wrong ? "alert" : "status");
  };

  // An error whose text is for the reader.
  class Told extends Error {}

  const unpack = async (bytes) => {
    // A server that declares the compression itself has unpacked it already.
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  };

  const fetched = async (name) => {
    let answer;
    try {
      answer = await fetch(`${name}.gz?${site.files[name][1]}`);
    } catch {
      const disk = location.protocol === "file:";
      throw new Told(
        disk
          ? "This page fetches its parts and cannot do so from a disk. Open the single-file version, or serve this folder."
          : `${name}.gz could not be fetched. Check the connection and reload.`,
      );
    }
    if (!answer.ok)
      throw new Told(`${name}.gz is missing from the server (${answer.status}). Whoever hosts this page should upload it whole.`);
    return new Uint8Array(await answer.arrayBuffer());
  };

  const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  const asset = async (name) => {
    if (!Object.hasOwn(site.files, name)) throw new Told(`This build has no file ${name}.`);
    const bytes = await unpack(inlined ? decoded(inlined[name]) : await fetched(name));
    if (bytes.length !== site.files[name][0])
      throw new Told(`${name}.gz is not the one that this page was built with. Reload without the cache.`);
    return bytes;
  };

  // What is wanted at once is asked for at once, and given out as it comes.
  const begun = new Map();
  const begin = (name) => {
    const promise = asset(name);
    promise.catch(() => {}); // Whoever takes it hears of it.
    begun.set(name, promise);
    return promise;
  };
  const take = (name) => {
    const promise = begun.get(name) ?? asset(name);
    begun.delete(name);
    return promise;
  };

  const script = (bytes) => URL.createObjectURL(new Blob([bytes], { type: "text/javascript" }));

  // The worker's script and machine, kept for another worker when one dies.
  let machine = null;
  const launch = () => {
    const made = new Worker(machine.url);
    machine.wasm.then((wasm) => made.postMessage({ wasm })).catch(fail);
    return made;
  };
  // The first worker starts before the page asks; what it says meanwhile means that it is no good.
  let spare = null;
  const startWorker = async () => {
    const wasm = begin("machine.wasm");
    machine = { wasm, url: script(await begin("machine.js")) };
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
    asset: take,
    worker: () => {
      const made = spare ?? launch();
      made.onmessage = made.onerror = null;
      spare = null;
      return made;
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

  const run = (bytes) =>
    new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.onload = resolve;
      element.onerror = () => reject(new Told("The page's script was refused. Scripts from blob: must be allowed here."));
      element.src = script(bytes);
      document.head.append(element);
    });

  const startPage = async () => {
    const [glue, wasm] = [begin("page.js"), begin("page.wasm")];
    await run(await glue);
    return wasm;
  };

  // Lessons: what plays them comes with the first one.
  let player = null;
  const startPlayer = async () => {
    const [bytes, styles] = await Promise.all([asset("player.js"), asset("player.css")]);
    const style = document.createElement("style");
    style.textContent = new TextDecoder().decode(styles);
    document.head.append(style);
    await run(bytes);
    return lab.player;
  };
  const play = (how) => {
    player ??= startPlayer();
    player.then(how).catch((error) => {
      player = null;
      fail(error);
    });
  };
  const playHere = () => {
    const [, name] = /^#\/?([^?]*)/.exec(location.hash) ?? [];
    const lesson = site.catalogue.lessons.find((known) => known.name === name);
    if (lesson) play((player) => player.start(lesson));
    else if (lab.player?.playing()) lab.player.close();
  };
  // A lesson that a reader dropped, by its file's name and text.
  lab.lesson = (name, text) => play((player) => player.drop(name, text));

  const start = async () => {
    const missing = NEEDS.filter(([name]) => !(name in globalThis)).map(([, words]) => words);
    if (missing.length)
      throw new Told(`This browser is too old, or forbids what the page needs: ${missing.join(", ")}. Any current Firefox, Chrome, Edge or Safari will do.`);
    const first = site.catalogue.scenarios[0];
    const page = startPage();
    const worker = startWorker();
    if (first) [first.file, ...first.images.map((image) => image.file)].forEach(begin);
    const [wasm] = await Promise.all([page, worker]);
    await wasm_bindgen({ module_or_path: wasm }).catch((error) => {
      throw error instanceof WebAssembly.CompileError || /WebAssembly/.test(error.message)
        ? new Told(`WebAssembly is blocked here (${error.message}). The page's policy must allow 'wasm-unsafe-eval'.`)
        : error;
    });
    performance.mark("started");
    addEventListener("hashchange", playHere);
    playHere();
  };
  start().catch(fail);
})();
