// The machine in the page and the one on the command line have one history, whatever the page does to it.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, ready } from "./lib/lab.mjs";
import { bench, both, cli, pair } from "./lib/cli.mjs";
import { draw } from "./lib/seed.mjs";
import { stage } from "./lib/stage.mjs";

// Drawn anew each time, and printed: EXITLESS_SEED repeats a run.
const { seed, below } = draw();
const drawn = { seed, cost: [50, 100, 150, 200, 300][below(5)], message: [64, 128, 256, 1024, 4096][below(5)], rate: [100, 250, 700, 14881][below(4)] };
const END = 9_000; // Microseconds of virtual time.

describe(`native and page, EXITLESS_SEED=${seed}: exit cost ${drawn.cost} %, messages of ${drawn.message} bytes, ${drawn.rate} thousand packets a second`, () => {
  let browser, site, native, left, right;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    native = await bench(drawn.message, drawn.rate * 1000);
    [left, right] = await pair();
  });

  const command = (mode) =>
    cli("run", native.scenario, "--guests", native.folder, "--workload", "stream", "--mode", mode, "--seed", `${drawn.seed}`,
      "--exit-cost-scale", `${drawn.cost / 100}`, "--timeout", `${END}us`, "--json");
  const link = (level, modes = "") =>
    `${site.url}#/lab?cfg=message-size:${drawn.message},exit-cost:${drawn.cost},packet-rate:${drawn.rate}&seed=${drawn.seed}&level=${level}${modes}`;

  // What each machine of the page holds at END: time by itself, since the other one is set beside it.
  const ends = async (page, sides) => {
    const found = [];
    for (let side = 0; side < sides; side++) {
      if (sides > 1) await ask(page, "set", { key: "side", value: `${side}` });
      await ask(page, "seek", { at: `t=${END}us` });
      found.push((await ask(page, "hash")).sides[side]);
    }
    return found;
  };
  const same = (found, expected, mode) => {
    assert.equal(both(found.trace, found.hash), expected.trace_hash, `${mode}: records and state`);
    assert.equal(found.retired, expected.instructions, `${mode}: instructions`);
    assert.ok(found.interrupts > 20, `${mode}: ${found.interrupts} interrupts`);
    assert.equal(found.exits, expected.vm_exits, `${mode}: VM exits`);
  };

  it("one run", async () => {
    const { page, close } = await open(browser);
    await page.goto(link("story"));
    await ready(page);
    const found = await ends(page, 2);
    same(found[0], await command(left), left);
    same(found[1], await command(right), right);
    await close();
  });

  it("alone", async () => {
    const { page, close } = await open(browser);
    await page.goto(link("story", `&pair=${right}`));
    await ready(page);
    same((await ends(page, 1))[0], await command(right), right);
    await close();
  });

  it("with runs, pauses, steps forward and back, jumps and inspectors that open and close", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(link("explain"));
    await ready(page);
    const unit = () => ["instruction", "event", "exit", "interrupt", "over"][below(5)];
    const deeds = [
      () => ask(page, "step", { unit: unit() }),
      () => ask(page, "stepBack", { unit: unit() }),
      async () => {
        await ask(page, "run", { speed: ["max", "1ms", "200us"][below(3)] });
        await new Promise((resolve) => setTimeout(resolve, 20 + below(120)));
        await ask(page, "pause");
      },
      () => ask(page, "run", { until: ["interrupt", "exit", "eoi"][below(3)] }),
      () => ask(page, "seek", { at: [`t=${5000 + below(4000)}us`, `nic:${60 + below(60)}`, `#${2000 + below(3000)}`][below(3)] }),
      () => ask(page, "set", { key: "side", value: `${below(2)}` }),
      () => ask(page, "set", { key: "level", value: ["story", "explain", "inspect"][below(3)] }),
      async () => {
        const tab = page.getByRole("button", { name: ["State", "Code", "Plots", "Console"][below(4)], exact: true });
        if (await tab.count()) await tab.first().click();
      },
    ];
    for (let i = 0; i < 40; i++) await deeds[below(deeds.length)]();
    const found = await ends(page, 2);
    same(found[0], await command(left), left);
    same(found[1], await command(right), right);
    assert.deepEqual(seen.errors, []);
    await close();
  });
});
