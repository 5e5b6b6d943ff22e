/** What a run is at: `answer`, `state`, `event` and `report` hold it. Times are virtual picoseconds. */
export interface Moment {
  state: "idle" | "busy" | "running" | "paused" | "halted" | "fault";
  /** The machine in focus, from 0. */
  side: number;
  /** The selected interrupt's number, from 1. */
  life: number | null;
  /** The selected event's index. */
  event: number | null;
  sides: Side[];
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
}

/** Every message. */
export interface Message {
  exitless: 1;
  type: string;
  id: string | null;
}

export type Answer = Message & Moment;
export type Pong = Message & { build: string };
/** What was run, and how to run it again. A lesson adds its verdict. */
export type Report = Message & Moment & {
  build: string;
  scenario: string;
  seed: string;
  link: string;
  lesson?: string;
  passed?: boolean;
  score?: number;
};
export type File = Message & { name: string; bytes: Uint8Array };

export type Unit = "instruction" | "over" | "event" | "exit" | "interrupt";
export type Until = "interrupt" | "exit" | "eoi" | "breakpoint";
export type Format = "perfetto" | "chrome" | "perf-kvm" | "pcapng" | "vcd" | "ftrace" | "stacks";
export interface Load {
  link?: string;
  scenario?: string;
  at?: string;
  level?: "story" | "explain" | "inspect";
  panels?: string;
}

export interface ExitlessLabEvents {
  ready: CustomEvent<Pong>;
  state: CustomEvent<Answer>;
  event: CustomEvent<Answer>;
  report: CustomEvent<Report>;
  error: CustomEvent<Message & { text: string }>;
  height: CustomEvent<Message & { height: number }>;
}

/** `<exitless-lab>`. Attributes: scenario or lesson, at, level, panels, seed, cfg, speed, theme, lang, autoheight. */
export declare class ExitlessLab extends HTMLElement {
  /** The page's address, with what the attributes ask for. */
  readonly link: string;
  /** Resolves when the first picture is there. */
  readonly ready: Promise<Event>;
  ask(type: string, fields?: object): Promise<Message>;
  ping(): Promise<Pong>;
  load(what: Load): Promise<Answer>;
  run(how?: { speed?: string; until?: Until }): Promise<Answer>;
  pause(): Promise<Answer>;
  step(unit?: Unit): Promise<Answer>;
  stepBack(unit?: Unit): Promise<Answer>;
  seek(at: string): Promise<Answer>;
  set(key: string, value: string | number): Promise<Answer>;
  subscribe(events: string[]): Promise<Answer>;
  getReport(): Promise<Report>;
  exportTrace(format: Format): Promise<File>;
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
