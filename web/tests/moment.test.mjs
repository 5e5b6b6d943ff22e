// One moment, read the same from every view; and back again from wherever one goes.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, ready, settled } from "./lib/lab.mjs";
import { bench, cli, pair } from "./lib/cli.mjs";
import { draw } from "./lib/seed.mjs";
import { stage } from "./lib/stage.mjs";
import { code, digits, inspector, log, micros, scene, timeline, vectors } from "./lib/views.mjs";

// The timeline's columns of names and its right margin (web/src/views/timeline/plan.rs).
const [NAMES, RIGHT] = [118, 6];

const node = (tree, path) => path.split("/").reduce((at, name) => at[name], tree.machine);
// A register of the local APIC, its words by the bits that they hold, as vectors.
const bits = (words) =>
  Object.entries(words).filter(([range]) => /^\d+:\d+$/.test(range)).flatMap(([range, word]) => {
    const low = Number(range.split(":")[1]);
    return [...Array(64).keys()].filter((bit) => (BigInt(word) >> BigInt(bit)) & 1n).map((bit) => low + bit);
  }).sort((a, b) => a - b);

// The moments: which machine, which kind of event of that interrupt, what it leaves where, and what each view
// calls the place where the processor is then.
const GUEST = { scene: "guest", code: /guest/, mode: "non-root" };
const MOMENTS = [
  { side: 0, kind: "pending", lane: "APIC", holds: "IRR", place: GUEST },
  { side: 0, kind: "acknowledged", lane: "APIC", holds: "ISR", place: { scene: "host", code: /host/, mode: "root" } },
  { side: 1, kind: "pending", lane: "APIC", holds: "IRR", place: GUEST },
  { side: 1, kind: "delivered", lane: "interrupts", holds: "ISR", place: { ...GUEST, scene: "guest's handler" } },
];

describe("what the page shows is what happened", () => {
  let browser, site, native, modes, page, seen;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    native = await bench("256");
    modes = await pair();
    ({ page, seen } = await open(browser));
    await page.goto(`${site.url}#/lab?level=inspect`);
    await ready(page);
    await page.locator(".v-timeline summary").click();
  });
  const panel = async (name) => {
    await page.locator("main").getByRole("button", { name, exact: true }).first().click();
    await settled(page);
  };

  // The timeline's marked row. It marks an event that has a column to itself, so the wheel zooms in on it, until a
  // column is at most a nanosecond.
  const marked = async (time) => {
    await page.getByRole("button", { name: "Selection", exact: true }).click();
    const canvas = page.locator(".v-timeline canvas");
    await canvas.focus();
    for (let turns = 0; turns < 25; turns++) {
      await settled(page);
      const found = (await timeline(page)).filter((row) => row.marked);
      const [from, to] = (await page.locator(".v-timeline .v-range").innerText()).split(/ to |: /).slice(0, 2).map(micros);
      if (found.length && to - from < 0.5) return found;
      const box = await canvas.boundingBox();
      await page.mouse.move(box.x + NAMES + ((box.width - NAMES - RIGHT) * (time - from)) / (to - from), box.y + 40);
      await page.mouse.wheel(0, -200);
    }
    return [];
  };

  for (const { side, kind, lane, holds, place } of MOMENTS)
    it(`machine ${side + 1}, ${kind}: scene, timeline, log, inspector, code and command line say the same`, async () => {
      await panel("State");
      await ask(page, "set", { key: "side", value: `${side}` });
      const { life } = await ask(page, "seek", { at: "nic:103/pending" });
      const event = digits((await log(page)).find((row) => row.kind === kind && Number(row.life) === life).event);
      await ask(page, "seek", { at: `#${event}` });
      const answer = await ask(page, "hash");
      const said = answer.sides[side];
      const told = await cli("inspect", native.scenario, "--guests", native.folder, "--workload", "stream", "--mode", modes[side], `--at=#${event}`, "--json");

      const rows = (await log(page)).filter((row) => row.marked);
      assert.equal(rows.length, 1);
      const [row] = rows;
      const [vector] = vectors(row.text);
      const [there] = await marked(micros(row.time));
      assert.ok(there, "the timeline's table marks the event");
      const facts = await scene(page, side);
      const fact = Object.fromEntries(facts);
      const irr = bits(await inspector(page, "Local APIC/IRR"));
      const isr = bits(await inspector(page, "Local APIC/ISR"));

      // Which event, and when.
      assert.deepEqual([answer.event, digits(row.event), digits(there.event)], [event, event, event]);
      assert.deepEqual([row.kind, there.lane, Number(row.life)], [kind, lane, life]);
      assert.ok(Math.abs(micros(there.time) - micros(row.time)) < 0.002, `${there.time}, ${row.time}`);
      const clock = await page.getByLabel("Virtual time of the machine in focus").innerText();
      assert.deepEqual([said.time, micros(clock)], [told.at.time_ps, Math.floor(told.at.time_ps / 1e3) / 1e3]);
      const retired = Number(await inspector(page, "cpu0/retired"));
      assert.deepEqual([said.retired, retired], [told.at.instructions, told.at.instructions]);
      assert.equal(await inspector(page, "cpu0/cycles"), `${node(told.state, "cpu0/cycles")}`);
      // Which vector waits, and which is served.
      assert.deepEqual([holds === "IRR" ? irr : isr, holds === "IRR" ? isr : irr], [[vector], []]);
      assert.deepEqual([vectors(fact.IRR), vectors(fact.ISR)], [irr, isr]);
      assert.deepEqual([bits(node(told.state, "Local APIC/IRR")), bits(node(told.state, "Local APIC/ISR"))], [irr, isr]);
      assert.ok(facts.some(([what, where]) => what === "interrupt" && vectors(where).includes(vector)), "it travels in the picture");
      // Where the processor is.
      assert.equal(fact.CPU, place.scene);
      const mode = await inspector(page, "cpu0/VMX operation");
      assert.deepEqual([mode, node(told.state, "cpu0/VMX operation")], [place.mode, place.mode]);
      const rip = BigInt(await inspector(page, "cpu0/registers/RIP"));
      await panel("Code");
      const next = await code(page);
      assert.match(next.where, place.code);
      assert.deepEqual([BigInt(said.rip), next.rip, BigInt(node(told.state, "cpu0/registers/RIP"))], [rip, rip, rip]);
      assert.deepEqual(seen.errors, []);
    });
});

