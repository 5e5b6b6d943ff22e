// What a student has done in a lesson, kept in the browser where it lets us.
((player) => {
  const key = (name) => `exitless.lesson.${name}`;
  const fresh = () => ({ step: 0, predictions: {}, selections: [], hints: 0, seed: null, settings: null, result: null, student: "" });

  // Storage may be refused or full: then progress lasts as long as the page.
  const keep = (name, state) => {
    try {
      localStorage.setItem(key(name), JSON.stringify(state));
    } catch {}
  };
  const recall = (name) => {
    try {
      return { ...fresh(), ...JSON.parse(localStorage.getItem(key(name)) ?? "{}") };
    } catch {
      return fresh();
    }
  };
  const forget = (name) => {
    try {
      localStorage.removeItem(key(name));
    } catch {}
    return fresh();
  };

  // The parameters of a link's fragment.
  const parameters = (fragment) => {
    const query = fragment.split("?")[1] ?? "";
    return new Map(query.split("&").map((pair) => pair.split("=")).map(([name, value]) => [name, value ?? ""]));
  };
  const list = (text) => (text ? text.split(",").map((entry) => entry.split(":").map(decodeURIComponent)) : []);

  // The page's link says what was turned: from power-on (`cfg`) and later (`journal`).
  const answers = (state, link) => {
    const said = parameters(link ?? "");
    const settings = link === undefined ? (state.settings ?? []) : list(said.get("cfg")).map(([name, ...value]) => [name, value.join(":")]);
    const journal = list(said.get("journal")).map(([time, name, ...value]) => ({ time: Number(time), key: name, value: value.join(":") }));
    return {
      settings,
      journal,
      selections: state.selections.map(({ side, at }) => [side, at]),
      predictions: Object.entries(state.predictions),
      seed: said.has("seed") ? Number(said.get("seed")) : state.seed,
    };
  };

  // The link that puts the machines where a lesson begins, with what the student has turned.
  const stage = (lesson, state, name) => {
    const word = encodeURIComponent;
    const own = lesson.stage.settings.filter(([knob]) => !(state.settings ?? []).some(([turned]) => turned === knob));
    const cfg = [...own, ...(state.settings ?? [])].map((pair) => pair.map(word).join(":")).join(",");
    // What the reader or an embedding page chose for the page itself stays.
    const now = parameters(location.hash);
    const kept = Object.fromEntries(["mode", "theme", "lang"].map((key) => [key, now.get(key) ?? ""]));
    const parts = {
      ...kept, at: word(lesson.stage.at), cfg, seed: state.seed ?? "", work: word(lesson.stage.workload),
      pair: lesson.stage.modes.map(word).join(","), level: lesson.stage.level,
    };
    const query = Object.entries(parts).filter(([, value]) => value !== "").map(([name, value]) => `${name}=${value}`);
    return `#/${word(name)}?${[...query, "v=1"].join("&")}`;
  };

  // Whether single letters are keys: the page's own setting (WCAG 2.1.4).
  const singles = () => {
    try {
      return localStorage.getItem("exitless.singles") !== "off";
    } catch {
      return true;
    }
  };

  Object.assign(player, { singles, keep, recall, forget, parameters, answers, stage });
})(globalThis.lab.player);
