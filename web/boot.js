// Starts the worker and then the page, and lessons when there is one.
"use strict";
(() => {
  const { lab } = globalThis;
  const { site, say, Told, begin, take, asset, script, run, fail } = lab;

  const NEEDS = [
    ["WebAssembly", "WebAssembly"],
    ["Worker", "workers"],
    ["ResizeObserver", "resize observers"],
  ];

  // The machine that leaves nothing out; the first load's is half as large.
  const WHOLE = "whole";
  // Workers unpack their machine themselves.
  const UNPACK = (lab.unpack = `const unpack=${unpack};`);

  // The worker's script and machine, kept for another worker when one dies. The worker unpacks.
  let machine = null;
  const prepare = async (name) => {
    const wasm = take(`${name}.wasm`);
    machine = { name, wasm, url: script(UNPACK, await asset(`${name}.js`)) };
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

  Object.assign(lab, {
    build: site.build,
    home: site.home,
    versions: site.versions,
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

  const startPage = async () => {
    const styles = document.createElement("style");
    styles.textContent = new TextDecoder().decode(await asset("page.css"));
    document.head.append(styles);
    await run(await asset("page.js"));
    return asset("page.wasm");
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
  const playHere = (fragment) => {
    const [, name] = /^#\/?([^?]*)/.exec(fragment) ?? [];
    const lesson = lab.catalogue.lessons.find((known) => known.name === name);
    if (lesson) play((player) => player.start(lesson, fragment));
    else if (lab.player?.playing()) lab.player.close();
  };
  // A lesson that a reader dropped, by its file's name and text.
  lab.lesson = (name, text) => play((player) => player.drop(name, text));

  // What is shown, as a file; what draws it comes with the first one.
  let picture = null;
  lab.picture = (kind) => {
    picture ??= asset("picture.js").then(run);
    picture.then(() => lab.draw(kind)).catch(fail);
  };

  // A link that begins with what the first machine leaves out.
  const needsWhole = () => /[?&]level=inspect\b/.test(location.hash);

  const start = async () => {
    const missing = NEEDS.filter(([name]) => !(name in globalThis)).map(([, words]) => words);
    if (missing.length)
      throw new Told(`This browser is too old, or forbids what the page needs: ${missing.join(", ")}. Any current Firefox, Chrome, Edge or Safari will do.`);
    const first = lab.catalogue.scenarios[0];
    const name = needsWhole() ? WHOLE : "machine";
    [`${name}.js`, `${name}.wasm`].forEach(begin);
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
    playHere(location.hash);
    // From now on the page says which link it goes by.
    lab.played = playHere;
  };
  start().catch(fail);
})();
