// The checker's worker: it reads lessons and runs their machines. In: {wasm}, packed, once; {id, ask, ...}. Out:
// {id, value} or {id, wrong}; while a check runs, {id, permille}.
"use strict";
(() => {
  const PIECE = 4e6; // Instructions between two looks at how far it is.
  const DONE = 1001;
  const checkers = new Map(); // By scenario.

  const ASKS = {
    scenario: ({ text }) => wasm_bindgen.scenario(text),
    open: ({ scenario, bytes }) => void checkers.set(scenario, new wasm_bindgen.Checker(bytes)),
    image: ({ scenario, name, bytes }) => checkers.get(scenario).image(name, bytes),
    needs: ({ scenario, lesson }) => JSON.parse(checkers.get(scenario).needs(lesson)),
    read: ({ scenario, text }) => JSON.parse(checkers.get(scenario).read(text)),
    check: ({ id, scenario, lesson, answers, starved }) => {
      const checker = checkers.get(scenario);
      checker.begin(lesson, answers, starved);
      for (let permille = 0; permille < DONE; permille = checker.work(PIECE)) postMessage({ id, permille });
      return JSON.parse(checker.verdict());
    },
  };

  let ready = null;
  onmessage = async ({ data }) => {
    if (data.wasm) {
      ready = wasm_bindgen({ module_or_path: unpack(data.wasm) });
      ready.catch(() => {}); // Whoever asks hears of it.
      return;
    }
    try {
      await ready;
      postMessage({ id: data.id, value: ASKS[data.ask](data) });
    } catch (error) {
      postMessage({ id: data.id, wrong: String(error?.message ?? error) });
    }
  };
})();