// The same moments each time, unless EXITLESS_SEED chooses others.
const { seed, below } = draw(1);

describe(`time travel, EXITLESS_SEED=${seed}`, () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  // What is asked, with how long the page took for it.
  const timed = async (page, type, fields) => {
    const start = performance.now();
    await ask(page, type, fields);
    return performance.now() - start;
  };
  const report = (what, times) => {
    const sorted = times.toSorted((a, b) => a - b);
    const at = (share) => sorted[Math.floor((sorted.length - 1) * share)].toFixed(1);
    console.log(`# ${times.length} ${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`);
  };
  // Both machines, to the bit. The worker's history is noted.
  let most = 0;
  const place = async (page) => {
    const { sides, history } = await ask(page, "hash");
    most = Math.max(most, history);
    return sides.map((side) => `${side.time} ${side.event} ${side.retired} ${side.trace} ${side.hash}`).join(" | ");
  };
  const kinds = async (page) => (await log(page)).map(({ kind }) => kind);
  // What any way there and back must have crossed.
  const CROSSED = ["vm-exit", "injected", "dma", "packet-received"];

  it("random jumps find the states of the way forward, and so do steps back by instructions, in bounded memory", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(`${site.url}#/lab?level=explain&align=time`);
    await ready(page);
    await ask(page, "seek", { at: "t=20000us" });
    const events = [...new Set(Array.from({ length: 20 }, () => 1_000 + below(20_000)))].sort((a, b) => a - b);
    const forward = new Map();
    const met = new Set();
    for (const event of events) {
      await ask(page, "seek", { at: `#${event}` });
      forward.set(event, await place(page));
      for (const kind of await kinds(page)) met.add(kind);
    }
    assert.equal(new Set(forward.values()).size > events.length / 2, true, "they are different moments");
    assert.deepEqual(CROSSED.filter((kind) => !met.has(kind)), [], "the jumps are about all kinds of events");
    const jumps = [];
    for (let i = 0; i < 40; i++) {
      const event = events[below(events.length)];
      jumps.push(await timed(page, "seek", { at: `#${event}` }));
      assert.equal(await place(page), forward.get(event), `event ${event}`);
    }
    report("jumps in the page", jumps);

    // Instruction by instruction over an event of each kind, and back again.
    const back = [];
    for (const kind of CROSSED) {
      await ask(page, "seek", { at: `nic:${60 + below(60)}/pending` });
      let row;
      while (!(row = (await log(page)).find((row) => row.kind === kind))) await ask(page, "seek", { at: `#${digits((await log(page)).at(-1).event)}` });
      const event = digits(row.event);
      // The last instruction's end before it: searched in steps of fewer instructions than are walked, as far back
      // as a VM exit or a halt reaches. A time alone may lie within a halt, where no step back ends.
      let sides;
      for (let before = 0.003; before < 20; before += 0.05) {
        await ask(page, "seek", { at: `t=${(micros(row.time) - before).toFixed(3)}us` });
        ({ sides } = await ask(page, "step", { unit: "instruction" }));
        if (sides[0].event <= event) break;
      }
      assert.ok(sides[0].event <= event, `before ${kind}`);
      const way = [];
      for (let after = 0; after < 3 && way.length < 200; after += sides[0].event > event ? 1 : 0) {
        way.push(await place(page));
        ({ sides } = await ask(page, "step", { unit: "instruction" }));
      }
      assert.ok(sides[0].event > event, `across ${kind}`);
      for (const there of way.reverse()) {
        back.push(await timed(page, "stepBack", { unit: "instruction" }));
        assert.equal(await place(page), there, kind);
      }
    }
    report("steps back in the page", back);
    console.log(`# history: ${(most / 1e6).toFixed(1)} MB at most`);
    assert.ok(most > 1e6 && most <= 128e6, `${most} bytes of history`);
    assert.deepEqual(seen.errors, []);
    await close();
  });
});
