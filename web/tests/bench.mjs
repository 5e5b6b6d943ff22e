// `cargo xtask bench-page [FRAMES [MINUTES]]`: how long the page takes to start, what a frame costs the page's main thread when a million events a second arrive,
// and whether ten minutes of that keep its memory bounded. Figures are printed, nothing is asserted.
//
// The frames are the machines' own: recorded where at least a 60th of a million events lies between two, with all
// views open, then given to the page sixty times a second, there and back again.
import { SITE } from "./lib/env.mjs";
import { serve } from "./lib/server.mjs";
import { launch, open } from "./lib/browser.mjs";
import { ask, ready, shown } from "./lib/lab.mjs";

const STEP = Math.ceil(1_000_000 / 60); // Events between two frames.
const FRAMES = Number(process.argv[2] ?? 24);
const SECONDS = 10;
const STARTS = 5;
const MINUTES = Number(process.argv[3] ?? 10);
const SCRIPTS = new Set(["FunctionCall", "EvaluateScript", "RunMicrotasks", "FireAnimationFrame", "TimerFire", "HandlePostMessage", "EventDispatch", "v8.callFunction"]);

// In the page, before anything else: stands between the page and its worker.
function between() {
  const { postMessage } = Worker.prototype;
  const bench = (window.bench = { last: null, kept: [], replays: false, given: 0 });
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...args) => {
    const made = await instantiate(...args);
    const exports = (made.instance ?? made).exports;
    if (exports.memory) bench.memory = exports.memory;
    return made;
  };
  Worker.prototype.postMessage = function (message, ...rest) {
    if (!bench.replays) {
      if (this !== bench.worker) {
        bench.worker = this;
        this.addEventListener("message", ({ data }) => data instanceof ArrayBuffer && (bench.last = data.slice(0)));
      }
      return postMessage.call(this, message, ...rest);
    }
    if (message !== "frame") return;
    const turn = bench.kept.length - 1;
    const place = Math.abs(((bench.given++ + turn) % (2 * turn)) - turn);
    const data = bench.kept[place].slice(0);
    bench.soon(() => this.onmessage?.(new MessageEvent("message", { data })));
  };
  const { port1, port2 } = new MessageChannel();
  const due = [];
  port1.onmessage = () => due.shift()?.();
  bench.soon = (call) => (due.push(call), port2.postMessage(0));
  // As many animation frames as there is time for.
  bench.hasten = () => (window.requestAnimationFrame = (call) => (bench.soon(() => call(performance.now())), 1));
}

const MB = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
const at = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)];

// Milliseconds of script in each frame, from the browser's own trace.
function scripts(trace) {
  const main = trace.find((event) => event.name === "FireAnimationFrame");
  const here = trace.filter((event) => event.pid === main.pid && event.tid === main.tid && event.ph === "X" && SCRIPTS.has(event.name));
  here.sort((a, b) => a.ts - b.ts || b.dur - a.dur);
  const frames = [];
  let end = 0;
  for (const { name, ts, dur = 0 } of here) {
    if (name === "FireAnimationFrame") frames.push(0);
    if (ts < end || !frames.length) continue;
    end = ts + dur;
    frames[frames.length - 1] += dur / 1000;
  }
  return frames.slice(10, -1).sort((a, b) => a - b);
}

async function record(page) {
  await ask(page, "set", { key: "speed", value: "max" });
  await ask(page, "hash").catch(() => {});
  // Not waited for: it is answered when the run ends.
  await page.evaluate(() => void lab.request("run", { speed: "max" }));
  const kept = await page.evaluate(async ([frames, step]) => {
    let [from, first] = [0, 0];
    const event = async () => (await lab.request("getReport", {})).sides[0].event;
    first = from = await event();
    const end = performance.now() + 180_000;
    while (bench.kept.length < frames && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const now = await event();
      if (now - from < step && bench.kept.length) continue;
      from = now;
      bench.kept.push(bench.last);
    }
    return { count: bench.kept.length, events: from - first, bytes: bench.kept.reduce((sum, frame) => sum + frame.byteLength, 0) };
  }, [FRAMES, STEP]);
  console.log(`${kept.count} frames of ${(kept.bytes / kept.count / 1000).toFixed(1)} kB recorded, ${Math.round(kept.events / (kept.count - 1))} events apart`);
}

async function memory(page, cdp) {
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const value = (name) => metrics.find((metric) => metric.name === name).value;
  return { heap: value("JSHeapUsedSize"), nodes: value("Nodes"), wasm: await page.evaluate(() => bench.memory?.buffer.byteLength ?? 0) };
}

// From the first request until a step has changed the picture, in fresh profiles; the picture itself is there before.
async function start(browser, site) {
  const times = { picture: [], ready: [], interactive: [] };
  for (let i = 0; i < STARTS; i++) {
    const { page, close } = await open(browser);
    const begun = performance.now();
    const took = (name) => times[name].push(performance.now() - begun);
    await page.goto(site.url, { waitUntil: "commit" });
    await page.waitForSelector("svg");
    took("picture");
    await shown(page);
    took("ready");
    const before = await page.locator(".pair").innerHTML();
    await ask(page, "step", { unit: "event" });
    await page.waitForFunction((before) => document.querySelector(".pair").innerHTML !== before, before);
    took("interactive");
    await close();
  }
  for (const [name, all] of Object.entries(times)) {
    all.sort((a, b) => a - b);
    console.log(`${name}: median ${at(all, 0.5).toFixed(0)} ms, longest ${at(all, 1).toFixed(0)} ms of ${STARTS} starts`);
  }
}

const [browser, site] = [await launch(), await serve(SITE)];
await start(browser, site);
const { page, context, seen } = await open(browser);
const cdp = await context.newCDPSession(page);
await cdp.send("Performance.enable");
await page.addInitScript(between);
await page.goto(`${site.url}#/?level=inspect&align=time`);
await ready(page);
await record(page);

await page.evaluate(() => (bench.replays = true));
await page.waitForTimeout(1000);
await browser.startTracing(page, { categories: ["devtools.timeline", "v8.execute", "disabled-by-default-devtools.timeline"] });
const before = await page.evaluate(() => bench.given);
await page.waitForTimeout(SECONDS * 1000);
const given = (await page.evaluate(() => bench.given)) - before;
const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
const times = scripts(traceEvents);
console.log(`${given} frames in ${SECONDS} s, ${((given * STEP) / SECONDS / 1e6).toFixed(2)} million events a second`);
console.log(`script a frame: median ${at(times, 0.5).toFixed(2)} ms, p95 ${at(times, 0.95).toFixed(2)} ms, longest ${at(times, 1).toFixed(2)} ms (${times.length} frames)`);

await page.evaluate(() => bench.hasten());
const frames = MINUTES * 60 * 60;
const since = performance.now();
const first = await page.evaluate(() => bench.given);
for (let part = 0; part <= 5; part++) {
  const wanted = first + (frames * part) / 5;
  await page.waitForFunction((wanted) => bench.given >= wanted, wanted, { timeout: 600_000, polling: 250 });
  const { heap, nodes, wasm } = await memory(page, cdp);
  console.log(`after ${((MINUTES * part) / 5).toFixed(1)} min: JavaScript ${MB(heap)}, WebAssembly ${MB(wasm)}, ${nodes} nodes`);
}
console.log(`${frames} frames took ${((performance.now() - since) / 1000).toFixed(0)} s`);
if (seen.errors.length) console.log(seen.errors.join("\n"));
await browser.close();
await site.close();
