// For everyone: no violation that an audit finds, no sideways scrolling, a run by keyboard alone.
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { readFile } from "node:fs/promises";
import { library } from "./lib/env.mjs";
import { open } from "./lib/browser.mjs";
import { kernel, undefined } from "./lib/kernel.mjs";
import { ask, drop, ready, settled } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";
import { digits, log } from "./lib/views.mjs";

const LESSON = "follow-one-interrupt";
const DIALOGS = ["Share", "Lessons", "Scenarios", "?"];
const PANELS = ["State", "Code", "Plots", "Console"];

// Brings the page from state to state, and calls `look` with each one's name.
async function tour(page, site, look) {
  const level = (value) => ask(page, "set", { key: "level", value });
  await page.goto(site.url);
  await ready(page);
  await look("story");
  await page.getByRole("button", { name: /Follow one interrupt/ }).click();
  await page.locator(".v-follow .v-caption").first().waitFor();
  await look("Follow under way");
  await page.locator(".v-dots button").last().click();
  await page.locator(".v-player").getByRole("button", { name: "Step on" }).click();
  await page.locator(".v-follow-sum").waitFor();
  await look("Follow at its end");
  await page.keyboard.press("Escape");
  for (const name of DIALOGS) {
    await page.locator("header nav button", { hasText: name }).first().click();
    await page.locator("dialog[open]").waitFor();
    await look(`the dialog of ${name}`);
    await page.keyboard.press("Escape");
  }
  await level("explain");
  await look("explain");
  await page.locator(".term", { hasText: "exits/s" }).first().click();
  await page.locator("dialog.definition[open]").waitFor();
  await look("a definition");
  await page.keyboard.press("Escape");
  await ask(page, "seek", { at: "nic:103/exit.1" });
  await page.locator(".p-why").waitFor();
  await look("a Why card");
  await level("inspect");
  await settled(page); // The machine that leaves nothing out has taken over.
  for (const name of PANELS) {
    await page.getByRole("button", { name, exact: true }).click();
    await settled(page);
    await look(`inspect, ${name}`);
  }
  await drop(page, ["oh.elf", kernel(undefined)]);
  await page.locator("h2", { hasText: "oh.elf" }).first().waitFor();
  await ask(page, "run");
  await page.locator("[data-state=halted]").waitFor();
  await look("a triple fault");
  await drop(page, ["broken.elf", [0x7f, 0x45, 0x4c, 0x46]]);
  await page.locator(".notice[role=alert]", { hasText: "Cannot run" }).waitFor();
  await look("a fault");
  await page.goto(`${site.url}#/${LESSON}`);
  await page.reload();
  await page.locator("#lesson h2").waitFor();
  await ready(page);
  await look("a lesson");
}

describe("for everyone", () => {
  let browser, site, axe;
  stage((...made) => ([browser, site] = made));
  before(async () => {
    axe = await readFile(library("axe-core/axe.min.js"), "utf8");
  });

  for (const [name, look] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["still, and on a phone", { reducedMotion: "reduce", viewport: { width: 390, height: 844 } }],
  ])
    it(`an audit finds nothing grave: ${name}`, async () => {
      const { page, close } = await open(browser, look);
      const found = [];
      await tour(page, site, async (state) => {
        if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
        const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        for (const { id, impact, nodes } of violations)
          if (["serious", "critical"].includes(impact)) found.push(`${state}: ${id}: ${nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; ")}`);
      });
      assert.deepEqual(found, []);
      await close();
    });

  it("at 400 % zoom nothing but code and timeline scrolls sideways", async () => {
    const { page, close } = await open(browser, { viewport: { width: 320, height: 256 } });
    const found = [];
    await tour(page, site, async (state) => {
      const wide = await page.evaluate(() => {
        const all = [document.scrollingElement, ...document.querySelectorAll("body *")];
        const scrolls = (part) => part === document.scrollingElement || (/auto|scroll/.test(getComputedStyle(part).overflowX) && part.checkVisibility());
        const may = (part) => part.closest(".v-code, .v-timeline, pre");
        return all.filter((part) => scrolls(part) && !may(part) && part.scrollWidth > part.clientWidth + 1).map((part) => `${part.tagName} ${part.className}: ${part.scrollWidth} pixels in ${part.clientWidth}`);
      });
      found.push(...wide.map((what) => `${state}: ${what}`));
    });
    assert.deepEqual(found, []);
    await close();
  });

  it("a run of the inspectors goes by keyboard alone", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${site.url}#/lab?level=inspect`);
    await ready(page);
    const report = () => ask(page, "getReport");
    const press = async (...keys) => {
      for (const key of keys) {
        await page.keyboard.press(key);
        await settled(page);
      }
    };
    const focused = (selector) =>
      page.evaluate((selector) => {
        const { activeElement: part } = document;
        if (!part.matches(selector)) return null;
        const { outlineStyle, outlineWidth } = getComputedStyle(part);
        return { text: part.textContent.trim(), seen: part.matches(":focus-visible") && outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 };
      }, selector);
    // Tab, or with Shift back, until something is in focus; what is in focus can be seen.
    const tabTo = async (selector, text = /./, key = "Tab") => {
      for (let presses = 0; presses < 300; presses++) {
        const there = await focused(selector);
        if (there && text.test(there.text)) {
          assert.ok(there.seen, `${there.text}: the focus is visible`);
          return;
        }
        await page.keyboard.press(key);
      }
      assert.fail(`no way to ${selector} ${text} by ${key}`);
    };

    await press("Tab", "Enter"); // To the machines.
    const first = await report();
    await press("]");
    const next = await report();
    assert.ok(next.event > first.event, "] goes to the next exit");
    await press("[");
    assert.ok((await report()).event < next.event, "[ goes back");
    await page.keyboard.press("?");
    await page.locator("dialog[open]").waitFor();
    await page.keyboard.press("Escape");
    await press("]");
    // The timeline, by its arrows.
    await tabTo(".v-timeline canvas", /^/);
    const before = await report();
    await press("ArrowDown");
    assert.ok((await report()).event > before.event);
    // Each panel.
    for (const name of PANELS) {
      await tabTo("main button", new RegExp(`^${name}$`));
      await press("Enter");
      assert.equal(await page.evaluate(() => document.activeElement.ariaPressed), "true");
      if (name !== "Console") await page.locator(".p-state .v-empty").waitFor({ state: "detached" });
      if (name === "Code") {
        await tabTo(".v-break");
        await press("Space");
        assert.equal(await page.evaluate(() => document.activeElement.ariaPressed), "true", "a breakpoint is set");
        await press("Space");
        await tabTo("main button", /^Plots$/, "Shift+Tab");
      }
    }
    // Into the state: a tab, a group, and what is in it.
    await tabTo("main button", /^State$/, "Shift+Tab");
    await press("Enter");
    await tabTo(".v-tabs button", /^cpu0$/);
    await press("Enter");
    await tabTo(".v-fold", /registers/);
    await press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.ariaExpanded), "true");
    assert.match(await page.locator(".v-tree tr", { hasText: /^RIP/ }).innerText(), /0x[0-9a-f]{16}/);
    // The log, which selects.
    await tabTo(".v-log-table button", /^#/);
    const row = digits((await focused("button")).text);
    await press("Enter");
    assert.equal((await report()).event, row);
    assert.equal(digits((await log(page)).find((row) => row.marked).event), row);
    await close();
  });
});
