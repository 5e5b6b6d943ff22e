//! English.

macro_rules! table {
    ($($(#[doc = $doc:literal])* $name:ident: $text:literal;)*) => {
        /// A language's sentences. `{name}` in one is a hole.
        #[derive(Debug)]
        pub struct Words {
            $($(#[doc = $doc])* #[doc = $text] pub $name: &'static str,)*
        }

        /// English.
        pub static WORDS: Words = Words { $($name: $text,)* };
    };
}

table! {
    name: "Exitless";
    headline: "A network card tells a virtual machine that data is here.";
    lead_stacked: "Above, the message detours through the host, twice. Below, it goes straight in.";
    lead: "On the left the message detours through the host, twice. On the right it goes straight in.";
    skip: "Skip to the machines";
    // Header.
    lessons: "Lessons";
    scenarios: "Scenarios";
    share: "Share";
    help: "Keys and help";
    full_page: "Open the full page";
    // Levels.
    level: "How much is shown";
    story: "Story";
    explain: "Explain";
    inspect: "Inspect";
    follow: "Follow one interrupt";
    look_inside: "Look inside";
    look_inside_what: "timeline, code, tables";
    // Panels.
    machines: "The machines";
    bill: "The bill for one interrupt";
    life: "One interrupt’s life, on one clock";
    timeline: "Timeline";
    log: "Log";
    inside: "Inside: {side}";
    messages: "Messages";
    state: "State";
    code: "Code";
    plots: "Plots";
    console: "Console";
    why: "Why?";
    knobs: "Settings";
    alone: "none: one machine alone";
    breakpoints: "Breakpoints";
    details: "Details";
    focus_here: "In focus";
    focus_on: "Focus";
    of_bare_metal: "of bare metal";
    no_reference: "—";
    exits_per_second: "exits/s";
    interrupts_per_second: "interrupts/s";
    // Controls.
    controls: "Controls";
    to_start: "To power-on";
    step_back: "step";
    step_back_label: "Step back";
    step: "step";
    step_label: "Step forward";
    run: "Run";
    pause: "Pause";
    step_unit: "A step is";
    by_instruction: "an instruction";
    by_call: "a line, calls whole";
    by_event: "an event";
    by_exit: "an exit";
    by_interrupt: "an interrupt";
    until: "until";
    until_label: "Run until";
    until_interrupt: "the next interrupt";
    until_exit: "the next VM exit";
    until_eoi: "the next EOI";
    until_breakpoint: "a breakpoint";
    until_vector: "vector";
    until_symbol: "symbol";
    until_time: "time, µs";
    go: "Go";
    speed: "speed";
    speed_event: "one event a second";
    speed_most: "as fast as it goes";
    speed_slow: "1 µs = {seconds} s";
    speed_fast: "{time} in 1 s";
    time: "t =";
    time_label: "Virtual time of the machine in focus";
    scrub: "Moment in the recorded run";
    align: "Side by side at";
    align_time: "same time";
    align_interrupt: "same interrupt";
    focus: "Machine in focus";
    from_power_on: "from power-on";
    from_power_on_why: "Turning this makes the run again from power-on.";
    no_knobs: "This scenario has nothing to turn.";
    no_breakpoints: "None. Click a line of code, or press b.";
    remove: "Remove";
    // Run states.
    idle: "Nothing loaded";
    loading: "Loading";
    busy: "{what}, {percent} %";
    running: "Running";
    running_events: "Running, an event a second";
    paused: "Paused";
    halted: "Halted: {why}";
    fault: "Cannot run: {why}";
    // Live region.
    said_paused: "Paused at {time}.";
    said_running: "Running.";
    said_selected: "Interrupt {n} selected on {side}.";
    said_totals: "{left}: {left_exits} exits. {right}: {right_exits} exits.";
    // Notices.
    dismiss: "Dismiss";
    left_out: "{parts} in this link means nothing to this page and was left out.";
    left_out_version: "This link is of version {v}; this page reads version 1. What it understood is shown.";
    no_link: "What follows the # in the address is not a link of this page, so the beginning is shown.";
    no_scenario: "There is no scenario called {name} here, so the first one is shown.";
    no_language: "There are no words in that language yet, so the page speaks English.";
    other_build: "This link was made with build {theirs}; this page is build {ours}. The same moment may not exist here, so the beginning is shown.";
    other_images: "This link was made with other images ({names}), so the beginning is shown.";
    open_here: "Try it here";
    open_there: "Open that build";
    wants_files: "This link needs a file of yours: {names}. Drop it on the page.";
    wrong_file: "{name} is not the file that the link was made with.";
    died: "The machines’ worker stopped: {why}";
    restart: "Start it again";
    no_asset: "{file} did not load: {why}";
    reload: "Try again";
    garbled: "it sent what this page cannot read";
    no_worker: "this browser did not start it ({why})";
    not_an_image: "{name} cannot run here: it begins with {bytes}. An ELF image begins with 7f 45 4c 46; multiboot kernels and Linux bzImages run, too.";
    not_readable: "{name} could not be read.";
    dropped: "{name} runs now, on a machine of its own.";
    replaced: "{name} takes the place of the scenario’s own image of that name.";
    no_tab: "The browser did not let the page open a tab.";
    drop_here: "Drop an image (ELF, multiboot, Linux with its initrd), a lesson or a saved moment: it opens here, and goes nowhere else.";
    // Dialogs.
    close: "Close";
    share_title: "Share this moment";
    share_what: "The link opens the same run at the same event: the machine is deterministic, so it is made again.";
    link: "Link";
    iframe: "For a page: iframe";
    element: "For a page: element";
    cite: "Cite this";
    cite_text: "Exitless, a machine to watch interrupts in. Build {build}, scenario {scenario}, seed {seed}. {link}";
    licence: "Text, pictures and lessons of this page may be used under CC BY 4.0; the program under MIT or Apache-2.0.";
    copy: "Copy";
    copied: "Copied";
    copy_failed: "The browser did not let the page copy; the text is selected.";
    too_long: "Your changes make this link {bytes} bytes long, more than the {most} that travel safely. Save the moment as a file; dropped on this page it opens again.";
    save_file: "Save a file";
    export: "Save the run for another tool";
    export_side: "Of";
    picture: "A picture of what is shown:";
    open_perfetto: "Open in Perfetto ↗";
    open_perfetto_what: "opens another site, ui.perfetto.dev, which reads the trace in your browser.";
    scenarios_title: "Scenarios";
    workload: "Workload";
    left: "Left";
    right: "Right";
    load: "Show";
    seed: "Seed";
    own_file: "Or a file of yours";
    lessons_title: "Lessons";
    no_lessons: "No lessons are here yet.";
    lesson_minutes: "{minutes} min";
    short_path: ", on the short path";
    help_title: "Keys";
    help_what: "Single letters work while the lab has the focus.";
    singles: "Single-letter keys";
    appearance: "Colours";
    theme_auto: "as the system";
    theme_light: "light";
    theme_dark: "dark";
    glossary: "Terms";
    // Keys.
    key_run: "Run or pause";
    key_forward: "Step forward";
    key_back: "Step back";
    key_over: "Step over a call";
    key_into: "Step one instruction";
    key_break: "Set or clear a breakpoint here";
    key_exit_back: "Previous VM exit";
    key_exit: "Next VM exit";
    key_interrupt: "Next interrupt";
    key_interrupt_back: "Previous interrupt";
    key_side: "Put the other machine in focus";
    key_help: "Show the keys";
    // Exports.
    perfetto: "Perfetto trace";
    chrome: "Chrome trace (JSON)";
    perf_kvm: "perf kvm stat table";
    pcapng: "Packets (pcapng)";
    vcd: "Waveforms (VCD)";
    ftrace: "ftrace text";
    stacks: "Collapsed stacks";
}
