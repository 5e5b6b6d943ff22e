// For everyone: no violation that an audit finds, no sideways scrolling, a run by keyboard alone.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { readFile } from "node:fs/promises";
import { library } from "./lib/env.mjs";
import { open } from "./lib/browser.mjs";
import { ask, eventually, ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

describe("for everyone", () => {
  let browser, site, axe;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    axe = await readFile(library("axe-core/axe.min.js"), "utf8");
  });

  const audit = async (page, state) => {
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
    const grave = found.violations.filter((v) => ["serious", "critical"].includes(v.impact));
    const told = grave.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join("; ")}`);
    assert.deepEqual(told, [], state);
  };

  for (const look of [{ colorScheme: "light" }, { colorScheme: "dark" }, { reducedMotion: "reduce" }])
    it(`an audit finds nothing grave: ${Object.values(look)[0]}`, async () => {
      const { page, close } = await open(browser, look);
      await page.goto(site.url);
      await ready(page);
      await page.evaluate(axe);
      for (const level of ["story", "explain", "inspect"]) {
        await ask(page, "set", { key: "level", value: level });
        await ask(page, "hash"); // The machine that leaves nothing out has taken over.
        await audit(page, level);
      }
      for (const name of ["Share", "Lessons", "Scenarios", "?"]) {
        await page.locator("header nav button", { hasText: name }).first().click();
        await page.locator("dialog[open]").waitFor();
        await audit(page, `the dialog of ${name}`);
        await page.keyboard.press("Escape");
      }
      // A lesson under way, and a machine that cannot run.
      await page.goto(`${site.url}#/follow-one-interrupt`);
      await page.locator("#lesson h2").waitFor();
      await ask(page, "pause");
      await audit(page, "a lesson");
      await page.goto(`${site.url}#/lab?level=explain`);
      await page.reload();
      await ready(page);
      await page.evaluate(axe);
      await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.of(0x7f, 0x45, 0x4c, 0x46)], "broken"));
        document.querySelector("main").dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data }));
      });
      await page.locator("[data-state=fault], .notice.wrong").first().waitFor();
      await audit(page, "a fault");
      await close();
    });

  it("at 400 % zoom nothing but code and timeline scrolls sideways", async () => {
    const { page, close } = await open(browser, { viewport: { width: 320, height: 256 } });
    for (const level of ["story", "explain", "inspect"]) {
      await page.goto(`${site.url}#/lab?level=${level}`);
      await page.reload();
      await ready(page);
      const [width, view] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(width <= view, `${level}: ${width} pixels in ${view}`);
    }
    await close();
  });

  it("a run of the inspectors goes by keyboard alone", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${site.url}#/lab?level=inspect`);
    await ready(page);
    const report = () => ask(page, "getReport");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter"); // To the machines.
    const first = await report();
    await page.keyboard.press("]");
    await eventually(page, () => lab.request("getReport").then((r) => r.state === "paused"));
    await ask(page, "hash");
    const next = await report();
    assert.notEqual(next.event, first.event, "] goes to the next exit");
    await page.keyboard.press("[");
    await ask(page, "hash");
    assert.ok((await report()).event < next.event, "[ goes back");
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.press("Escape");
    for (const name of ["Code", "Plots", "Console", "State"]) {
      await page.getByRole("button", { name, exact: true }).first().focus();
      await page.keyboard.press("Enter");
      assert.equal(await page.getByRole("button", { name, exact: true }).first().getAttribute("aria-pressed"), "true");
    }
    await close();
  });
});
