// Follow one interrupt: told step by step on both machines, and its bill at the end.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";
import { micros } from "./lib/views.mjs";

const FRAME = 50; // Milliseconds of the page's clock from look to look.
const DONE = "Done: the guest is back at work.";
const OUT = /forces the guest out|forces it out/;

describe("Follow one interrupt", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  // Rows of a table as lists of texts.
  const rows = (table) => table.evaluate((table) => [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim())));

  for (const [name, look] of [["moving", {}], ["still", { reducedMotion: "reduce" }]])
    it(`${name}: the captions go through the steps of both lives, then both are billed`, async () => {
      const { page, seen, close } = await open(browser, look);
      await page.goto(site.url);
      await ready(page);
      await page.clock.install();
      // What happened to this interrupt, by the life bar's table, and how often it happens, by the counters.
      await ask(page, "set", { key: "level", value: "explain" });
      const lives = await rows(page.locator(".p-bill table").first());
      const titles = await page.locator(".side h2").allInnerTexts();
      const often = await page.locator(".counters").first().locator("div", { hasText: "interrupts/s" }).locator("dd").innerText();
      await ask(page, "set", { key: "level", value: "story" });

      await page.getByRole("button", { name: /Follow one interrupt/ }).click();
      const sides = page.locator(".v-follow-side");
      await sides.first().waitFor();
      await page.clock.pauseAt(await page.evaluate(() => Date.now() + 10));
      const told = titles.map(() => []);
      const places = new Set();
      let spent = 0;
      for (; spent < 20_000 && !(await page.locator(".v-follow-sum").count()); spent += FRAME) {
        const now = await sides.evaluateAll((sides) => sides.map((side) => [side.querySelector(".v-caption").textContent, side.querySelector(".v-token")?.innerHTML]));
        for (const [side, [caption]] of now.entries()) if (told[side].at(-1) !== caption) told[side].push(caption);
        places.add(now[0][1]);
        await page.clock.runFor(FRAME);
      }
      assert.ok(spent > 8_000 && spent < 12_000, `about ten seconds, not ${spent} ms`);
      for (const [side, title] of titles.entries()) {
        const steps = lives.filter(([whose]) => whose === title).map(([, what]) => what);
        const order = told[side].filter((caption) => caption !== DONE).map((caption) => steps.indexOf(caption));
        assert.ok(order.length >= 4 && !order.includes(-1), `${title}: ${told[side].join(" | ")}`);
        assert.deepEqual(order, order.toSorted((a, b) => a - b), `${title}: ${told[side].join(" | ")}`);
        assert.equal(told[side].filter((caption) => OUT.test(caption)).length, side === 0 ? 2 : 0, `${title} leaves the guest`);
      }
      assert.deepEqual(await page.locator(".v-follow-side .v-caption").allInnerTexts(), titles.map(() => DONE));
      // Still pictures jump from place to place, a few for each step; moving ones travel.
      if (look.reducedMotion) assert.ok(places.size < 4 * told[0].length, `${places.size} places`);
      else assert.ok(places.size > 40, `${places.size} places`);

      const sentence = await page.locator(".v-follow-sum").innerText();
      assert.match(sentence, /^[\d.]+\sµs lost per interrupt, [\d\s]+ times a second: .+ of the machine\.$/);
      const bill = await rows(page.locator(".v-follow-end .v-bill table"));
      const lost = titles.map((title) => bill.filter(([whose, what]) => whose === title && /^(detour|sign-off)/.test(what)).reduce((sum, row) => sum + micros(row.at(-1)), 0));
      for (const title of titles) assert.ok(bill.some(([whose]) => whose === title), `${title} is billed`);
      assert.ok(Math.abs(micros(sentence) - (lost[0] - lost[1])) < 0.2, `${sentence} of ${lost}`);
      const times = Number(/([\d\s\u202f]+) times/.exec(sentence)[1].replace(/\D/g, ""));
      assert.ok(Math.abs(times / 1000 - parseFloat(often)) <= 1, `${sentence}, ${often}`);
      assert.deepEqual(seen.errors, []);
      await close();
    });
});
