// One moment, read the same from every view; and back again from wherever one goes.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, ready } from "./lib/lab.mjs";
import { bench, cli, pair } from "./lib/cli.mjs";
import { stage } from "./lib/stage.mjs";

const digits = (text) => Number((text ?? "").replace(/[^\d]/g, ""));
const node = (tree, path) => path.split("/").reduce((at, name) => at[name], tree.machine ?? tree);

describe("what the page shows is what happened", () => {
  let browser, site, native, left;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    native = await bench("256");
    [left] = await pair();
  });

  const group = async (page, name) => {
    const button = page.locator(".v-tree button, .v-inspector button").filter({ hasText: new RegExp(`^\\W*${name}$`) }).first();
    if ((await button.getAttribute("aria-expanded")) !== "true") await button.click();
  };
  const value = async (page, name) => (await page.locator(`[data-path="${name}"]`).first().innerText()).trim();

  it("event N in the scene, the timeline, the log and the inspector, as the command line has it", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(`${site.url}#/lab?level=inspect`);
    await ready(page);
    for (const event of [2_000, 3_333, 4_321]) {
      await ask(page, "seek", { at: `#${event}` });
      const answer = await ask(page, "hash");
      assert.equal(answer.event, event);
      const told = await cli("inspect", native.scenario, "--guests", native.folder, "--workload", "stream", "--mode", left, `--at=#${event}`, "--json");
      assert.equal(answer.sides[0].time, told.at.time_ps);
      assert.equal(answer.sides[0].retired, told.at.instructions);
      // Log and timeline have it marked.
      const row = page.locator(".v-log-table tr[aria-current=true]");
      await row.waitFor();
      assert.equal(digits(await row.locator("td").first().innerText()), event);
      const twin = page.locator(".panels details.v-twin").first();
      if (!(await twin.getAttribute("open").then((open) => open !== null))) await twin.locator("summary").click();
      // Registers by the inspector, vectors by the scene.
      const rip = BigInt(answer.sides[0].rip);
      assert.equal(rip, BigInt(node(told.state, "cpu0/registers/RIP")));
      const shown = await page.evaluate(() => [...document.querySelectorAll(".side")].map((side) => {
        const terms = [...side.querySelectorAll("dl dt")].map((dt) => [dt.textContent, dt.nextElementSibling?.textContent]);
        return Object.fromEntries(terms);
      }));
      const vectors = (text) => (text.match(/0x[0-9a-f]+/g) ?? []).map(Number).sort((a, b) => a - b);
      const of = (register) => Object.entries(node(told.state, `Local APIC/${register}`)).filter(([bits]) => /^\d+:\d+$/.test(bits)).flatMap(([bits, word]) => {
        const low = Number(bits.split(":")[1]);
        return [...Array(64).keys()].filter((bit) => (BigInt(word) >> BigInt(bit)) & 1n).map((bit) => low + bit);
      }).sort((a, b) => a - b);
      const [irr, isr] = ["IRR", "ISR"].map((name) => Object.entries(shown[0]).find(([term]) => term.includes(name))?.[1] ?? "");
      assert.deepEqual([vectors(irr), vectors(isr)], [of("IRR"), of("ISR")], `IRR and ISR at event ${event}`);
    }
    assert.deepEqual(seen.errors, []);
    await close();
  });
});

describe("time travel", () => {
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
    console.log(`# ${what}: median ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`);
  };
  const place = async (page) => {
    const { sides, history } = await ask(page, "hash");
    return { key: sides.map((side) => `${side.time} ${side.event} ${side.retired} ${side.trace} ${side.hash}`).join(" | "), history };
  };

  it("random jumps and steps back find the states of the way forward, in memory that is bounded", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(`${site.url}#/lab?level=explain&align=time`);
    await ready(page);
    await ask(page, "seek", { at: "t=20000us" });
    let most = 0;
    const events = Array.from({ length: 24 }, (_, i) => 1_000 + i * 1_000);
    const forward = new Map();
    for (const event of events) {
      await ask(page, "seek", { at: `#${event}` });
      forward.set(event, (await place(page)).key);
    }
    const jumps = [];
    let draw = 17;
    for (let i = 0; i < 48; i++) {
      draw = (draw * 48271) % 2147483647;
      const event = events[draw % events.length];
      jumps.push(await timed(page, "seek", { at: `#${event}` }));
      const { key, history } = await place(page);
      assert.equal(key, forward.get(event), `event ${event}`);
      most = Math.max(most, history);
    }
    report("jumps in the page", jumps);
    // Instruction by instruction over an exit, an injection, a DMA and a packet.
    await ask(page, "seek", { at: "nic:103/exit.1" });
    const way = [];
    for (let i = 0; i < 24; i++) {
      way.push((await place(page)).key);
      await ask(page, "step", { unit: "instruction" });
    }
    const back = [];
    for (const key of way.reverse()) {
      back.push(await timed(page, "stepBack", { unit: "instruction" }));
      const now = await place(page);
      assert.equal(now.key, key);
      most = Math.max(most, now.history);
    }
    report("steps back in the page", back);
    console.log(`# history: ${(most / (1 << 20)).toFixed(1)} MiB at most`);
    assert.ok(most <= 128 << 20, `${most} bytes of history`);
    assert.deepEqual(seen.errors, []);
    await close();
  });
});
