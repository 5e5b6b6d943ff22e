// The checker, in a worker of its own: it comes with the first lesson.
((player) => {
  const { words } = player;
  const { lab } = globalThis;
  let worker = null;
  let serial = 0;
  const waiting = new Map();
  const scenarios = new Map(); // What each checker was given, by scenario.

  const start = async () => {
    const [script, wasm] = await Promise.all([lab.asset("checker.js"), lab.packed("whole.wasm")]);
    const made = new Worker(lab.script(lab.unpack, script));
    made.onmessage = ({ data: { id, permille, value, wrong } }) => {
      const { resolve, reject, progress } = waiting.get(id);
      if (permille !== undefined) return progress?.(permille);
      waiting.delete(id);
      if (wrong === undefined) resolve(value);
      else reject(new Error(wrong));
    };
    made.onerror = (event) => {
      const error = new Error(event.message || words.stopped);
      waiting.forEach(({ reject }) => reject(error));
      waiting.clear();
      scenarios.clear();
      worker = null;
    };
    made.postMessage({ wasm });
    return made;
  };

  const ask = async (what, fields, progress) => {
    worker ??= start();
    worker.catch(() => (worker = null));
    const made = await worker;
    return new Promise((resolve, reject) => {
      const id = ++serial;
      waiting.set(id, { resolve, reject, progress });
      made.postMessage({ id, ask: what, ...fields });
    });
  };

  const offered = (name) => {
    const offer = lab.catalogue.scenarios.find((scenario) => scenario.name === name);
    if (!offer) throw new Error(words.noScenario(name, lab.catalogue.scenarios.map((s) => s.name)));
    return offer;
  };

  // Gives the checker a scenario, once.
  const open = async (name) => {
    const offer = offered(name);
    if (!scenarios.has(name)) {
      const opening = lab.asset(offer.file).then((bytes) => ask("open", { scenario: name, bytes }));
      scenarios.set(name, { opening, images: new Map() });
      opening.catch(() => scenarios.delete(name));
    }
    await scenarios.get(name).opening;
    return offer;
  };

  // Gives it the images that a lesson's machines boot.
  const equip = async (lesson) => {
    const name = lesson.stage.scenario;
    const offer = await open(name);
    const { images } = scenarios.get(name);
    const give = async (image) => {
      const file = offer.images.find((known) => known.name === image)?.file;
      if (!file) throw new Error(words.noImage(image));
      return ask("image", { scenario: name, name: image, bytes: await lab.asset(file) });
    };
    const needed = await ask("needs", { scenario: name, lesson: JSON.stringify(lesson) });
    needed.filter((image) => !images.has(image)).forEach((image) => images.set(image, give(image)));
    await Promise.all(needed.map((image) => images.get(image)));
  };

  // A lesson from its text; what is wrong with it is thrown, with line and column.
  const read = async (text) => {
    const scenario = await ask("scenario", { text });
    await open(scenario);
    return ask("read", { scenario, text });
  };

  // What the machines say: {scenario, verdict}. `starved`: with nobody at the other end of the wire.
  const check = async (lesson, answers, { starved = false, progress } = {}) => {
    await equip(lesson);
    const fields = { scenario: lesson.stage.scenario, lesson: JSON.stringify(lesson), answers: JSON.stringify(answers), starved };
    return ask("check", fields, progress);
  };

  Object.assign(player, { read, check, equip });
})(globalThis.lab.player);
