// The controls do what they say: breakpoints by clicking, run until, the two ways of setting machines beside each
// other, and Why.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, eventually, ready, settled } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";
import { code, log, scene, vectors } from "./lib/views.mjs";

const MICROSECOND = 1e6; // Picoseconds.

describe("controls", () => {
  let browser, site, page, seen;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    ({ page, seen } = await open(browser));
    await page.goto(`${site.url}#/lab?level=inspect`);
    await ready(page);
    await page.getByRole("button", { name: "Code", exact: true }).click();
    await settled(page);
  });
  after(() => assert.deepEqual(seen.errors, []));

  const report = () => ask(page, "getReport");
  const marked = async () => (await log(page)).find((row) => row.marked);
  const step = () => ask(page, "step", { unit: "instruction" });
  const menu = () => page.locator("details.menu");
  const until = async (name, value) => {
    if (!(await menu().evaluate((menu) => menu.open))) await menu().locator("summary").click();
    if (value === undefined) await menu().getByRole("button", { name, exact: true }).click();
    else {
      await menu().getByLabel(name).fill(value);
      await menu().getByLabel(name).press("Enter");
    }
    // What is refused is an error to whoever asked last.
    await settled(page).catch(() => {});
  };

  it("a breakpoint that is clicked stops a run, and no more once it is clicked away", async () => {
    const start = (await ask(page, "seek", { at: "nic:103/delivered" })).sides[0];
    // The place that is reached after a few instructions, for the first time.
    const way = [(await code(page)).rip];
    for (let i = 0; i < 6; i++) {
      await step();
      way.push((await code(page)).rip);
    }
    const target = way.findLast((rip, at) => way.indexOf(rip) === at);
    const stop = () => page.locator(`.v-code-table tr:has(.v-address:text-is("${target.toString(16)}")) .v-break`);
    assert.equal(await stop().getAttribute("aria-pressed"), "false");
    await stop().click();
    await settled(page);
    assert.equal(await stop().getAttribute("aria-pressed"), "true");
    for (let i = 0; i < 6; i++) await ask(page, "stepBack", { unit: "instruction" });
    assert.equal((await report()).sides[0].retired, start.retired);

    await page.locator(".controls .run").click();
    await eventually(page, (retired) => lab.request("getReport").then((r) => r.state === "paused" && r.sides[0].retired > retired), start.retired);
    const hit = (await report()).sides[0];
    assert.deepEqual([BigInt(hit.rip), hit.retired], [target, start.retired + way.indexOf(target)]);
    // Until a breakpoint is the same, at once.
    await ask(page, "seek", { at: "nic:103/delivered" });
    await until("a breakpoint");
    assert.deepEqual((await report()).sides[0].retired, hit.retired);

    await stop().click();
    await settled(page);
    assert.equal(await page.locator(".breakpoints li").count(), 0);
    await ask(page, "seek", { at: "nic:103/delivered" });
    await page.getByLabel("speed").fill("19"); // As fast as it goes.
    await page.locator(".controls .run").click();
    await eventually(page, (time) => lab.request("getReport").then((r) => r.sides[0].time > time), hit.time + 5 * MICROSECOND);
    await page.locator(".controls .run").click();
    await settled(page);
  });

  const KINDS = [["the next interrupt", /^raised$/], ["the next VM exit", /^vm-exit$/], ["the next EOI", /^(virtual-)?eoi$/]];
  for (const [name, kind] of KINDS)
    it(`run until ${name}`, async () => {
      const from = await ask(page, "seek", { at: "nic:103" });
      await until(name);
      const to = await report();
      assert.ok(to.event > from.event);
      assert.match((await marked()).kind, kind);
      const between = (await log(page)).filter((row) => kind.test(row.kind)).map((row) => Number(row.event.replace(/\D/g, "")));
      assert.deepEqual(between.filter((event) => event > from.event && event < to.event), [], "it is the next one");
    });

  it("run until a vector, a symbol, a time", async () => {
    await ask(page, "seek", { at: "nic:103/pending" });
    const [vector] = vectors((await marked()).text);
    for (const text of [`0x${vector.toString(16)}`, `${vector}`]) {
      const from = await ask(page, "seek", { at: "nic:103" });
      await until("vector", text);
      const row = await marked();
      assert.deepEqual([row.kind, vectors(row.text)], ["pending", [vector]]);
      assert.ok((await report()).event > from.event);
      await settled(page);
      assert.ok((await scene(page, 0)).some(([term, value]) => term === "IRR" && vectors(value).includes(vector)));
    }
    // The function that comes next, by the name that the code has at its beginning; host and guest may share one.
    await ask(page, "seek", { at: "nic:103/delivered" });
    let name = null;
    for (let i = 0; i < 200 && !name; i++) {
      await step();
      name = await page.locator(".v-code-table tr.v-next").evaluate((next) => next.previousElementSibling?.className === "v-symbol" ? next.previousElementSibling.innerText.trim().replace(/:$/, "") : null);
    }
    assert.ok(name, "a function begins");
    const there = (await report()).sides[0];
    await ask(page, "seek", { at: "nic:103/delivered" });
    await until("symbol", `guest!${name}`);
    assert.deepEqual([(await report()).sides[0].rip, (await report()).sides[0].retired], [there.rip, there.retired], name);

    const time = (await ask(page, "seek", { at: "nic:103" })).sides[0].time + 12_345_000;
    await until("time, µs", `${time / MICROSECOND}`);
    const late = (await report()).sides[0].time - time;
    assert.ok(late >= 0 && late < MICROSECOND / 2, `${late} ps late`);
  });

  for (const [name, value] of [["vector", "0x1ff"], ["vector", "256"], ["vector", "many"], ["symbol", "no_such_symbol"], ["time, µs", "soon"], ["time, µs", "-1"]])
    it(`run until ${name} ${value} is refused in place`, async () => {
      const from = await ask(page, "seek", { at: "nic:103" });
      await until(name, value);
      // Either the field refuses it, or a notice names it.
      const field = menu().getByLabel(name);
      const refused = await field.evaluate((field) => field.checkVisibility() && !field.validity.valid && field.validationMessage);
      const notice = page.locator(".notice.wrong", { hasText: value });
      if (!refused) await notice.first().waitFor({ timeout: 2_000 });
      const { sides } = await report();
      assert.deepEqual([sides[0].time, sides[0].retired], [from.sides[0].time, from.sides[0].retired]);
      if (refused) await field.fill("");
      for (const dismiss of await notice.getByRole("button", { name: "Dismiss" }).all()) await dismiss.click();
    });

  it("same time and same interrupt set the other machine at another moment", async () => {
    await page.keyboard.press("Escape");
    await ask(page, "seek", { at: "nic:103" });
    const align = async (name) => {
      const button = page.getByRole("button", { name, exact: true });
      await button.click();
      await settled(page);
      assert.equal(await button.getAttribute("aria-pressed"), "true");
      return (await report()).sides;
    };
    const byTime = await align("same time");
    assert.ok(Math.abs(byTime[1].time - byTime[0].time) < MICROSECOND, JSON.stringify(byTime));
    const byInterrupt = await align("same interrupt");
    assert.equal(byInterrupt[0].time, byTime[0].time, "the one in focus stays");
    assert.ok(Math.abs(byInterrupt[1].time - byTime[1].time) > MICROSECOND, JSON.stringify([byTime, byInterrupt]));
    assert.equal(byInterrupt[0].interrupts, byInterrupt[1].interrupts, "both are at the same interrupt");
    assert.deepEqual(await align("same time"), byTime);
    await align("same interrupt");
  });

  // How the exits of one interrupt come about: by which control, of what value, and where the manual says so.
  const WHY = [
    ["nic:103/exit.1", /external-interrupt exiting/i],
    ["nic:103/exit.2", /MSR bitmaps/i],
  ];
  for (const [at, control] of WHY)
    it(`Why at ${at} names the control, its value and the manual's section; and what if not?`, async () => {
      await ask(page, "seek", { at });
      assert.equal((await marked()).kind, "vm-exit");
      const why = page.locator(".p-why");
      await why.waitFor();
      assert.ok((await why.locator(".v-why-text").innerText()).length > 20);
      const said = Object.fromEntries(await why.locator("dl > div").evaluateAll((rows) => rows.map((row) => [row.querySelector("dt").textContent, row.querySelector("dd").textContent])));
      assert.match(said.Control, control);
      assert.match(said["Value now"], /^1\b/, "the bit that made it exit");
      assert.match(said.Manual, /^SDM 3[ABCD] \d+\.\d+/);
      const before = await ask(page, "hash");
      await why.getByRole("button", { name: "What if not?" }).click();
      const notice = page.locator(".notice:not(.wrong)", { hasText: /Interrupt 103 then causes/ });
      await notice.waitFor();
      const [, then, , here] = /then causes (\d+|no|one) exits? and loses ([\d.]+ [uµ]s); here (\d+|no|one) exits?/.exec(await notice.innerText());
      const number = (word) => ({ no: 0, one: 1 })[word] ?? Number(word);
      assert.ok(number(then) < number(here), `${then}, ${here}`);
      assert.deepEqual((await ask(page, "hash")).sides, before.sides, "this run stays as it was");
      await notice.getByRole("button", { name: "Dismiss" }).click();
    });
});
