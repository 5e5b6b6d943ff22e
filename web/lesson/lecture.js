// A lesson on a screen in front of many: large type, nothing else, the next beat on Space. And on paper.
((player) => {
  const { element, words } = player;

  // The beats: every part is one, and every moment to look at.
  const beats = (lesson) =>
    lesson.steps.flatMap((step, place) =>
      step.parts.flatMap((part, at) => {
        const moments = part.Observe?.moments ?? [];
        const here = { step: place, part: at };
        return moments.length ? moments.map((moment, nth) => ({ ...here, moment, nth, level: part.Observe.level })) : [here];
      }));

  const show = (play) => {
    const { lesson, beat } = play;
    const all = beats(lesson);
    const now = all[beat];
    const step = lesson.steps[now.step];
    // What a student would answer, choose and find, the lecturer has the machines say.
    const part = step.parts[now.part];
    const body = now.moment ? element("div", {}, element("p", {}, element("strong", {}, now.moment.label)), element("p", {}, now.moment.notice)) : player.part(play, part);
    const button = (label, by) => element("button", { type: "button", class: "quiet", onclick: () => move(play, by) }, label);
    return element("div", { class: "beat" }, element("h2", {}, step.title), body,
      element("p", { class: "beats" }, button(words.back, -1), ` ${words.beatOf(beat + 1, all.length)} `, button(words.next, 1), " ", element("button", { type: "button", class: "quiet", onclick: () => leave(play) }, words.end)));
  };

  const move = (play, by) => {
    const all = beats(play.lesson);
    play.beat = Math.min(Math.max(play.beat + by, 0), all.length - 1);
    const now = all[play.beat];
    const part = play.lesson.steps[now.step].parts[now.part];
    if (now.moment) play.go(now.moment, now.level);
    // The worked solution gives the figures that are told afterwards.
    if (part === "Check" && by > 0) play.solve();
    play.draw();
  };

  const enter = (play) => {
    const mode = player.parameters(location.hash).get("mode") || "full";
    Object.assign(play, { beat: 0, lecturing: true, mode, own: play.state, state: structuredClone(play.state) });
    document.body.classList.add("lecturing");
    player.ask("set", { key: "mode", value: "lecture" });
    play.draw();
  };

  const leave = (play) => {
    Object.assign(play, { lecturing: false, state: play.own });
    document.body.classList.remove("lecturing");
    player.ask("set", { key: "mode", value: play.mode });
    play.draw();
  };

  // Space is the next beat, wherever the focus is; not where something is typed.
  const press = (play, event) => {
    const { key, target } = event;
    if (!play.lecturing || event.ctrlKey || event.altKey || event.metaKey || target.closest?.("input, select, textarea")) return false;
    const acts = { " ": () => move(play, 1), PageDown: () => move(play, 1), PageUp: () => move(play, -1), Escape: () => leave(play) };
    if (!acts[key]) return false;
    event.preventDefault();
    event.stopPropagation();
    acts[key]();
    return true;
  };

  // On paper every step, every hint and the teacher's note are there.
  const print = (play) => {
    const restore = () => {
      play.revealed = false;
      play.draw();
      removeEventListener("afterprint", restore);
    };
    play.revealed = true;
    play.draw();
    document.querySelectorAll("#lesson details").forEach((details) => (details.open = true));
    addEventListener("afterprint", restore);
    globalThis.print();
  };

  Object.assign(player.scripts, { lecture: { show, enter, leave, press, move }, print });
})(globalThis.lab.player);
