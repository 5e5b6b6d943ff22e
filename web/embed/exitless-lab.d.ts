/** What a run is at: `answer`, `state` and `event` hold it, and the report that was asked for. Times are virtual picoseconds. */
export interface Moment {
  state: "idle" | "busy" | "running" | "paused" | "halted" | "fault";
  /** The machine in focus, from 0. */
  side: number;
  /** The selected interrupt's number, from 1. */
  life: number | null;
  /** The selected event's index. */
  event: number | null;
  sides: Side[];
  /** Bytes that are kept for going back. */
  history: number;
}

/** One machine. */
export interface Side {
  time: number;
  event: number;
  retired: number;
  exits: number;
  interrupts: number;
  bytes: number;
  /** Decimal: it may be larger than a number holds. */
  rip: string;
  /** Of every record so far, hexadecimal: when `hash` was asked. */
  trace?: string;
  /** Of the whole state, likewise. */
  hash?: string;
}

/** Every message. */
export interface Message {
  exitless: 1;
  type: string;
  id: string | null;
}

export type Answer = Message & Moment;
export type Pong = Message & { build: string };
/** What was run, and how to run it again. */
export type Report = Message & Moment & { build: string; scenario: string; seed: string; link: string };
/** What became of a lesson's check. */
export type Verdict = Message & {
  build: string;
  lesson: string;
  /** The hash of what the lesson was judged on. */
  scenario: string;
  passed: boolean;
  /** From 0 to 1. */
  score: number;
};
export type File = Message & { name: string; bytes: Uint8Array };

export type Unit = "instruction" | "over" | "event" | "exit" | "interrupt";
export type Until = "interrupt" | "exit" | "eoi" | "breakpoint";
export type Format = "perfetto" | "chrome" | "perf-kvm" | "pcapng" | "vcd" | "ftrace" | "stacks";
export type Level = "story" | "explain" | "inspect";
export interface Load {
  /** A whole fragment, `#/...`; without it, the parts. */
  link?: string;
  scenario?: string;
  at?: string;
  level?: Level;
  panels?: string;
}

export interface ExitlessLabEvents {
  ready: CustomEvent<Pong>;
  state: CustomEvent<Answer>;
  event: CustomEvent<Answer>;
  report: CustomEvent<Verdict>;
  error: CustomEvent<Message & { text: string }>;
  height: CustomEvent<Message & { height: number }>;
}

/** What `set` takes for one of the page's own settings; anything else is a knob of the scenario, `speed` or `side`. */
export type Value<K extends string> = K extends "level" ? Level
  : K extends "mode" ? "full" | "embed" | "view" | "lecture"
  : K extends "theme" ? "auto" | "light" | "dark"
  : string | number;

/**
 * `<exitless-lab>`. Attributes: site; link; scenario or lesson, at, level, panels, seed, cfg, speed, mode, theme, lang,
 * each of which has the last word over link; autoheight.
 */
export declare class ExitlessLab extends HTMLElement {
  /** The page's address, with what the attributes ask for. */
  readonly link: string;
  /** Resolves when the first picture is there. */
  readonly ready: Promise<CustomEvent<Pong>> | null;
  ask(type: string, fields?: object): Promise<Message>;
  ping(): Promise<Pong>;
  load(what: Load): Promise<Answer>;
  run(how?: { speed?: string; until?: Until }): Promise<Answer>;
  pause(): Promise<Answer>;
  step(unit?: Unit): Promise<Answer>;
  stepBack(unit?: Unit): Promise<Answer>;
  seek(at: string): Promise<Answer>;
  set<K extends string>(key: K, value: Value<K>): Promise<Answer>;
  subscribe(events: "event"[]): Promise<Answer>;
  hash(): Promise<Answer>;
  getReport(): Promise<Report>;
  exportTrace(format: Format, side?: 0 | 1): Promise<File>;
  addEventListener<K extends keyof ExitlessLabEvents>(
    type: K,
    listener: (event: ExitlessLabEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "exitless-lab": ExitlessLab;
  }
}
