// Everything that the player says, in English. Another language is a table of the same keys, assigned over this one.
((player) => {
  player.words = {
    // The head, the steps and the way on.
    lesson: "Lesson",
    lessonOf: (number, minutes) => `Lesson ${number} · ${minutes} minutes`,
    alreadyPassed: " · passed",
    lecture: "Lecture",
    print: "Print",
    startAgain: "Start again",
    close: "Close",
    goOn: "Continue",
    stepOf: (at, of) => `Step ${at} of ${of}`,
    // A lesson that is wrong.
    refused: "This lesson cannot be shown",
    refusedWhere: "The numbers are line and column. The rest of the page is as it was.",
    // Predictions.
    asSaid: "As the machines have it. ",
    machinesSay: "The machines say: ",
    // Moments to take.
    sides: ["Left", "Right"],
    moment: (life, event, us) => `${life === null ? "" : `interrupt ${life}, `}event ${event}, ${us} us`,
    drop: (label) => `Drop ${label}`,
    noneTaken: "Nothing is taken yet.",
    take: "Take this moment",
    // One sentence: its keys are elements, and stand between the pieces.
    takeHow: "Go to an event in the page, then take it. ",
    takeExits: " previous and next exit, ",
    takeStep: " step, ",
    takeOther: " other machine, ",
    takeThis: " take this moment.",
    // The check.
    task: "Task. ",
    check: "Check",
    checking: "Running the machines …",
    progress: "Running the machines",
    passed: "Passed. ",
    notYet: "Not yet. ",
    holds: ": holds",
    fails: ": does not hold",
    locked: "This opens when the check has passed.",
    hintOf: (at, of) => `Hint ${at} of ${of}`,
    // A check that could not be made, and why.
    uncheckable: (why) => `The check could not be made: ${why}`,
    stopped: "the checker stopped",
    noScenario: (name, known) => `there is no scenario “${name}”; expected one of ${known.join(", ")}`,
    noImage: (name) => `this site has no image “${name}”`,
    // The report.
    report: "Report",
    reportWhat: "A file that says what you did and what the machines said to it. Whoever has it runs it again: ",
    yourName: "Your name, if you like",
    download: "Download the report",
    // The seed.
    ownRun: "A run of your own",
    ownRunWhat: "With another seed the same machines do the same work at other moments. A teacher may give each student one.",
    seed: "Seed",
    lessonsSeed: "the lesson's",
    // The teacher's note.
    teacher: "For teachers: the solution, and a question to discuss",
    minutes: "Minutes",
    before: "Before",
    after: "After",
    solution: "Solution",
    discuss: "To discuss",
    // The lecture.
    back: "Back",
    beatOf: (at, of) => `${at} of ${of}`,
    next: "Next (Space)",
    end: "End (Esc)",
  };
})(globalThis.lab.player);
