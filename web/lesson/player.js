// The lesson in the page: beside the machines, which it moves by the protocol of an embedding page.
((player) => {
  const { element, words } = player;
  const { lab } = globalThis;
  const KEYS = {
    "]": ["step", { unit: "exit" }], "[": ["stepBack", { unit: "exit" }],
    ".": ["step", {}], ",": ["stepBack", {}],
    i: ["step", { unit: "interrupt" }], I: ["stepBack", { unit: "interrupt" }],
  };
  let play = null;

  const ask = (type, fields = {}) => lab.request(type, fields);

  const place = () => document.getElementById("lesson") ?? document.body.insertBefore(element("aside", { id: "lesson", "aria-label": words.lesson, tabindex: "-1" }), document.getElementById("lab"));

  // Something that is wrong with a lesson, said where the lesson would be.
  const refuse = (name, why) => {
    document.body.classList.add("with-lesson");
    place().replaceChildren(element("div", { class: "lesson-head" }, element("h2", {}, words.refused), element("button", { type: "button", class: "quiet close", onclick: close }, words.close)),
      element("p", { class: "verdict wrong", role: "alert" }, `${name}:${why}`),
      element("p", {}, words.refusedWhere));
  };

  const close = () => {
    if (play?.lecturing) player.scripts.lecture.leave(play);
    play = null;
    document.getElementById("lesson")?.remove();
    document.body.classList.remove("with-lesson");
  };

  // The steps that are open, and the way on.
  const steps = () => {
    const { lesson, state } = play;
    const last = lesson.steps.length - 1;
    const open = play.revealed ? last : Math.min(state.step, last);
    const shown = lesson.steps.slice(0, open + 1).map(({ title, parts }, at) =>
      element("section", { class: "step" }, title !== lesson.title && element("h3", { id: `step-${at}`, tabindex: "-1" }, title), parts.map((part) => player.part(play, part))));
    const on = open < last && element("button", { type: "button", class: "primary go-on", onclick: goOn }, words.goOn);
    return [shown, element("p", { class: "way-on" }, on, element("span", { class: "muted" }, words.stepOf(open + 1, last + 1))), open === last && player.scripts.finished(play)];
  };

  const goOn = () => {
    change((state) => state.step++);
    document.getElementById(`step-${play.state.step}`)?.focus();
  };

  const head = () => {
    const { lesson, state } = play;
    const button = (label, onclick) => element("button", { type: "button", class: "quiet", onclick }, label);
    return element("div", { class: "lesson-head" },
      element("p", { class: "muted" }, words.lessonOf(lesson.number, lesson.minutes), state.result?.verdict.passed && element("strong", { class: "done" }, words.alreadyPassed)),
      element("h2", {}, lesson.title),
      element("p", { class: "tools" }, button(words.lecture, () => player.scripts.lecture.enter(play)), button(words.print, () => player.scripts.print(play)), button(words.startAgain, reset), button(words.close, leave)));
  };

  // Draws all of it anew; what had the focus has it afterwards.
  const draw = () => {
    const home = place();
    const focus = focused(home);
    const scroll = home.scrollTop;
    const opened = new Set([...home.querySelectorAll("details[open] > summary")].map((summary) => summary.textContent));
    home.replaceChildren(...(play.lecturing
      ? [player.scripts.lecture.show(play)]
      : [head(), ...steps().flat(), player.scripts.seed(play), player.scripts.teacher(play)].filter(Boolean)));
    home.scrollTop = scroll;
    home.querySelectorAll("details > summary").forEach((summary) => (summary.parentElement.open ||= opened.has(summary.textContent)));
    if (focus >= 0) home.querySelectorAll(FOCUSABLE)[focus]?.focus();
  };
  const FOCUSABLE = "button, input, select, summary, [tabindex]";
  const focused = (home) => [...home.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);

  // Something was done; it is kept, and shown.
  const change = (how, redraw = true) => {
    how(play.state);
    // What a lecturer does is no student's work.
    if (!play.lecturing) player.keep(play.lesson.name, play.state);
    if (redraw) draw();
  };

  const go = async ({ at, side = 0 }, level) => {
    if (level) await ask("set", { key: "level", value: level });
    await ask("set", { key: "side", value: side });
    return ask("seek", { at });
  };

  const value = (key) => (play.state.settings ?? []).find(([name]) => name === key)?.[1];
  const turn = async (key, to) => {
    const { type } = await ask("set", { key, value: to });
    if (type === "error") return draw(); // The page says what was wrong; what held before holds.
    change((state) => (state.settings = [...(state.settings ?? []).filter(([name]) => name !== key), [key, to]]), false);
  };

  // Takes the event that is selected in the page.
  const take = async () => {
    const { side, event, life, sides } = await ask("getReport");
    if (event === null || event === undefined) return;
    const at = `#${event}`;
    const us = (sides[side].time / 1e6).toLocaleString("en-US", { minimumFractionDigits: 3, maximumFractionDigits: 3 });
    const label = words.moment(life, event.toLocaleString("en-US"), us);
    change(({ selections }) => {
      const known = selections.findIndex((taken) => taken.side === side && taken.at === at);
      if (known >= 0) selections.splice(known, 1);
      selections.push({ side, at, label });
    });
  };

  // Has the machines say what becomes of these answers.
  const judge = async (answers) => {
    const now = play;
    if (now.checking) return;
    Object.assign(now, { failure: null, checking: { permille: 0 } });
    draw();
    try {
      const progress = (permille) => {
        now.checking = { permille };
        const bar = document.querySelector("#lesson progress");
        if (bar) bar.value = permille;
      };
      const found = await player.check(now.lesson, answers, { progress });
      if (play !== now) return;
      now.checking = null;
      change((state) => (state.result = { ...found, answers }));
      if (!now.lecturing) player.scripts.tell(now);
    } catch (error) {
      now.failure = words.uncheckable(error.message);
      now.checking = null;
      if (play === now) draw();
    }
  };
  const check = async () => {
    const { link } = await ask("getReport");
    return judge(player.answers(play.state, link));
  };
  const solve = () => judge(play.lesson.teacher.answers);

  const seed = (seed) => {
    change((state) => Object.assign(state, { seed, selections: [] }));
    return load();
  };
  const reset = () => {
    play.state = player.forget(play.lesson.name);
    Object.assign(play, { failure: null, seen: new Set() });
    draw();
    return load();
  };
  const leave = () => {
    close();
    location.hash = "#/";
  };

  const load = () => ask("load", { link: player.stage(play.lesson, play.state, play.address) });

  // A lesson and its knobs; `address` is its name in the page's link.
  const open = ({ lesson, knobs }, address, there = false) => {
    close();
    play = { lesson, knobs, address, state: player.recall(lesson.name), go, turn, value, take, change, check, solve, seed, draw, scripts: player.scripts, seen: new Set(), checking: null, failure: null };
    document.body.classList.add("with-lesson");
    draw();
    place().focus();
    player.equip(lesson).catch(() => {}); // A check says what is wrong.
    return there ? undefined : load();
  };

  // A lesson of this site.
  const start = async (offer, fragment) => {
    // A link that names its machines has them already: it is somebody's moment in the lesson.
    const there = player.parameters(fragment).has("pair");
    if (play?.address === offer.name) return there ? undefined : load();
    try {
      const packed = JSON.parse(new TextDecoder().decode(await lab.asset(offer.file)));
      await open(packed, offer.name, there);
    } catch (error) {
      refuse(offer.title, ` ${error.message}`);
    }
  };

  // A lesson that a reader brought.
  const drop = async (name, text) => {
    try {
      const packed = await player.read(text);
      const known = lab.catalogue.lessons.some((lesson) => lesson.name === packed.lesson.name);
      await open(packed, known ? packed.lesson.name : packed.lesson.stage.scenario);
    } catch (error) {
      refuse(name, error.message);
    }
  };

  addEventListener("keydown", (event) => {
    if (!play || player.scripts.lecture.press(play, event)) return;
    const { key, target } = event;
    const typing = target.closest?.("input:not([type=radio]), select, textarea, dialog");
    if (typing || (key.length === 1 && !player.singles()) || event.ctrlKey || event.altKey || event.metaKey) return;
    const inside = target.closest?.("#lesson");
    if (key === "m") take();
    else if (inside && KEYS[key]) ask(...KEYS[key]);
    else if (inside && key === "o") ask("getReport").then(({ side }) => ask("set", { key: "side", value: side === 0 ? 1 : 0 }));
    else return;
    event.preventDefault();
  }, true);

  Object.assign(player, { ask, start, drop, close, playing: () => play });
})(globalThis.lab.player);
