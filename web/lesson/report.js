// What stands beside a lesson: hints, the seed, the report, the teacher's note.
((player) => {
  const { element, text, words } = player;
  const { lab } = globalThis;

  // One hint at a time, the gentlest first.
  const hints = (play) => {
    const { lesson, state } = play;
    const given = play.revealed ? lesson.hints.length : state.hints;
    const shown = lesson.hints.slice(0, given).map((hint) =>
      element("li", {}, text(hint, state.result?.verdict.figures)));
    const more = given < lesson.hints.length && element("button", { type: "button", class: "quiet more-hints", onclick: () => play.change((state) => state.hints++) }, words.hintOf(state.hints + 1, lesson.hints.length));
    return element("div", { class: "hints" }, shown.length > 0 && element("ol", {}, shown), more);
  };

  const report = ({ lesson, state }) => ({
    schema: 1, lesson: lesson.name, build: lab.build, scenario: state.result.scenario, name: state.student,
    answers: state.result.answers, passed: state.result.verdict.passed,
  });

  const download = (play) => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(report(play), null, 2)], { type: "application/json" }));
    element("a", { href: url, download: `${play.lesson.name}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  // The page around this one, a learning platform perhaps, hears of each verdict.
  const tell = ({ lesson, state }) => {
    const { verdict, scenario } = state.result;
    const held = verdict.clauses.filter((clause) => clause.holds).length;
    const score = verdict.passed ? 1 : held / (verdict.clauses.length + 1);
    lab.tell("report", "", { lesson: lesson.name, build: lab.build, scenario, passed: verdict.passed, score });
  };

  const finished = (play) => {
    const { state } = play;
    if (!state.result) return null;
    const name = element("input", { type: "text", value: state.student, autocomplete: "off", oninput: ({ target }) => play.change((state) => (state.student = target.value), false) });
    return element("section", { class: "finished" }, element("h3", {}, words.report),
      element("p", {}, words.reportWhat, element("code", {}, "exitless lesson grade")),
      element("label", { class: "knob" }, element("span", {}, words.yourName), name),
      element("button", { type: "button", class: "quiet report", onclick: () => download(play) }, words.download));
  };

  // A seed of one's own makes a run of one's own.
  const seed = (play) => {
    const box = element("input", { type: "number", min: "1", max: "1000000", value: play.state.seed ?? "", placeholder: words.lessonsSeed, onchange: ({ target }) => play.seed(target.value === "" ? null : Number(target.value)) });
    return element("details", { class: "seed" }, element("summary", {}, words.ownRun),
      element("p", {}, words.ownRunWhat),
      element("label", { class: "knob" }, element("span", {}, words.seed), box));
  };

  const teacher = ({ lesson, state }) => {
    const { prerequisites, outcome, solution, discuss } = lesson.teacher;
    const rows = [[words.minutes, String(lesson.minutes)], [words.before, prerequisites], [words.after, outcome], [words.solution, text(solution, state.result?.verdict.figures)], [words.discuss, discuss]];
    return element("details", { class: "teacher" }, element("summary", {}, words.teacher),
      element("dl", {}, rows.map(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
  };

  player.scripts = { hints, report, tell, finished, seed, teacher };
})(globalThis.lab.player);
