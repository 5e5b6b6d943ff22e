// What a canvas shows, its table says, and both select the same; by pointer and by keyboard.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { open } from "./lib/browser.mjs";
import { ask, ready, settled } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";

const MOST = 50; // Rows of a table at a time.
// Where the timeline's lanes are (web/src/views/timeline/plan.rs): the names' column, the first lane's top, a lane.
const [NAMES, RIGHT, TOP, LANE] = [118, 6, 30, 26];
const LANES = ["guest / host", "interrupts", "EOIs", "NIC", "IOMMU", "APIC"];

const digits = (text) => Number(text.replace(/\D/g, ""));
const micros = (text) => [...text.matchAll(/(\d[\d\s\u202f\u00a0]*\.?\d*)\s*[µn]s/g)].map(([, n]) => Number(n.replace(/\s/g, "")));

describe("a canvas and its table", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  it("select the same event", async () => {
    const { page, seen, close } = await open(browser);
    await page.goto(`${site.url}#/?level=inspect`);
    await ready(page);
    await page.locator(".v-timeline summary").focus();
    await page.keyboard.press("Enter");
    const table = page.locator(".v-timeline .v-twin table");
    await table.waitFor();
    const rows = table.locator("tbody tr");
    await rows.nth(20).waitFor();
    const count = await rows.count();
    assert.ok(count > 20 && count <= MOST, `${count} rows`);
    assert.ok(Number(await table.getAttribute("aria-rowcount")) > count, "there are more, and that is said");
    // The selected event is marked once the answer's frame is drawn.
    const marked = async (event) => {
      assert.equal((await ask(page, "getReport")).event, event);
      for (const where of [".v-timeline .v-twin", ".v-log"]) {
        const row = page.locator(`${where} tr[aria-current=true] button`).first();
        await row.waitFor();
        assert.equal(digits(await row.innerText()), event, where);
      }
    };
    const singles = async () => (await table.locator("tbody button").allInnerTexts()).map(digits);
    const walk = async (key) => {
      await page.locator(".v-timeline canvas").focus();
      await page.keyboard.press(key);
      await settled(page);
    };
    // By the table, with keys.
    const choose = async (event) => {
      await table.locator("tbody button").nth((await singles()).indexOf(event)).focus();
      await page.keyboard.press("Enter");
      await settled(page);
    };
    const interrupt = rows.filter({ hasText: "interrupts" }).filter({ has: page.locator("button") }).nth(2);
    const event = digits(await interrupt.locator("button").innerText());
    await choose(event);
    await marked(event);
    // From there by the canvas' keys: to the table's next event, and to the one before that. The window follows what
    // is selected, so which events stand alone changes on the way.
    const next = Math.min(...(await singles()).filter((other) => other > event));
    await walk("ArrowDown");
    await marked(next);
    const before = Math.max(...(await singles()).filter((other) => other < next));
    await walk("ArrowUp");
    await marked(before);
    // By the pointer, where the table says that it is.
    await choose(event);
    const [time] = micros(await table.locator("tr[aria-current=true] td").first().innerText());
    await walk("ArrowDown");
    const [from, to] = micros(await page.locator(".v-timeline .v-range").innerText());
    const canvas = await page.locator(".v-timeline canvas").boundingBox();
    const x = NAMES + ((canvas.width - NAMES - RIGHT) * (time - from)) / (to - from);
    const y = TOP + LANE * (LANES.indexOf("interrupts") + 0.5);
    await page.locator(".v-timeline canvas").click({ position: { x, y } });
    await settled(page);
    await marked(event);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("hold at most fifty rows in every table of the inspectors, reachable by Tab", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${site.url}#/?level=inspect`);
    await ready(page);
    const state = page.locator(".p-state");
    await state.locator(".v-tabs button").first().waitFor();
    for (const tab of await state.locator(".v-tabs button").all()) {
      await tab.click();
      await settled(page);
      const table = state.locator("table[aria-rowcount]");
      const found = await table.locator("tbody tr").count();
      assert.ok(found <= MOST, `${await tab.innerText()}: ${found} rows`);
      assert.ok(Number(await table.getAttribute("aria-rowcount")) >= found);
    }
    const lost = await page.evaluate(() => [...document.querySelectorAll("main .v-scroll")].filter((part) => part.tabIndex !== 0 && !part.querySelector("button")).length);
    assert.equal(lost, 0, "what scrolls takes the focus");
    await close();
  });
});
