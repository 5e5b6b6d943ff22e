// The Lab in a learning platform: SCORM 1.2 (Run-Time Environment 3.3). The platform puts an object named
// API into a window above this one; a finished lesson reports completion and score to it.
"use strict";
(() => {
  const DEEPEST = 7; // Windows above, as the standard's own example looks.

  const search = (from) => {
    for (let depth = 0; from && depth < DEEPEST; depth++) {
      try {
        if (from.API) return from.API;
      } catch {
        return null; // Another origin.
      }
      if (from.parent === from) return null;
      from = from.parent;
    }
    return null;
  };

  const api = search(window) ?? search(window.opener);
  const frame = document.querySelector("iframe");
  const line = document.querySelector("[role=status]");
  if (!api) line.textContent = "No learning platform was found: the lesson runs, and nothing is recorded.";

  let open = api?.LMSInitialize("") === "true";
  const set = (key, value) => open && api.LMSSetValue(`cmi.core.${key}`, String(value));
  const status = open ? api.LMSGetValue("cmi.core.lesson_status") : "";
  // What is passed stays so, whatever is tried afterwards.
  let passed = status === "passed";
  if (["", "not attempted"].includes(status)) {
    set("lesson_status", "incomplete");
    if (open) api.LMSCommit("");
  }

  window.addEventListener("message", ({ source, data }) => {
    if (source !== frame.contentWindow || data?.exitless !== 1 || data.type !== "report" || data.id !== null || passed) return;
    passed = data.passed;
    const score = Math.round(Math.min(Math.max(Number(data.score) || 0, 0), 1) * 100);
    set("score.min", 0);
    set("score.max", 100);
    set("score.raw", score);
    set("lesson_status", passed ? "passed" : "failed");
    if (open) api.LMSCommit("");
    if (open) line.textContent = `Reported: ${passed ? "passed" : "not passed yet"}, ${score} of 100.`;
  });

  window.addEventListener("pagehide", () => {
    if (open) api.LMSFinish("");
    open = false;
  });
})();
