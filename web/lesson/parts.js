// The parts of a lesson's steps, as elements.
((player) => {
  const { element, number, text, words } = player;

  // Sides have names where there are two.
  const side = (lesson, number) => (lesson.stage.modes.length > 1 ? words.sides[number] : "");

  // A question; what was said meets what the machines said, once they have.
  const predict = (play, question) => {
    const said = play.state.predictions[question.name];
    const truth = play.state.result?.verdict.predictions.find(([name]) => name === question.name)?.[1];
    const say = (value) => play.change((state) => (state.predictions[question.name] = value), false);
    const choices = question.ways.map((way) =>
      element("label", { class: "way" },
        element("input", { type: "radio", name: `predict-${question.name}`, value: way.text, checked: said === way.text, onchange: () => say(way.text) }),
        element("span", {}, way.text)));
    const typed = element("label", { class: "way" },
      element("input", { type: "text", inputmode: "decimal", size: "8", value: said ?? "", oninput: ({ target }) => say(target.value.trim()) }),
      element("span", {}, question.unit));
    const chosen = question.ways.find((way) => way.text === said);
    const right = question.ways.length ? said === truth : Math.abs(said - truth) <= 0.1 * truth;
    const answer = truth !== undefined && said !== undefined && said !== "" && element("div", { class: right ? "said right" : "said wrong" },
      element("p", {}, right ? words.asSaid : words.machinesSay, !right && element("strong", {}, question.ways.length ? truth : `${number(Number(truth))} ${question.unit}`)),
      chosen?.say && element("p", {}, chosen.say));
    return element("fieldset", { class: "predict" }, element("legend", {}, question.ask), question.ways.length ? choices : typed, answer);
  };

  // Moments: each a button that goes there, and what to notice.
  const observe = (play, { level, moments }) =>
    element("ol", { class: "moments" }, moments.map((moment) => {
      const notice = element("p", { class: "notice-this", hidden: !play.seen.has(moment.label) }, moment.notice);
      const go = () => {
        play.seen.add(moment.label);
        notice.hidden = false;
        return play.go(moment, level);
      };
      return element("li", {}, element("button", { type: "button", class: "quiet moment", onclick: go, "data-at": moment.at }, moment.label), notice);
    }));

  const knob = (play, { key, label, unit, choices, range, value }) => {
    const now = play.value(key) ?? value;
    const turn = ({ target }) => play.turn(key, target.value);
    const control = choices.length
      ? element("select", { name: key, onchange: turn }, choices.map((choice) => element("option", { value: choice, selected: choice === now }, choice)))
      : element("input", { type: "number", name: key, min: range?.from, max: range?.to, value: now, onchange: turn });
    return element("label", { class: "knob" }, element("span", {}, unit ? `${label}, ${unit}` : label), control);
  };

  const taken = (play) => {
    const { lesson, state } = play;
    const row = ({ at, side: which, label }, place) => element("li", {},
      element("button", { type: "button", class: "quiet", onclick: () => play.go({ at, side: which }) }, [side(lesson, which), label].filter(Boolean).join(": ")),
      element("button", { type: "button", class: "quiet", "aria-label": words.drop(label), onclick: () => play.change((state) => state.selections.splice(place, 1)) }, "×"));
    return state.selections.length ? element("ol", { class: "taken" }, state.selections.map(row)) : element("p", { class: "muted" }, words.noneTaken);
  };

  // Knobs to turn, and moments to take.
  const change = (play, { knobs, select }) => {
    const turned = play.knobs.filter(({ key }) => knobs.includes(key)).map((spec) => knob(play, spec));
    const selecting = select && [
      element("p", { class: "shortcuts" }, words.takeHow, element("kbd", {}, "["), " ", element("kbd", {}, "]"), words.takeExits,
        element("kbd", {}, ","), " ", element("kbd", {}, "."), words.takeStep, element("kbd", {}, "o"), words.takeOther, element("kbd", {}, "m"), words.takeThis),
      element("button", { type: "button", class: "take", onclick: play.take }, words.take),
      taken(play),
    ];
    return element("div", { class: "change" }, turned, selecting);
  };

  const clause = ({ title, holds, shown }) =>
    element("li", { class: holds ? "holds" : "fails" }, element("span", { class: "tick", "aria-hidden": "true" }, holds ? "✓" : "✗"),
      element("details", {}, element("summary", {}, title, element("span", { class: "sr" }, holds ? words.holds : words.fails)), element("ul", {}, shown.map((line) => element("li", {}, element("code", {}, line))))));

  // The check: what is wanted, whether the machines have it, and what is said to that.
  const check = (play) => {
    const { lesson, state, checking } = play;
    const verdict = state.result?.verdict;
    const progress = checking && element("progress", { max: "1000", value: String(checking.permille), "aria-label": words.progress });
    const said = play.failure
      ? element("p", { class: "verdict wrong", role: "alert" }, play.failure)
      : verdict && element("div", { class: verdict.passed ? "verdict right" : "verdict wrong", role: "status" },
        element("p", {}, element("strong", {}, verdict.passed ? words.passed : words.notYet), verdict.say),
        element("ul", { class: "clauses" }, verdict.clauses.map(clause)));
    return element("div", { class: "check" },
      element("p", { class: "task" }, element("strong", {}, words.task), lesson.goal.task),
      element("button", { type: "button", class: "primary do-check", "aria-disabled": checking ? "true" : null, onclick: play.check }, checking ? words.checking : words.check),
      progress, said, play.scripts.hints(play));
  };

  const explain = (play, blocks) => {
    const verdict = play.state.result?.verdict;
    if (!verdict?.passed && !play.revealed) return element("p", { class: "muted locked" }, words.locked);
    return element("div", { class: "explain" }, text(blocks, verdict?.figures));
  };

  const PARTS = {
    Text: (play, blocks) => element("div", { class: "prose" }, text(blocks, play.state.result?.verdict.figures)),
    Predict: predict,
    Observe: observe,
    Change: change,
    Explain: explain,
  };
  // A part of a step.
  const part = (play, value) => {
    if (value === "Check") return check(play);
    const [kind, content] = Object.entries(value)[0];
    return PARTS[kind](play, content);
  };

  Object.assign(player, { part });
})(globalThis.lab.player);
