// A link brings another reader to the same moment, and what is no link of this page is refused politely.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFile } from "node:fs/promises";
import { open } from "./lib/browser.mjs";
import { images, pair } from "./lib/cli.mjs";
import { floats, kernel, powerOff, say } from "./lib/kernel.mjs";
import { ask, drop, eventually, ready } from "./lib/lab.mjs";
import { stage } from "./lib/stage.mjs";
import { digits, log } from "./lib/views.mjs";

const [HOST] = await images();

describe("links", () => {
  let browser, site;
  stage((...made) => ([browser, site] = made));

  const place = async (page) => {
    const { sides, event, life, side } = await ask(page, "hash");
    return { sides: sides.map(({ time, event, retired, trace, hash }) => ({ time, event, retired, trace, hash })), event, life, side };
  };
  const fresh = async (fragment) => {
    const opened = await open(browser);
    await opened.page.goto(site.url + fragment);
    await ready(opened.page);
    return opened;
  };

  it("one copied after a slider was moved in mid-run leads to the same event and state in a fresh profile", async () => {
    const first = await fresh("#/lab?level=explain");
    await ask(first.page, "run", { until: "exit" });
    await ask(first.page, "set", { key: "exit-cost", value: "250" });
    await ask(first.page, "run", { until: "interrupt" });
    await ask(first.page, "step", { unit: "exit" });
    await first.page.getByRole("button", { name: "Share" }).click();
    const link = await first.page.locator("dialog textarea, dialog input").first().inputValue();
    await first.page.keyboard.press("Escape");
    const there = await place(first.page);
    await first.close();
    assert.match(link, /journal=/, "the slider travels");
    assert.ok(link.length < 2048 + site.url.length, `${link.length} bytes`);
    const second = await open(browser);
    await second.page.goto(link);
    await ready(second.page);
    await ask(second.page, "hash"); // Whatever follows the first moment is done.
    assert.deepEqual(await place(second.page), there);
    assert.deepEqual(second.seen.errors, []);
    await second.close();
  });

  it("the second machine's moments travel too", async () => {
    const first = await fresh("#/lab?level=explain");
    await ask(first.page, "set", { key: "side", value: "1" });
    await ask(first.page, "step", { unit: "event" });
    await ask(first.page, "step", { unit: "event" });
    const { link } = await ask(first.page, "getReport");
    const there = await place(first.page);
    await first.close();
    const second = await fresh(link);
    await eventually(second.page, () => lab.request("getReport").then((r) => r.side === 1 && r.state === "paused"));
    assert.deepEqual(await place(second.page), there);
    await second.close();
  });

  it("every parameter means something", async () => {
    const [left] = await pair();
    const { page, seen, close } = await fresh(
      `#/lab?at=t=1204.318us&cfg=message-size:1024,exit-cost:50&seed=0x2a&work=stream&pair=${left}&level=inspect&mode=embed&speed=20us&theme=dark&lang=en&v=1`,
    );
    const { sides, seed, link } = await ask(page, "getReport");
    assert.ok(sides.length === 1 && sides[0].time >= 1_204_318_000 && sides[0].time < 1_205_000_000, JSON.stringify(sides));
    assert.equal(seed, "42");
    const lab = page.locator(".lab");
    assert.deepEqual([await lab.getAttribute("data-level"), await lab.getAttribute("data-mode")], ["inspect", "embed"]);
    assert.match(await page.locator(".speed output").innerText(), /^20.µs in 1.s$/);
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), "dark");
    assert.match(await page.locator(".knobs").innerText(), /Cost of an exit\s+50 %/);
    assert.match(await page.locator(".knobs").innerText(), /Message size\s+1.?024 bytes/);
    for (const parameter of [/^#\/lab\?/, /at=/, /cfg=[^&]*message-size:1024/, /seed=42/, /level=inspect/, /mode=embed/, /speed=20us/, /theme=dark/, /lang=en/, /build=[0-9a-f]{16}/, /images=[^&]+:[0-9a-f]{12}/, /v=1/])
      assert.match(link, parameter);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  // Anchors, and where they lead.
  const ANCHORS = [
    ["nic:17/exit.1", (row, { life }) => assert.deepEqual([row.kind, life], ["vm-exit", 17])],
    ["nic:17/eoi", (row, { life }) => assert.deepEqual([row.kind, life], ["virtual-eoi", 17])],
    ["nic:17", (row, { life }) => assert.deepEqual([row.kind, life], ["raised", 17])],
    ["%234321", (row, { event }) => assert.deepEqual([digits(row.event), event], [4321, 4321])],
  ];
  it("stable anchors, and an index, lead where they say; a view has nothing to press", async () => {
    const { page, seen, close } = await fresh("#/lab?level=explain");
    for (const [at, leads] of ANCHORS) {
      await ask(page, "load", { link: `#/lab?level=explain&at=${at}` });
      leads((await log(page)).find((row) => row.marked), await ask(page, "getReport"));
    }
    await ask(page, "load", { link: "#/lab?mode=view&at=nic:17" });
    assert.equal((await ask(page, "getReport")).life, 17);
    assert.equal(await page.locator(".lab header, .lab .controls, .lab .actions").count(), 0);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  const NONSENSE = [
    ["a parameter that is none", "#/lab?frob=1", /frob/],
    ["a value that is none", "#/lab?level=deep&seed=many", /level=deep/],
    ["a scenario that is none", "#/nowhere", /no scenario called nowhere/],
    ["a moment that is none", "#/lab?at=perhaps", /perhaps/],
    ["a moment that never comes", "#/lab?at=nic:99999999", /99,?999,?999|never|not/i],
    ["no link at all", "#frobnicate", /link/i],
    ["markup", "#/lab?cfg=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", /cfg|setting|knob|img/i],
    ["another version", "#/lab?v=9", /version 9/],
    ["another build", "#/lab?at=nic:17&build=0123456789abcdef", /0123456789abcdef/],
    ["other images", `#/lab?at=nic:17&images=${HOST}:000000000000`, new RegExp(HOST)],
  ];
  for (const [name, fragment, says] of NONSENSE)
    it(`${name} is said in place, and the rest lives`, async () => {
      const { page, seen, close } = await open(browser);
      await page.goto(site.url + fragment);
      const notice = page.locator(".notice.wrong").first();
      await notice.waitFor({ timeout: 20_000 });
      assert.match(await notice.innerText(), says);
      await page.evaluate(() => (location.hash = "#/lab?level=explain"));
      await page.waitForFunction(() => document.querySelector(".controls"), null, { timeout: 20_000 });
      assert.deepEqual(seen.errors, []);
      await close();
    });

  it("another build's link opens here when asked", async () => {
    const { page, close } = await open(browser);
    await page.goto(`${site.url}#/lab?level=explain&at=nic:17&build=0123456789abcdef`);
    await page.locator(".notice.wrong button", { hasText: /here/i }).first().click();
    await eventually(page, () => lab.request("getReport").then((r) => r.life === 17));
    await close();
  });

  it("where versions are kept, another build's link leads to that build", async () => {
    const { page, seen, close } = await open(browser);
    await page.route(site.url, async (route) => {
      const answer = await route.fetch();
      const body = (await answer.text()).replace('"versions":""', '"versions":"../builds/{build}/"');
      await route.fulfill({ response: answer, body });
    });
    await page.goto(`${site.url}#/lab?level=explain&at=nic:17&build=0123456789abcdef`);
    const way = page.locator(".notice.wrong a", { hasText: "Open that build" });
    await way.waitFor();
    const { pathname, hash } = new URL(await way.evaluate((way) => way.href));
    assert.equal(pathname, "/some/builds/0123456789abcdef/");
    assert.match(hash, /^#\/lab\?.*at=nic:17.*build=0123456789abcdef/);
    assert.deepEqual(seen.errors, []);
    await close();
  });

  it("inputs that no link has room for travel in a file, and lead to the same event and state", async () => {
    // A history of many inputs, and one more by hand.
    const journal = Array.from({ length: 90 }, (_, i) => `${7_000_000_000 + i * 1_000_000}:exit-cost:${100 + i}`).join(",");
    const first = await fresh(`#/lab?level=explain&at=nic:103&journal=${journal}`);
    await ask(first.page, "set", { key: "exit-cost", value: "250" });
    await ask(first.page, "run", { until: "interrupt" });
    const there = await place(first.page);
    await first.page.getByRole("button", { name: "Share" }).click();
    assert.match(await first.page.locator("dialog[open] .notice").innerText(), /bytes long, more than the 2[\s\u202f,]?048/);
    assert.equal(await first.page.locator("dialog[open] textarea").count(), 0, "no link that would not work");
    const [file] = await Promise.all([first.page.waitForEvent("download"), first.page.locator("dialog[open] .notice button").click()]);
    const moment = await readFile(await file.path());
    await first.close();
    assert.ok(moment.length > 2048 && /exit-cost:250/.test(moment), `${moment.length} bytes`);
    const second = await fresh("#/lab?level=story");
    await drop(second.page, [file.suggestedFilename(), moment]);
    await eventually(second.page, (event) => lab.request("getReport").then((r) => r.event === event && r.state === "paused"), there.event);
    assert.deepEqual(await place(second.page), there);
    assert.deepEqual(second.seen.errors, []);
    await second.close();
  });

  it("a moment of a dropped file asks for that file, refuses another of its name, and leads there", async () => {
    const mine = kernel(say("One, two, three."), floats, powerOff);
    const first = await fresh("#/lab?level=explain");
    await drop(first.page, ["mine.elf", mine]);
    await first.page.locator("h2", { hasText: "mine.elf" }).waitFor();
    for (let i = 0; i < 20; i++) await ask(first.page, "step", { unit: "instruction" });
    const there = await place(first.page);
    assert.equal(there.sides[0].retired, 20);
    const { link } = await ask(first.page, "getReport");
    await first.close();
    assert.match(link, /files=mine\.elf:[0-9a-f]{16}/);
    const { page, seen, close } = await open(browser);
    await page.goto(site.url + link);
    const notice = (text) => page.locator(".notice", { hasText: text }).first().waitFor();
    await notice("needs a file of yours: mine.elf");
    await drop(page, ["mine.elf", kernel(say("One, two, four."), floats, powerOff)]);
    await notice("mine.elf is not the file that the link was made with");
    assert.equal(await page.locator("h2", { hasText: "mine.elf" }).count(), 0, "it does not run");
    await drop(page, ["mine.elf", mine]);
    await page.locator("h2", { hasText: "mine.elf" }).waitFor();
    assert.deepEqual(await place(page), there);
    assert.deepEqual(seen.errors, []);
    await close();
  });
});
